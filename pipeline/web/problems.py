"""Reasons to stop as answers: a page for a person, JSON for a program; never a trace."""

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from pipeline import errors
from pipeline.errors import WeikeError
from pipeline.texts import Message
from pipeline.web.pages import render

_STATUS: dict[type[WeikeError], int] = {
    errors.WebRefusedError: 403,
    errors.WebLoginNeededError: 401,
    errors.WebLoginWrongError: 403,
    errors.WebTooOftenError: 429,
    errors.WebNotFoundError: 404,
    errors.WebFormError: 422,
    errors.WebNotNowError: 409,
    errors.WebBrokenError: 500,
    errors.WebStaleError: 409,
    errors.WebNoReviewError: 409,
    errors.UploadGoneError: 404,
    errors.UploadRefusedError: 413,
    errors.DiskFullError: 507,
}


def answer(request: Request, error: WeikeError) -> Response:
    """Return the answer to a request that cannot be met; of paths on this machine it says the last name alone."""
    status = _STATUS.get(type(error), 422)
    values = {**error.values, "path": error.path.name} if error.path else error.values
    said, advice = Message(error.what, values).show(), Message(error.remedy, values).show() if error.remedy else ""
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(render("problem.html.j2", request, id=error.id, said=said, advice=advice), status)
    return JSONResponse({"id": error.id, "message": said, "advice": advice}, status)
