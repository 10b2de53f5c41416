"""A lecturer's pages: what is wanted, how far it is, what became of it."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from pipeline.errors import WebFormError
from pipeline.output import safe_name
from pipeline.presets import load_preset, preset_ids
from pipeline.texts import _, language
from pipeline.web.bodies import form, form_of
from pipeline.web.giving import give
from pipeline.web.pages import has_scripts, render
from pipeline.web.work.browsing import chosen, recordings
from pipeline.web.work.progressing import Progress
from pipeline.web.work.results import result_of
from pipeline.web.work.runner import outcome_of
from pipeline.web.work.seasons import season_id
from pipeline.web.work.shelf import Lecture, Wish
from pipeline.web.work.worker import EVENTS, folder_of
from pipeline.web.workplace import Desk, desk_of, lecture_of_request, owner_of_request

_FIELD_MAX = 200
_FIELDS = ("upload", "picked", "script", "preset", "title", "speaker", "unit")
_LOOK_S, _BEAT_S = 1.0, 15.0
"""How often a page is told news, and at least that it is still heard."""
router = APIRouter()


@router.get("/", response_class=HTMLResponse)
def home(request: Request) -> str:
    """Show the form and what was made so far."""
    desk, owner = desk_of(request), owner_of_request(request)
    presets = [(name, _title(load_preset(name).title)) for name in preset_ids()]
    return render(
        "home.html.j2",
        request,
        presets=presets,
        found=recordings(desk.settings),
        made=[(lecture, _seen(desk, lecture)) for lecture in desk.shelf.of(owner)],
        has_scripts=has_scripts(),
        has_login=bool(desk.settings.tokens),
        most_gb=f"{desk.settings.upload_max_bytes / 1e9:g}",
    )


@router.post("/lectures", openapi_extra=form(*_FIELDS))
async def begin(request: Request) -> Response:
    """Put a lecture on the shelf."""
    desk, owner, fields = desk_of(request), owner_of_request(request), await form_of(request)
    wish = await asyncio.to_thread(_wish, desk, owner, fields)
    lecture = await asyncio.to_thread(desk.shelf.put, owner, wish)
    desk.runner.call()
    return RedirectResponse(f"/lectures/{lecture}", 303)


@router.get("/lectures/{lecture_id}", response_class=HTMLResponse)
def show(request: Request, lecture_id: str) -> str:
    """Show one lecture."""
    desk = desk_of(request)
    lecture = lecture_of_request(request, lecture_id)
    progress = Progress(desk.settings.work(lecture.id) / EVENTS)
    progress.read()
    values = _values(desk, lecture, progress)
    season = season_id(lecture.wish.season) if lecture.wish.season else ""
    return render("lecture.html.j2", request, has_login=bool(desk.settings.tokens), season=season, **values)


@router.get("/lectures/{lecture_id}/events")
async def events(request: Request, lecture_id: str) -> Response:
    """Tell how a lecture goes, as server-sent events, until it is over."""
    lecture = lecture_of_request(request, lecture_id)
    return StreamingResponse(_news(request, lecture.id), media_type="text/event-stream")


@router.post("/lectures/{lecture_id}/cancel")
def cancel(request: Request, lecture_id: str) -> Response:
    """Stop a lecture."""
    lecture = lecture_of_request(request, lecture_id)
    desk_of(request).shelf.cancel(lecture.id)
    return RedirectResponse(f"/lectures/{lecture.id}", 303)


@router.post("/lectures/{lecture_id}/again")
def again(request: Request, lecture_id: str) -> Response:
    """Try a lecture once more; what is finished of it is not done again."""
    lecture, desk = lecture_of_request(request, lecture_id), desk_of(request)
    desk.shelf.again(lecture.id)
    desk.runner.call()
    return RedirectResponse(f"/lectures/{lecture.id}", 303)


@router.post("/lectures/{lecture_id}/delete")
def delete(request: Request, lecture_id: str) -> Response:
    """Remove a lecture that is over, with its upload and its files."""
    lecture, desk = lecture_of_request(request, lecture_id), desk_of(request)
    if not lecture.is_over:
        raise WebFormError(reason=_("the lecture is still being worked on"))
    desk.shelf.forget(lecture.id)
    for upload in set(lecture.wish.uploads) - desk.shelf.used_uploads():
        desk.uploads.drop(upload)
    for folder in (desk.settings.lectures / lecture.id, desk.settings.work(lecture.id)):
        shutil.rmtree(folder, ignore_errors=True)
    return RedirectResponse("/", 303)


@router.get("/lectures/{lecture_id}/files/{name}")
def file(request: Request, lecture_id: str, name: str, show: bool = False) -> Response:
    """Return one of a lecture's files, to keep or to look at."""
    lecture, desk = lecture_of_request(request, lecture_id), desk_of(request)
    return give(folder_of(desk.settings, lecture), name, show=show)


