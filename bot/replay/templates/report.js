"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { steps } = data;
  document.getElementById("no-script")?.remove();
  const count = new Intl.NumberFormat("en");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const charts = [];
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  // Vertical lines where thresholds stand; `marks` are pairs of a place on the axis and a colour.
  const thresholds = {
    id: "thresholds",
    afterDatasetsDraw(chart, _args, { marks }) {
      const { ctx, chartArea, scales } = chart;
      for (const [value, name] of marks?.() ?? []) {
        const x = scales.x.getPixelForValue(value);
        ctx.save();
        ctx.strokeStyle = color(name);
        ctx.lineWidth = 2;
        ctx.setLineDash([5, 4]);
        ctx.beginPath();
        ctx.moveTo(x, chartArea.top);
        ctx.lineTo(x, chartArea.bottom);
        ctx.stroke();
        ctx.restore();
      }
    },
  };

  const axis = (more = {}) => ({
    grid: { color: color("line") },
    border: { color: color("line") },
    ...more,
    ticks: { color: color("muted"), maxRotation: 0, autoSkip: true, autoSkipPadding: 18, ...more.ticks },
  });
  const powersOfTen = (value) => (Number.isInteger(Math.log10(value)) ? count.format(value) : "");
  const logarithmic = () => axis({ type: "logarithmic", min: 0.7, ticks: { callback: powersOfTen } });
  const options = (scales, plugins = {}) => ({
    animation: false,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    scales,
    plugins: { legend: { labels: { color: color("ink"), boxWidth: 14 } }, ...plugins },
  });

  function timeline(canvas) {
    const series = (label, place, name) => ({
      label, data: data.timeline.map((bar) => bar[place]), backgroundColor: color(name), maxBarThickness: 28,
    });
    return new Chart(canvas, {
      type: "bar",
      data: {
        labels: data.timeline.map((bar) => bar[0]),
        datasets: [series("hidden", 3, "hide"), series("to review", 2, "review")],
      },
      options: options(
        { x: axis({ stacked: true, grid: { display: false } }), y: axis({ stacked: true, beginAtZero: true, ticks: { precision: 0 } }) },
        { tooltip: { callbacks: { footer: ([first]) => `of ${count.format(data.timeline[first.dataIndex][1])} messages` } } },
      ),
    });
  }

  const MERGED = 2; // steps to a bar, or the bars would be thinner than a pixel on a phone
  function histogram(canvas) {
    const one = data.labels[canvas.dataset.label];
    const bars = [];
    for (let step = 0; step < steps; step += MERGED) {
      const last = step + MERGED >= steps; // scores of exactly 1 belong to the last bar
      const sum = one.histogram.slice(step, last ? undefined : step + MERGED).reduce((a, b) => a + b, 0);
      bars.push({ x: (step + MERGED / 2) / steps, y: sum, from: step / steps });
    }
    const zone = (from) => color(one.hide !== null && from >= one.hide ? "hide" : one.review !== null && from >= one.review ? "review" : "allow");
    return new Chart(canvas, {
      type: "bar",
      data: { datasets: [{ data: bars, backgroundColor: bars.map((bar) => zone(bar.from)), barPercentage: 1, categoryPercentage: 0.9 }] },
      options: options(
        { x: axis({ type: "linear", min: 0, max: 1, offset: false, grid: { display: false }, ticks: { stepSize: 0.2 } }), y: logarithmic() },
        {
          legend: { display: false },
          tooltip: { callbacks: {
            title: ([{ raw }]) => `${raw.from.toFixed(2)} to ${(raw.from + MERGED / steps).toFixed(2)}`,
            label: ({ raw }) => `${count.format(raw.y)} messages`,
          } },
          thresholds: { marks: () => [[one.review, "review"], [one.hide, "hide"]].filter(([at]) => at !== null) },
        },
      ),
      plugins: [thresholds],
    });
  }

  // How many messages lie at or above a step, where `groups` are the parts of the histogram that count.
  const from = (step, ...groups) => groups.reduce((sum, group) => sum + group.slice(step).reduce((a, b) => a + b, 0), 0);
  const form = document.getElementById("what-if");
  const slider = { review: document.getElementById("review-from"), hide: document.getElementById("hide-from") };
  const chosen = () => data.labels[form.elements.label.value];
  const hiddenFrom = (one, step) => one.hidden_elsewhere + from(0, one.rest[2]) + from(step, one.rest[0], one.rest[1]);
  const raisedFrom = (one, step) => one.hidden_elsewhere + one.review_elsewhere + from(0, one.rest[1], one.rest[2]) + from(step, one.rest[0]);
  const NEVER = steps + 1;
  const stepOf = (threshold) => (threshold === null ? NEVER : Math.round(threshold * steps));

  function curve(canvas) {
    const one = chosen();
    const places = Array.from({ length: steps }, (_, place) => place + 1);
    const line = (label, name, of) => ({
      label, data: places.map((step) => ({ x: step / steps, y: of(one, step) })), borderColor: color(name),
      backgroundColor: color(name), stepped: "after", pointRadius: 0, borderWidth: 2,
    });
    return new Chart(canvas, {
      type: "line",
      data: { datasets: [line("hidden, by where hiding starts", "hide", hiddenFrom), line("hidden or reviewed, by where review starts", "review", raisedFrom)] },
      options: options(
        { x: axis({ type: "linear", min: 0, max: 1, grid: { display: false } }), y: logarithmic() },
        {
          tooltip: { callbacks: { title: ([{ raw }]) => `threshold ${raw.x.toFixed(2)}` } },
          thresholds: { marks: () => ["review", "hide"].map((each) => [Number(slider[each].value), each]).filter(([step]) => step < NEVER).map(([step, name]) => [step / steps, name]) },
        },
      ),
      plugins: [thresholds],
    });
  }

  let drawnCurve = null;
  function tell(id, now, before) {
    const change = now - before;
    const place = document.getElementById(id);
    const small = document.createElement("small");
    small.textContent = change === 0 ? "as the policy" : `${change > 0 ? "+" : "−"}${count.format(Math.abs(change))}`;
    place.replaceChildren(count.format(now), small);
  }

  function outcome() {
    const one = chosen();
    const review = Number(slider.review.value);
    const hide = Number(slider.hide.value);
    for (const [id, step] of [["review-said", review], ["hide-said", hide]]) {
      document.getElementById(id).textContent = step === NEVER ? "never" : (step / steps).toFixed(2);
    }
    const hidden = hiddenFrom(one, hide);
    const raised = raisedFrom(one, review);
    tell("if-hidden", hidden, data.hidden);
    tell("if-review", raised - hidden, data.review);
    tell("if-allowed", data.scored - raised, data.scored - data.hidden - data.review);
    drawnCurve?.update();
  }

  function asPolicy() {
    slider.review.value = stepOf(chosen().review);
    slider.hide.value = stepOf(chosen().hide);
    outcome();
  }

  function redrawCurve() {
    drawnCurve?.destroy();
    drawnCurve = curve(document.getElementById("curve"));
  }

  function draw() {
    while (charts.length) charts.pop().destroy();
    const time = document.getElementById("timeline");
    if (time) charts.push(timeline(time));
    for (const canvas of document.querySelectorAll("canvas[data-label]")) charts.push(histogram(canvas));
    if (form) redrawCurve();
  }

  draw();
  dark.addEventListener("change", draw);
  if (!form) return;
  asPolicy();
  form.addEventListener("reset", (event) => { event.preventDefault(); asPolicy(); });
  form.addEventListener("change", (event) => {
    if (event.target.name === "label") { asPolicy(); redrawCurve(); }
  });
  form.addEventListener("input", ({ target }) => {
    // Review never starts above hiding: the one that is moved pushes the other along.
    const [review, hide] = [Number(slider.review.value), Number(slider.hide.value)];
    if (target === slider.review && review > hide) slider.hide.value = review;
    if (target === slider.hide && hide < review) slider.review.value = hide;
    if (target.type === "range") outcome();
  });
})();
