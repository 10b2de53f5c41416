"""Who may ask what: every request passes here first.

``Host`` must name this machine (against DNS rebinding), ``Origin`` must be our own wherever something changes (against
pages of others), a session is needed where tokens are asked for, and nobody may ask without end. Every answer carries
the headers that keep scripts of others out.
"""

import time
import traceback
from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.errors import WebBrokenError, WebLoginNeededError, WebRefusedError, WebTooOftenError, WeikeError
from pipeline.texts import language, speaking
from pipeline.web.problems import answer
from pipeline.web.settings import LOCAL_OWNER, allowed_hosts
from pipeline.web.workplace import Desk

SESSION, LANGUAGE = "weike_session", "weike_lang"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN = ("/login", "/assets/", "/language")
"""Paths that need no session."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_CHANGES_A_MINUTE, _LOGINS_A_MINUTE = 600, 10
_CLIENTS_MAX = 10_000


class Guard:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        """Guard ``app``."""
        self._app, self._desk = app, desk
        self._hosts = allowed_hosts(desk.settings)
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        cookies = _cookies(request)
        with speaking(_language(request, cookies)):
            refusal = self._refusal(request, cookies)
            await self._answer(refusal or self._app, request, _with_headers(send))

    async def _answer(self, app: ASGIApp, request: Request, send: Send) -> None:
        """Let the application answer; a fault of ours that it did not begin to answer is told in words."""
        has_begun = False

        async def told(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await app(request.scope, request.receive, told)
        except Exception:
            if has_begun:
                raise
            traceback.print_exc()
            await answer(request, WebBrokenError())(request.scope, request.receive, send)

    def _refusal(self, request: Request, cookies: dict[str, str]) -> Response | None:
        try:
            self._require_ours(request)
            self._require_patience(request)
            request.state.owner = self._owner(cookies)
            if request.state.owner is None and not request.url.path.startswith(_OPEN):
                raise WebLoginNeededError
        except WebLoginNeededError as error:
            is_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
            path = quote(request.url.path)
            return RedirectResponse(f"/login?next={path}", 303) if is_page else answer(request, error)
        except WeikeError as error:
            return answer(request, error)
        return None

    def _require_ours(self, request: Request) -> None:
        """Refuse what names another host, or what another page wants to change."""
        host = request.headers.get("host", "").lower()
        if host not in self._hosts:
            raise WebRefusedError(host=host[:100])
        if request.method in _SAFE:
            return
        scheme, _colon, rest = request.headers.get("origin", "").lower().partition("://")
        if scheme not in {"http", "https"} or rest not in {host, host.removesuffix(":443")}:
            raise WebRefusedError(host=(rest or "–")[:100])

    def _require_patience(self, request: Request) -> None:
        if request.method in _SAFE:
            return
        is_login = request.url.path == "/login"
        a_minute = _LOGINS_A_MINUTE if is_login else _CHANGES_A_MINUTE
        client = request.client.host if request.client else ""
        key, now = (client, "login" if is_login else "change"), time.monotonic()
        left, seen = self._buckets.pop(key, (float(a_minute), now))
        left = min(float(a_minute), left + (now - seen) * a_minute / 60)
        self._buckets[key] = (max(0.0, left - 1), now)
        while len(self._buckets) > _CLIENTS_MAX:
            self._buckets.popitem(last=False)
        if left < 1:
            raise WebTooOftenError

    def _owner(self, cookies: dict[str, str]) -> str | None:
        if not self._desk.settings.tokens:
            return LOCAL_OWNER
        secret = cookies.get(SESSION, "")
        return self._desk.shelf.session(secret) if secret else None


def _with_headers(send: Send) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", POLICY)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return told


def _cookies(request: Request) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(request.headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _language(request: Request, cookies: dict[str, str]) -> str:
    """Return the language of a page: chosen there, of the browser, of the server."""
    chosen = cookies.get(LANGUAGE)
    if chosen in {"zh_CN", "en"}:
        return chosen
    for part in request.headers.get("accept-language", "").split(","):
        wish = part.split(";")[0].strip().lower()
        if wish.startswith(("zh", "en")):
            return "en" if wish.startswith("en") else "zh_CN"
    return language()