def _wish(desk: Desk, owner: str, fields: dict[str, str]) -> Wish:
    """Return what a form asks for.

    Raises:
        WebFormError: something is missing or too much.
        UploadGoneError: an upload that it names is not there.
    """
    if desk.shelf.waiting(owner) >= desk.settings.waiting_max:
        raise WebFormError(reason=_("too many lectures wait already"))
    if any(len(value) > _FIELD_MAX for value in fields.values()):
        raise WebFormError(reason=_("a field is too long"))
    preset = fields.get("preset", "")
    if preset not in preset_ids():
        raise WebFormError(reason=_("the preset is none of those that are offered"))
    uploads = []
    if fields.get("upload"):
        raw, name = _arrived(desk, owner, fields["upload"]), fields["upload"]
        uploads.append(name)
    elif fields.get("picked"):
        raw = chosen(desk.settings, fields["picked"])
    else:
        raise WebFormError(reason=_("no recording was given"))
    script = ""
    if fields.get("script"):
        script = str(_arrived(desk, owner, fields["script"]))
        uploads.append(fields["script"])
    title = fields.get("title", "")
    name = safe_name(title) if title else safe_name(raw.stem)
    told = (fields.get("speaker", ""), fields.get("unit", ""))
    return Wish(str(raw), name, preset, script, title, *told, uploads=tuple(uploads))


def _arrived(desk: Desk, owner: str, upload_id: str) -> Path:
    upload = desk.uploads.find(upload_id, owner)
    if desk.uploads.offset(upload) != upload.length:
        raise WebFormError(reason=_("the upload has not arrived whole"))
    return desk.uploads.path(upload)


async def _news(request: Request, lecture_id: str) -> AsyncIterator[str]:
    desk = desk_of(request)
    progress = Progress(desk.settings.work(lecture_id) / EVENTS)
    last, quiet_s = "", 0.0
    while True:
        lecture = desk.shelf.find(lecture_id)
        if lecture is None:
            return
        progress.read()
        shown = render("state.html.j2", request, **_values(desk, lecture, progress))
        if shown != last:
            last, quiet_s = shown, 0.0
            yield "event: state\n" + "".join(f"data: {line}\n" for line in shown.splitlines()) + "\n"
        elif quiet_s >= _BEAT_S:
            quiet_s = 0.0
            yield ": still here\n\n"
        if lecture.is_over:
            yield "event: end\ndata: end\n\n"
            return
        quiet_s += _LOOK_S
        await asyncio.sleep(_LOOK_S)


def _values(desk: Desk, lecture: Lecture, progress: Progress) -> dict[str, Any]:
    """Return what the state of a lecture is shown from."""
    outcome = outcome_of(desk.settings, lecture.id)
    failed = outcome if lecture.state == "failed" else {}
    return {
        "lecture": lecture,
        "progress": progress,
        "ahead": desk.shelf.before(lecture) if lecture.state == "waiting" else 0,
        "result": result_of(folder_of(desk.settings, lecture)) if lecture.state == "done" else None,
        "failure": {key: _own(failed.get(key)) for key in ("message", "advice")} | {"id": failed.get("id", "")},
        "left": _left(progress.left_s),
        "has_review": bool(lecture.wish.subtitles),
    }


def _seen(desk: Desk, lecture: Lecture) -> str:
    """Return the state of a lecture in a word that the list shows."""
    if lecture.state != "done":
        return lecture.state
    result = result_of(folder_of(desk.settings, lecture))
    return "gone" if result is None else "compliant" if result.is_compliant else "noncompliant"


def _left(seconds: int | None) -> str:
    if seconds is None:
        return ""
    minutes = round(seconds / 60)
    return _("about {minutes} min left").format(minutes=minutes) if minutes else _("less than a minute left")


def _title(title: Any) -> str:
    return str(title.en if language() == "en" else title.zh_CN)


def _own(texts: object) -> str:
    return str(texts.get(language(), "")) if isinstance(texts, dict) else ""
