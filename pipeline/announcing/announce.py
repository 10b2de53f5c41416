"""Words for people when a batch ends. What cannot be sent is told and fails nothing."""

import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from http.client import HTTPException
from typing import Any

from pipeline.announcing.settings import AnnouncementSettings, MailSettings, WebhookSettings, load_settings
from pipeline.texts import N_, Message

__all__ = ["AnnouncementSettings", "announce", "load_settings"]

_NO_MAIL = N_("The e-mail could not be sent: {reason}")
_NO_HOOK = N_("The web hook could not be called: {reason}")


def announce(
    settings: AnnouncementSettings, subject: str, lines: Sequence[str], summary: dict[str, Any]
) -> tuple[Message, ...]:
    """Send the words of a batch to where the settings say; return what could not be sent.

    Args:
        settings: where to.
        subject: of the e-mail, one line.
        lines: of the e-mail.
        summary: JSON values for the web hook.
    """
    problems = []
    if settings.mail is not None:
        try:
            _mail(settings.mail, subject, lines)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            problems.append(Message(_NO_MAIL, {"reason": _reason(error)}))
    if settings.webhook is not None:
        try:
            _call(settings.webhook, summary)
        except (OSError, HTTPException, ValueError) as error:
            problems.append(Message(_NO_HOOK, {"reason": _reason(error)}))
    return tuple(problems)


def _mail(settings: MailSettings, subject: str, lines: Sequence[str]) -> None:
    letter = EmailMessage()
    letter["Subject"] = " ".join(subject.split())
    letter["From"] = settings.sender
    letter["To"] = ", ".join(settings.recipients)
    letter["Date"] = formatdate(localtime=True)
    letter["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2])
    letter.set_content("\n".join(lines) + "\n")
    trusted = ssl.create_default_context(cafile=settings.ca_file)
    with _server(settings, trusted) as server:
        if settings.user is not None and settings.password is not None:
            server.login(settings.user, settings.password.get_secret_value())
        server.send_message(letter)


def _server(settings: MailSettings, trusted: ssl.SSLContext) -> smtplib.SMTP:
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout_s, context=trusted)
    server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_s)
    try:
        server.starttls(context=trusted)
    except BaseException:
        server.close()
        raise
    return server


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a summary goes to the address that a person wrote down, and nowhere else."""

    def redirect_request(self, *_answer: Any, **_more: Any) -> None:
        return None


def _call(settings: WebhookSettings, summary: dict[str, Any]) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Weike"}
    if settings.token is not None:
        headers["Authorization"] = f"Bearer {settings.token.get_secret_value()}"
    data = json.dumps(summary, ensure_ascii=False).encode("utf-8", "replace")
    request = urllib.request.Request(settings.url, data, headers, method="POST")
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=settings.timeout_s) as answer:
        answer.read(1)


def _reason(error: Exception) -> str:
    """Return what went wrong; a server's answer is shortened, and no secret is in any of these."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return f"HTTP {error.code}"
    if isinstance(error, smtplib.SMTPResponseException):
        answer = (
            error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        )
        return f"SMTP {error.smtp_code} {answer[:200]}"
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return f"{type(error).__name__}: {reason}"[:300]
