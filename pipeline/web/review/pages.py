"""The reviewer's desk: a lecture's subtitles beside its picture and its sound, corrected and burned in again."""

import asyncio
import secrets
import threading
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from pipeline.errors import WebFormError, WebNoReviewError, WebNotFoundError
from pipeline.presets import Preset, load_preset
from pipeline.records import Cue
from pipeline.store import Store, put_in_place
from pipeline.texts import _
from pipeline.web.bodies import body_of, takes
from pipeline.web.guard import POLICY
from pipeline.web.pages import has_scripts, render
from pipeline.web.review.comparing import heard_pieces, script_pieces
from pipeline.web.review.drafts import Draft, Drafts, person_cue
from pipeline.web.review.judging import Remark, remarks_on
from pipeline.web.review.words import review_keys, review_words
from pipeline.web.work.material import PEAKS, PICTURE, Material, find_material
from pipeline.web.work.preparing import PEAKS_A_SECOND
from pipeline.web.work.shelf import Lecture
from pipeline.web.work.worker import folder_of
from pipeline.web.workplace import Desk, desk_of, lecture_of_request

_TEXT_MAX, _CUES_MAX = 500, 20_000
_DAY_MS = 24 * 3600 * 1000
_FOREVER = "private, max-age=31536000, immutable"
_painting = threading.Semaphore(2)
"""So many pictures of cues are drawn at the same time at most."""
router = APIRouter(prefix="/lectures/{lecture_id}/review")


class WrittenCue(BaseModel):
    """A cue as the page sends it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    id: str = Field(min_length=1, max_length=24)
    start_ms: int = Field(ge=0, le=_DAY_MS)
    end_ms: int = Field(ge=0, le=_DAY_MS)
    text: str = Field(max_length=_TEXT_MAX)
    is_checked: bool = False


class Written(BaseModel):
    """All cues as the page has them, and the version that they follow."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    version: int = Field(ge=0)
    cues: tuple[WrittenCue, ...] = Field(max_length=_CUES_MAX)


class Asked(BaseModel):
    """The version that shall be burned in."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    version: int = Field(ge=0)


@router.get("", response_class=HTMLResponse)
def show(request: Request, lecture_id: str) -> Response:
    """Show the desk; until it is known what was said, a page that looks again by itself."""
    desk, lecture = desk_of(request), lecture_of_request(request, lecture_id)
    is_there = _prepare(desk, lecture)
    material = _found(desk, lecture)
    if material is None:
        if not is_there or desk.preparer.has_failed(lecture.id):
            raise WebNoReviewError
        return HTMLResponse(render("review_wait.html.j2", request, lecture=lecture, **_usual(desk)))
    nonce = secrets.token_urlsafe(16)
    preset = load_preset(lecture.wish.preset)
    page = render(
        "review.html.j2",
        request,
        lecture=lecture,
        nonce=nonce,
        settings=_settings(lecture, material, preset),
        has_scripts=has_scripts(),
        is_burned=preset.captions.burn,
        words=review_words(),
        keys=review_keys(),
        **_usual(desk),
    )
    policy = POLICY.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


@router.get("/cues")
def cues(request: Request, lecture_id: str) -> Response:
    """Return the newest version of the cues."""
    desk, lecture = desk_of(request), lecture_of_request(request, lecture_id)
    draft = _drafts(desk, lecture).latest(_required(desk, lecture).sheet.cues)
    told = [
        {"id": name, "start_ms": cue.start_ms, "end_ms": cue.end_ms, "text": cue.text, "is_checked": n in draft.checked}
        for n, (name, cue) in enumerate(zip(_names(draft), draft.cues, strict=True))
    ]
    return JSONResponse({"version": draft.version, "cues": told})


@router.get("/remarks")
def remarks(request: Request, lecture_id: str) -> Response:
    """Return what a person should know about each cue of the newest version, under the names that ``cues`` gives."""
    desk, lecture = desk_of(request), lecture_of_request(request, lecture_id)
    material = _required(desk, lecture)
    draft = _drafts(desk, lecture).latest(material.sheet.cues)
    return JSONResponse({"version": draft.version, "remarks": _remarks(draft.cues, _names(draft), material, lecture)})


@router.put("/cues", openapi_extra=takes(Written))
async def keep(request: Request, lecture_id: str) -> Response:
    """Keep the cues as the next version; the answer comes when they are on the disk."""
    lecture = lecture_of_request(request, lecture_id)
    written = await body_of(request, Written)
    return JSONResponse(await asyncio.to_thread(_kept, desk_of(request), lecture, written))


@router.get("/words")
def words(request: Request, lecture_id: str) -> Response:
    """Return what was recognised and what the script has, piece by piece."""
    material = _required(desk_of(request), lecture_of_request(request, lecture_id))
    return JSONResponse({"heard": heard_pieces(material), "script": script_pieces(material)})


@router.get("/peaks")
def peaks(request: Request, lecture_id: str) -> Response:
    """Return how loud the sound is, a byte for each fiftieth of a second."""
    return _prepared(request, lecture_id, PEAKS, "application/octet-stream")


@router.get("/picture")
def picture(request: Request, lecture_id: str) -> Response:
    """Return the picture without subtitles, small, with its sound; any range of it."""
    return _prepared(request, lecture_id, PICTURE, "video/mp4")


@router.get("/painted")
def painted(request: Request, lecture_id: str, text: str = "") -> Response:
    """Return a text as it will be burned, drawn by what burns it."""
    from pipeline.stages.painting import paint

    lecture = lecture_of_request(request, lecture_id)
    cue = person_cue(0, 1, text[: _TEXT_MAX + 1])
    if cue is None or len(text) > _TEXT_MAX:
        raise WebFormError(reason=_("there is no text, or too much of it"))
    with _painting:
        path = paint(cue.text, load_preset(lecture.wish.preset).captions, Store(desk_of(request).settings.cache))
    return FileResponse(path, media_type="image/png", headers={"Cache-Control": _FOREVER})


@router.post("/burn", status_code=202, openapi_extra=takes(Asked))
async def burn(request: Request, lecture_id: str) -> Response:
    """Have a version burned in: as ``weike burn`` does it, in the lecture's own process, in its turn."""
    lecture = lecture_of_request(request, lecture_id)
    asked = await body_of(request, Asked)
    await asyncio.to_thread(_burned, desk_of(request), lecture, asked.version)
    return Response(status_code=202)


