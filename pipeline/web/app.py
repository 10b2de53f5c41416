"""The application: the rooms put together, and the server that runs it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from pipeline.errors import WebFormError, WebNotFoundError, WebPortError, WeikeError
from pipeline.texts import _
from pipeline.web import entrance, lectures, tus
from pipeline.web.guard import Guard
from pipeline.web.problems import answer
from pipeline.web.review import pages as review
from pipeline.web.season import pages as season
from pipeline.web.settings import ServeSettings, require_safe
from pipeline.web.work.preparing import Preparer
from pipeline.web.work.runner import Runner
from pipeline.web.work.shelf import Shelf
from pipeline.web.work.uploads import Uploads
from pipeline.web.workplace import Desk


def create_app(settings: ServeSettings) -> FastAPI:
    """Return the application that serves a folder.

    Raises:
        WebTokenError: it would be open to strangers.
    """
    require_safe(settings)
    settings.root.mkdir(parents=True, exist_ok=True)
    shelf = Shelf(settings.state / "shelf.sqlite")
    preparer = Preparer(settings, shelf)
    desk = Desk(settings, shelf, Uploads(settings), Runner(settings, shelf, preparer.want), preparer)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        shelf.take_up()
        desk.uploads.sweep(shelf.used_uploads())
        desk.runner.start()
        desk.preparer.start()
        try:
            yield
        finally:
            desk.runner.stop()
            desk.preparer.stop()

    app = FastAPI(title="Weike", docs_url=None, redoc_url=None, lifespan=life)
    app.state.desk = desk
    for room in (entrance, tus, lectures, review, season):
        app.include_router(room.router)
    app.add_exception_handler(WeikeError, _told)
    app.add_exception_handler(HTTPException, _not_there)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_middleware(Guard, desk=desk)
    return app


def serve(settings: ServeSettings) -> None:
    """Serve until a person stops it.

    Raises:
        WebTokenError: it would be open to strangers.
        WebPortError: somebody else serves there.
    """
    app = create_app(settings)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((settings.host, settings.port))
        except OSError as error:
            raise WebPortError(host=settings.host, port=settings.port, reason=error.strerror or str(error)) from None
        config = uvicorn.Config(app, log_level="warning", server_header=False, proxy_headers=False,
                                timeout_graceful_shutdown=5)  # fmt: skip
        uvicorn.Server(config).run(sockets=[door])


async def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, WeikeError)
    return answer(request, error)


async def _not_there(request: Request, error: Exception) -> Response:
    response = answer(request, WebNotFoundError())
    response.status_code = getattr(error, "status_code", 404)
    return response


async def _not_understood(request: Request, _error: Exception) -> Response:
    return answer(request, WebFormError(reason=_("it cannot be read")))
