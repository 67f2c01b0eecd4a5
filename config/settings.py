"""The settings, read once from the environment and `.env`, checked, and passed on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.errors import CannotStart


def _address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    if not urlsplit(url).hostname:  # of an address that cannot be read it raises ValueError, too
        raise ValueError("names no server")
    return url.rstrip("/")


def _database(url: str) -> str:
    # Without it the text would be read as the name of a folder, and the records start empty there.
    if "://" not in url:
        raise ValueError("must be postgresql://user:password@host/name or sqlite:////path/file.db")
    return url


Engine = Literal["fast", "torch"]
Address = Annotated[str, AfterValidator(_address)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]


@dataclass(frozen=True, slots=True)
class Account:
    """The bot's account on a platform. base_url: of the platform's server."""

    token: str = field(repr=False)
    base_url: str


class Settings(BaseSettings):
    """What an operator can set. Names in capitals are those of the environment; a value that is
    empty is as good as unset."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    telegram_bot_token: SecretStr | None = None
    telegram_api_base_url: Address = "https://api.telegram.org"
    discord_bot_token: SecretStr | None = None
    discord_api_base_url: Address = "https://discord.com/api/v10"
    redis_url: str | None = None
    """Unset: an embedded server with an append-only file."""
    database_url: DatabaseUrl | None = None
    """Unset: SQLite in the data folder."""
    data_dir: Path = Field(default=Path("data"), alias="AMAN_DATA_DIR")
    """All local state."""
    kept_files_mb: Annotated[int, Field(ge=0)] = Field(default=1024, alias="AMAN_KEPT_FILES_MB")
    """Files that are kept with cases, all together; 0 keeps none."""
    detoxify_model: str = "mini"
    detoxify_config_path: Path | None = None
    scoring_engine: Engine = "fast"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0 takes a free one."""
    host: str = "127.0.0.1"
    public_url: Address | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    # Not pydantic's env_ignore_empty, which falls back to `.env`: HOST= unsets what stands there.
    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if value != ""}

    @field_validator("log_level", mode="before")
    @classmethod
    def _capitals(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @property
    def accounts(self) -> dict[str, Account]:
        """By platform, those that a token is set for; with none of them there is the playground."""
        found = {
            "telegram": (self.telegram_bot_token, self.telegram_api_base_url),
            "discord": (self.discord_bot_token, self.discord_api_base_url),
        }
        return {
            platform: Account(token.get_secret_value(), base_url)
            for platform, (token, base_url) in found.items()
            if token
        }

    @property
    def secrets(self) -> list[str]:
        """What must never be printed."""
        return [account.token for account in self.accounts.values()]

    def make_data_dir(self) -> Path:
        """The data folder, made where it is missing. Raises CannotStart."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise CannotStart(
                f"AMAN_DATA_DIR: {self.data_dir} cannot be made or is no folder ({exc.strerror}); "
                "name one that the bot may write in"
            ) from exc
        return self.data_dir

    @property
    def database(self) -> str:
        """Where the records are: DATABASE_URL, or the data folder."""
        return self.database_url or str(self.data_dir)


def read_settings() -> Settings:
    """Read the settings. Raises CannotStart with a line for each value that cannot be."""
    try:
        return Settings()
    except UnicodeDecodeError as exc:
        raise CannotStart(".env: is in another encoding; save it as UTF-8") from exc
    except ValidationError as exc:
        faults = map(_fault, exc.errors(include_url=False, include_input=False))
        raise CannotStart("; ".join(faults)) from exc


def _fault(error: ErrorDetails) -> str:
    name = ".".join(map(str, error["loc"])).upper()
    return f"{name}: {error['msg'].removeprefix('Value error, ')}"