def _kept(desk: Desk, lecture: Lecture, written: Written) -> dict[str, Any]:
    """Return what the page is told of cues that are kept now."""
    material = _required(desk, lecture)
    pairs = [(sent, person_cue(sent.start_ms, sent.end_ms, sent.text)) for sent in written.cues]
    held = sorted(((s, cue) for s, cue in pairs if cue is not None), key=lambda pair: pair[0].start_ms)
    names = [sent.id for sent, _cue in held]
    if len(set(names)) != len(names):
        raise WebFormError(reason=_("two subtitles have the same name"))
    checked = frozenset(place for place, (sent, _cue) in enumerate(held) if sent.is_checked)
    draft = _drafts(desk, lecture).put(written.version, [cue for _sent, cue in held], checked)
    texts = {s.id: cue.text for (s, _cue), cue in zip(held, draft.cues, strict=True) if cue.text != s.text}
    return {"version": draft.version, "texts": texts, "remarks": _remarks(draft.cues, names, material, lecture)}


def _burned(desk: Desk, lecture: Lecture, version: int) -> None:
    from pipeline.captions.srt import write_srt

    material, drafts = _required(desk, lecture), _drafts(desk, lecture)
    draft: Draft = drafts.latest(material.sheet.cues)
    if draft.version != version:
        raise WebFormError(reason=_("these are not the newest subtitles; load the page again"))
    if not draft.cues:
        raise WebFormError(reason=_("there is no subtitle at all"))
    if desk.shelf.waiting(lecture.owner) >= desk.settings.waiting_max:
        raise WebFormError(reason=_("too many lectures wait already"))
    folder = desk.settings.review(lecture.id) / "burn"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{lecture.wish.name}.srt"
    temporary = folder / ".part"
    write_srt(draft.cues, temporary)
    put_in_place(temporary, path)
    if not desk.shelf.burn(lecture.id, path):
        raise WebFormError(reason=_("the lecture is still being worked on"))
    desk.runner.call()


def _prepare(desk: Desk, lecture: Lecture) -> bool:
    """Have prepared what a delivered lecture lacks; tell whether it is one that can be reviewed."""
    is_delivered = folder_of(desk.settings, lecture).is_dir() and not lecture.wish.season
    if is_delivered and (lecture.is_over or lecture.wish.subtitles):
        desk.preparer.want(lecture.id)
    return is_delivered


def _found(desk: Desk, lecture: Lecture) -> Material | None:
    """Return what is known of a lecture whose first making is over."""
    is_begun = lecture.is_over or bool(lecture.wish.subtitles)
    return find_material(desk.settings.review(lecture.id)) if is_begun else None


def _required(desk: Desk, lecture: Lecture) -> Material:
    found = _found(desk, lecture)
    if found is None:
        raise WebNoReviewError
    return found


def _drafts(desk: Desk, lecture: Lecture) -> Drafts:
    return Drafts(desk.settings.review(lecture.id) / "versions")


def _names(draft: Draft) -> list[str]:
    return [f"c{number}" for number in range(len(draft.cues))]


def _remarks(
    cues: Sequence[Cue], names: Sequence[str], material: Material, lecture: Lecture
) -> dict[str, list[dict[str, str]]]:
    found = remarks_on(cues, material, load_preset(lecture.wish.preset).captions)
    return {name: [_said(remark) for remark in remarks] for name, remarks in zip(names, found, strict=True) if remarks}


def _said(remark: Remark) -> dict[str, str]:
    told = {"kind": remark.kind, "tone": remark.tone, "text": remark.text}
    return told | ({"found": remark.found, "suggestion": remark.suggestion} if remark.suggestion else {})


def _settings(lecture: Lecture, material: Material, preset: Preset) -> dict[str, Any]:
    """Return what the page's script must know: where things are, the frames, the layout."""
    rate, layout = material.grid.rate, preset.captions
    return {
        "base": f"/lectures/{lecture.id}/review",
        "events": f"/lectures/{lecture.id}/events",
        "rate": [rate.numerator, rate.denominator],
        "duration_ms": material.grid.duration_ms,
        "peaks_a_second": PEAKS_A_SECOND,
        "gap_frames": layout.gap_frames,
        "min_ms": layout.min_ms,
        "line_chars": layout.line_chars,
        "is_burning": not lecture.is_over,
    }


def _usual(desk: Desk) -> dict[str, Any]:
    return {"has_login": bool(desk.settings.tokens)}


def _prepared(request: Request, lecture_id: str, name: str, kind: str) -> Response:
    """Answer with what is prepared; while it is not yet, say that it is on its way.

    Raises:
        WebNotFoundError: there will be none.
    """
    desk, lecture = desk_of(request), lecture_of_request(request, lecture_id)
    path = desk.settings.review(lecture.id) / name
    if not path.is_file():
        if not _prepare(desk, lecture) or desk.preparer.has_failed(lecture.id):
            raise WebNotFoundError
        return Response(status_code=HTTPStatus.ACCEPTED, headers={"Retry-After": "2"})
    return FileResponse(path, media_type=kind)
