"""Settings and policy files: what cannot be is refused with the name and what to mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import CannotStart, InvalidPolicy
from bot.domain.policy import Mode
from bot.domain.scores import Label
from config.phrases import LocalePhrases
from config.policies import PRESETS, dump, load, parse, preset
from config.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def _no_environment_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # no .env
    for name in ("AMAN_DATA_DIR", "PORT", "HOST", "DETOXIFY_MODEL", "REDIS_URL", "LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)


def test_every_setting_has_a_default_that_works() -> None:
    settings = read_settings()
    assert (settings.host, settings.port, settings.detoxify_model) == ("127.0.0.1", 8080, "mini")
    assert settings.database == "data"


def test_an_empty_value_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    unset = read_settings()
    for name, field in Settings.model_fields.items():
        monkeypatch.setenv((field.alias or name).upper(), "")
    assert read_settings() == unset


def test_an_empty_value_unsets_what_the_env_file_says(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("HOST=0.0.0.0\nPORT=\n")
    assert (read_settings().host, read_settings().port) == ("0.0.0.0", 8080)
    monkeypatch.setenv("HOST", "")
    assert read_settings().host == "127.0.0.1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("LOG_FORMAT", "xml"),
        ("SCORING_ENGINE", "magic"),
        ("PUBLIC_URL", "aman.example"),
        ("PUBLIC_URL", "https://"),
        ("TELEGRAM_API_BASE_URL", "http:///bot"),
        ("DISCORD_API_BASE_URL", "https://[::1"),
        ("TELEGRAM_API_BASE_URL", "localhost:8081"),
        ("AMAN_KEPT_FILES_MB", "-1"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "localhost:5432/aman"),
        ("DATABASE_URL", "postgresql:/oops"),
    ],
)
def test_a_setting_that_cannot_be_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(CannotStart, match=name):
        read_settings()


def test_a_token_never_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_BOT_TOKEN", "canary-token")
    settings = read_settings()
    assert "canary-token" not in repr(settings)
    assert settings.secrets == ["canary-token"]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_reads_and_says_what_it_is(name: str) -> None:
    policy = preset(name)
    assert policy.name == name
    assert policy.mode is (Mode.OBSERVE if name == "observe" else Mode.ACT)
    assert set(policy.thresholds) == set(Label)


def test_presets_grow_stricter() -> None:
    lenient, balanced, strict = (preset(name) for name in ("lenient", "balanced", "strict"))
    for label in Label:
        reviews = [each.thresholds[label].review for each in (strict, balanced, lenient)]
        hides = [each.thresholds[label].hide for each in (strict, balanced, lenient)]
        assert reviews == sorted(reviews)
        assert hides == sorted(hides)


@pytest.mark.parametrize("name", PRESETS)
def test_an_exported_policy_reads_back_the_same(name: str) -> None:
    assert parse(dump(preset(name)), name) == preset(name)


def test_lists_and_exemptions_survive_a_round_trip() -> None:
    text = dump(preset("strict")) + "\n".join(
        ["", "[[deny]]", 'text = "x.y"', "pattern = true", "hide = true", ""]
    )
    text = text.replace("deny = []\n", "")
    policy = parse(text, "ours.toml")
    assert policy.deny[0].hide
    assert parse(dump(policy), "again") == policy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "not TOML"),
        ('name = "x"', "mode"),
        ('name = "x"\nmode = "sometimes"\n[thresholds]', "mode"),
        ('name = "x"\nmode = "act"\n[thresholds]\nrudeness = {review=0.1,hide=0.2}', "rudeness"),
        ('name = "x"\nmode = "act"\n[thresholds]\ntoxicity = {review=0.9,hide=0.2}', "toxicity"),
        ('name = "x"\nmode = "act"\n[thresholds]\ntoxicity = {review=nan,hide=nan}', "toxicity"),
        ('name = "x"\nmode = "act"\ncolour = 1\n[thresholds]', "colour"),
        ('name = "x"\nmode = "act"\nmute_hours = -1\n[thresholds]', "mute_hours"),
        ('name = "x"\nmode = "act"\n[thresholds]', "no rule"),
        ('name = "x"\nmode = "act"\n[[deny]]\ntext = "("\npattern = true\n[thresholds]', "term"),
    ],
)
def test_a_policy_file_that_cannot_be_is_refused_by_file_and_key(text: str, said: str) -> None:
    with pytest.raises(InvalidPolicy, match=r"ours\.toml") as refused:
        parse(text, "ours.toml")
    assert said in str(refused.value)


def test_a_name_that_is_neither_preset_nor_file_is_told_the_presets(tmp_path: Path) -> None:
    with pytest.raises(InvalidPolicy, match="balanced"):
        load("blanced")
    binary = tmp_path / "p.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidPolicy):
        load(str(binary))


def test_a_sentence_is_said_even_where_a_field_or_the_key_is_missing() -> None:
    phrases = LocalePhrases()
    assert "Noor" in phrases.say("press.held", who="Noor")
    assert phrases.say("press.held")
    assert phrases.say("no.such_key") == "no.such_key"
