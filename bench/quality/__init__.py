"""How well a model judges: `python -m bench.quality --model NAME`."""
