"""The way in: logging in with a token, the choice of language, and the files beside the pages."""

import hmac

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from pipeline.errors import NoFontError, WebLoginWrongError, WebNotFoundError
from pipeline.web.bodies import form, form_of
from pipeline.web.guard import LANGUAGE, SESSION
from pipeline.web.pages import assets, render
from pipeline.web.settings import owner_of
from pipeline.web.workplace import desk_of

_FOREVER = "public, max-age=31536000, immutable"
_YEAR_S = 365 * 24 * 3600
router = APIRouter()


@router.get("/login", response_class=HTMLResponse)
async def login_page(request: Request) -> str:
    """Ask for the token."""
    return render("login.html.j2", request, next=local_path(request.query_params.get("next", "/")))


@router.post("/login", openapi_extra=form("token", "next"))
async def login(request: Request) -> Response:
    """Open a session for whoever knows a token."""
    desk, fields = desk_of(request), await form_of(request)
    given = fields.get("token", "").encode()
    known = [token for token in desk.settings.tokens if hmac.compare_digest(token.encode(), given)]
    if not known:
        raise WebLoginWrongError
    response = RedirectResponse(local_path(fields.get("next", "/")), 303)
    secret = desk.shelf.open_session(owner_of(known[0]))
    is_secure = request.headers.get("origin", "").startswith("https:")
    response.set_cookie(SESSION, secret, max_age=30 * 24 * 3600, httponly=True, samesite="strict", secure=is_secure)
    return response


@router.post("/logout")
async def logout(request: Request) -> Response:
    """End the session."""
    desk_of(request).shelf.close_session(request.cookies.get(SESSION, ""))
    response = RedirectResponse("/login", 303)
    response.delete_cookie(SESSION)
    return response


@router.post("/language", openapi_extra=form("language", "next"))
async def choose_language(request: Request) -> Response:
    """Keep a choice of language in the browser."""
    fields = await form_of(request)
    response = RedirectResponse(local_path(fields.get("next", "/")), 303)
    name = "en" if fields.get("language") == "en" else "zh_CN"
    response.set_cookie(LANGUAGE, name, max_age=_YEAR_S, httponly=True, samesite="strict")
    return response


@router.get("/assets/font")
def font() -> Response:
    """Return the font of pages and subtitles."""
    from pipeline.media.rendering.fonts import find_font

    try:
        path = find_font("Noto Sans SC Medium").path
    except NoFontError:
        raise WebNotFoundError from None
    return FileResponse(path, headers={"Cache-Control": _FOREVER})


@router.get("/assets/{name}")
async def asset(name: str) -> Response:
    """Return a file beside the pages."""
    found = assets().get(name)
    if found is None:
        raise WebNotFoundError
    return Response(found[0], media_type=found[1], headers={"Cache-Control": _FOREVER})


def local_path(path: str) -> str:
    """Return where to go next: a path of ours, whatever was asked."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours else "/"
