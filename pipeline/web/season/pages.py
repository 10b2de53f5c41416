"""The season's pages: which seasons there are, how each lecture stands, its files, another try."""

import asyncio
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from pipeline.errors import WebFormError, WebNotFoundError
from pipeline.texts import _
from pipeline.web.bodies import form, form_of
from pipeline.web.entrance import local_path
from pipeline.web.giving import give
from pipeline.web.pages import has_scripts, render
from pipeline.web.season.rows import STATES, Standing, Wanted, require_can_again, standing, verdict_words
from pipeline.web.work.seasons import Season, all_seasons, lectures_of
from pipeline.web.work.shelf import Wish
from pipeline.web.workplace import Desk, desk_of, owner_of_request

_REPORT = ("index.html", "season.xlsx", "season.json")
_SOUGHT_MAX = 200
router = APIRouter(prefix="/seasons")


@router.get("", response_class=HTMLResponse)
def show_all(request: Request) -> str:
    """Show which seasons there are."""
    desk = desk_of(request)
    stands = [standing(desk, season, owner_of_request(request)) for season in all_seasons(desk.settings)]
    return render("seasons.html.j2", request, stands=stands, states=STATES, **_shared(desk))


@router.get("/{season_id}", response_class=HTMLResponse)
def show(request: Request, season_id: str, state: str = "", verdict: str = "", unit: str = "", text: str = "") -> str:
    """Show how the lectures of a season stand."""
    wanted = Wanted(state, verdict, unit, text[:_SOUGHT_MAX])
    return render("season.html.j2", request, **_values(request, season_id, wanted))


@router.get("/{season_id}/rows", response_class=HTMLResponse)
def rows(
    request: Request, season_id: str, state: str = "", verdict: str = "", unit: str = "", text: str = ""
) -> Response:
    """Show the rows that are wanted, for a page that is open already."""
    wanted = Wanted(state, verdict, unit, text[:_SOUGHT_MAX])
    values = _values(request, season_id, wanted)
    shown = {"HX-Replace-Url": str(values["address"])}
    return HTMLResponse(render("season-rows.html.j2", request, **values), headers=shown)


@router.post("/{season_id}/again", openapi_extra=form("name", "next"))
async def again(request: Request, season_id: str) -> Response:
    """Let a lecture that failed wait for another try, which its batch's own path makes."""
    desk, owner, fields = desk_of(request), owner_of_request(request), await form_of(request)
    season = await asyncio.to_thread(_find, desk, season_id)
    wish = await asyncio.to_thread(_wish, desk, season, owner, fields.get("name", ""))
    await asyncio.to_thread(desk.shelf.put, owner, wish)
    desk.runner.call()
    return RedirectResponse(local_path(fields.get("next", f"/seasons/{season_id}")), 303)


@router.get("/{season_id}/files/{name}")
def report(request: Request, season_id: str, name: str, show: bool = True) -> Response:
    """Return one of the files of a batch's report."""
    season = _find(desk_of(request), season_id)
    if name not in _REPORT or not season.is_converted:
        raise WebNotFoundError
    return give(season.options.out, name, show=show)


@router.get("/{season_id}/files/{lecture}/{name}")
def file(request: Request, season_id: str, lecture: str, name: str, show: bool = True) -> Response:
    """Return a file of a delivered lecture, to look at where that can be done."""
    season = _find(desk_of(request), season_id)
    if not season.is_converted or lecture not in {task.name for task in lectures_of(season).tasks}:
        raise WebNotFoundError
    folder = season.options.out / lecture
    if folder.is_symlink():
        raise WebNotFoundError
    return give(folder, name, show=show)


def _values(request: Request, season_id: str, wanted: Wanted) -> dict[str, object]:
    """Return what a season's page is made from."""
    desk = desk_of(request)
    found = standing(desk, _find(desk, season_id), owner_of_request(request))
    asked = {key: getattr(wanted, key) for key in ("state", "verdict", "unit", "text") if getattr(wanted, key)}
    query = f"?{urlencode(asked)}" if asked else ""
    return {
        "found": found,
        "shown": [row for row in found.rows if wanted.takes(row)],
        "wanted": wanted,
        "states": STATES,
        "verdicts": verdict_words(),
        "address": f"/seasons/{season_id}{query}",
        "kinds": _kinds(found),
        "report": _report(found),
        **_shared(desk),
    }


def _kinds(found: Standing) -> dict[str, str]:
    """Return what the kinds of steps on several workstations are called; none where there are no workstations."""
    if found.cluster is None:
        return {}
    from pipeline.cluster.status import KIND_NAMES

    return {kind: _(name) for kind, name in KIND_NAMES.items()}


def _report(found: Standing) -> tuple[str, ...]:
    folder = found.season.options.out
    return tuple(name for name in _REPORT if found.season.is_converted and (folder / name).is_file())


def _shared(desk: Desk) -> dict[str, object]:
    return {"has_login": bool(desk.settings.tokens), "has_scripts": has_scripts()}


def _wish(desk: Desk, season: Season, owner: str, name: str) -> Wish:
    """Return the wish that a lecture be tried again.

    Raises:
        WebNotNowError: it cannot be.
        WebFormError: too much waits already.
    """
    if desk.shelf.waiting(owner) >= desk.settings.waiting_max:
        raise WebFormError(reason=_("too many lectures wait already"))
    row = require_can_again(standing(desk, season, owner), name)
    job = next(task.job for task in lectures_of(season).tasks if task.name == row.name)
    assert job is not None, "only what can begin can be tried again"
    info = job.info
    told = (info.title or "", info.speaker or "", info.unit or "")
    return Wish(str(job.raw), row.name, job.preset.id, "", *told, season=season.place)


def _find(desk: Desk, season_id: str) -> Season:
    found = next((season for season in all_seasons(desk.settings) if season.id == season_id), None)
    if found is None:
        raise WebNotFoundError
    return found
