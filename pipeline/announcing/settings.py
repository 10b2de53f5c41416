"""Where words at the end of a batch go: an e-mail over TLS, a web hook. Passwords stay out of every text.

The settings are a TOML file; passwords may stand in it or, better, in the environment: ``WEIKE_SMTP_PASSWORD`` and
``WEIKE_WEBHOOK_TOKEN``.
"""

import os
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from pipeline.errors import AnnouncementSettingsError

SETTINGS, PASSWORD, TOKEN = "WEIKE_NOTIFY", "WEIKE_SMTP_PASSWORD", "WEIKE_WEBHOOK_TOKEN"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class MailSettings(_Table):
    """An SMTP server and who is written to."""

    host: str
    port: int = Field(default=465, ge=1, le=65535)
    security: Literal["tls", "starttls"] = "tls"
    """TLS from the first byte, or after STARTTLS; never without."""
    user: str | None = None
    password: SecretStr | None = None
    sender: str
    recipients: list[str] = Field(min_length=1)
    ca_file: Path | None = None
    """Certificates to trust instead of the system's, for a server of one's own."""
    timeout_s: float = Field(default=20.0, gt=0, le=300)

    @field_validator("sender", "recipients")
    @classmethod
    def _addresses(cls, value: str | list[str]) -> str | list[str]:
        for address in [value] if isinstance(value, str) else value:
            if "@" not in address or any(c in address for c in "\r\n"):
                raise ValueError(f"{address!r} is no address")
        return value


class WebhookSettings(_Table):
    """An address that is sent the summary as JSON."""

    url: str
    token: SecretStr | None = None
    """Sent as ``Authorization: Bearer …``."""
    timeout_s: float = Field(default=20.0, gt=0, le=300)

    @field_validator("url")
    @classmethod
    def _web(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or any(c.isspace() for c in value):
            raise ValueError("only http:// and https:// addresses")
        return value


class AnnouncementSettings(_Table):
    """Where words go; nothing goes where nothing is set."""

    mail: MailSettings | None = None
    webhook: WebhookSettings | None = None


def load_settings(path: Path | None) -> AnnouncementSettings:
    """Return the settings in ``path``, or in the file that ``WEIKE_NOTIFY`` names; without either, nothing is sent.

    Raises:
        AnnouncementSettingsError: the file does not hold what it must.
    """
    named = path or (Path(os.environ[SETTINGS]) if os.environ.get(SETTINGS) else None)
    if named is None:
        return AnnouncementSettings()
    try:
        data: dict[str, Any] = tomllib.loads(named.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AnnouncementSettingsError(named, problem=str(error)) from None
    for table, key, variable in (("mail", "password", PASSWORD), ("webhook", "token", TOKEN)):
        if isinstance(data.get(table), dict) and os.environ.get(variable):
            data[table].setdefault(key, os.environ[variable])
    try:
        return AnnouncementSettings.model_validate(data)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_context=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise AnnouncementSettingsError(named, problem=f"{where}: {problem['msg']}") from None
