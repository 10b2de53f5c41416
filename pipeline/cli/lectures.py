"""Commands that make something of a recording: convert, subtitle, burn."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.captions.form import Form
from pipeline.cli import options as given
from pipeline.cli.options import preset_with
from pipeline.cli.printing import COMPLIANT, NOT_COMPLIANT, listening, print_json, print_report, reported
from pipeline.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.lecture import Draft, LectureJob
    from pipeline.presets import Preset
    from pipeline.records import CueSheet, Report
    from pipeline.texts import Message

OUT, SUBTITLES_OUT = Path("weike-out"), Path("weike-subtitles")


@reported
def convert(
    raws: given.Raws,
    out: given.Out = OUT,
    preset: given.PresetName = None,
    script: given.Script = None,
    no_script: given.NoScript = False,
    terms: given.Terms = None,
    title: given.Title = None,
    speaker: given.Speaker = None,
    unit: given.Unit = None,
    date: given.Date = None,
    name: given.Name = None,
    model: given.Model = None,
    engine: given.Engine = None,
    audio_track: given.AudioTrack = None,
    sides: given.Sides = None,
    speed: given.Speed = None,
    trim: given.Trim = None,
    tighten: given.Tighten = None,
    card: given.Card = None,
    logo: given.Logo = None,
    cover: given.Cover = None,
    clean_master: given.CleanMaster = None,
    lower_third: given.LowerThird = None,
    cache: given.Cache = None,
    as_json: given.AsJson = False,
) -> None:
    """Convert one lecture: a recording, or its parts in order."""
    from pipeline.jobs import Edits
    from pipeline.lecture import convert as convert_lecture
    from pipeline.store import Store

    rules = preset_with(preset, model=model, engine=engine, sides=sides, speed=speed)
    info = (name, title, speaker, unit, date)
    job = _job(raws[0], out, rules, info, script=script, no_script=no_script, terms=terms)
    edits = Edits(trim, tighten, card, logo, cover, clean_master, lower_third)
    job = replace(job, audio_track=audio_track, more=tuple(raws[1:]), edits=edits)
    with listening() as emit:
        report, folder = convert_lecture(job, Store(cache), emit)
    _end(report, folder, rules, as_json)


@reported
def burn(
    raw: given.Raw,
    srt: Annotated[
        Path | None,
        typer.Argument(metavar="SRT", help=_("The subtitle file: SRT, WebVTT, ASS or SSA."), show_default=False),
    ] = None,
    subtitle_track: Annotated[
        int | None,
        typer.Option(
            "--subtitle-track", help=_("Instead of a file: a text track of the recording, from 1."), show_default=False
        ),
    ] = None,
    out: given.Out = OUT,
    preset: given.PresetName = None,
    terms: given.Terms = None,
    title: given.Title = None,
    speaker: given.Speaker = None,
    unit: given.Unit = None,
    date: given.Date = None,
    name: given.Name = None,
    audio_track: given.AudioTrack = None,
    sides: given.Sides = None,
    speed: given.Speed = None,
    parts: given.Parts = None,
    trim: given.Trim = None,
    tighten: given.Tighten = None,
    card: given.Card = None,
    logo: given.Logo = None,
    cover: given.Cover = None,
    clean_master: given.CleanMaster = None,
    lower_third: given.LowerThird = None,
    cache: given.Cache = None,
    as_json: given.AsJson = False,
) -> None:
    """Burn a person's subtitles."""
    from pipeline.jobs import Edits
    from pipeline.lecture import burn as burn_lecture
    from pipeline.media.probing.subtitle_tracks import choose
    from pipeline.store import Store

    chosen = choose(raw, srt, subtitle_track)
    rules = preset_with(preset, sides=sides, speed=speed)
    job = _job(raw, out, rules, (name, title, speaker, unit, date), terms=terms)
    edits = Edits(trim, tighten, card, logo, cover, clean_master, lower_third)
    job = replace(job, audio_track=audio_track, more=tuple(parts or ()), edits=edits)
    with listening() as emit:
        report, folder = burn_lecture(job, chosen, Store(cache), emit)
    _end(report, folder, rules, as_json)


@reported
def subtitle(
    raws: given.Raws,
    out: given.Out = SUBTITLES_OUT,
    preset: given.PresetName = None,
    script: given.Script = None,
    no_script: given.NoScript = False,
    terms: given.Terms = None,
    name: given.Name = None,
    model: given.Model = None,
    engine: given.Engine = None,
    audio_track: given.AudioTrack = None,
    trim: given.Trim = None,
    tighten: given.Tighten = None,
    forms: Annotated[
        list[Form] | None,
        typer.Option("--format", help=_("A form to write, as often as needed (default: all)."), show_default=False),
    ] = None,
    flags: Annotated[
        bool, typer.Option("--flags", help=_("List the doubtful subtitles, the weightiest first."))
    ] = False,
    cache: given.Cache = None,
    as_json: given.AsJson = False,
) -> None:
    """Write the subtitles of one lecture: a recording, or its parts in order."""
    from pipeline.jobs import Edits
    from pipeline.lecture import subtitle as subtitle_lecture
    from pipeline.store import Store

    rules = preset_with(preset, model=model, engine=engine)
    info = (name, None, None, None, None)
    job = _job(raws[0], out, rules, info, script=script, no_script=no_script, terms=terms)
    edits = Edits(trim, tighten, card=False)
    job = replace(job, audio_track=audio_track, more=tuple(raws[1:]), edits=edits)
    with listening() as emit:
        draft, folder, notices = subtitle_lecture(job, forms or list(Form), Store(cache), emit)
    if as_json:
        _print_draft_as_json(draft, folder, notices)
        return
    _print_notices(notices)
    _print_sheet(draft.sheet)
    if flags:
        _print_flags(draft.sheet)
    _print_files(folder)


def _job(
    raw: Path,
    out: Path,
    preset: "Preset",
    info: tuple[str | None, str | None, str | None, str | None, str | None],
    *,
    script: Path | None = None,
    no_script: bool = False,
    terms: Path | None = None,
) -> "LectureJob":
    """Return what is wanted; ``info`` is name, title, speaker, unit, date."""
    from pipeline.lecture import LectureJob
    from pipeline.output import file_name, safe_name
    from pipeline.records import LectureInfo

    name, *registered = info
    lecture = LectureInfo("", *registered)
    lecture = replace(lecture, name=safe_name(name) if name else file_name(preset.files.name, lecture, raw))
    return LectureJob(raw, out.absolute(), lecture, preset, script, not no_script, terms)


def _end(report: "Report", folder: Path, preset: "Preset", as_json: bool) -> None:
    """Print how a lecture turned out, and end with its exit code."""
    print_report(report, preset, as_json)
    if not as_json:
        _print_notices(report.notices)
        if report.person_subtitles is not None and report.cue_sheet is not None:
            _print_removals(report.cue_sheet)
        _print_files(folder)
    raise typer.Exit(COMPLIANT if report.is_compliant else NOT_COMPLIANT)


def _print_notices(notices: "Iterable[Message]") -> None:
    for notice in notices:
        typer.echo(f"· {notice.show()}")


def _print_files(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        if not path.name.startswith("."):
            typer.echo(f"  {path}")


def _print_sheet(sheet: "CueSheet") -> None:
    flagged = sum(bool(cue.flags) for cue in sheet.cues)
    typer.echo(
        _("{count} subtitles, {flagged} of them doubtful.").format(count=len(sheet.cues), flagged=flagged),
    )
    _print_removals(sheet)


def _print_removals(sheet: "CueSheet") -> None:
    from pipeline.timing import clock

    for removal in sheet.removals:
        reason = removal.reason.show()
        typer.echo(
            _("Not shown, at {time}: {text} ({reason})").format(
                time=clock(removal.span.start_ms), text=removal.text, reason=reason
            )
        )


def _print_flags(sheet: "CueSheet") -> None:
    """Print every doubt: when, how much it matters, the subtitle, what is doubted, what may stand instead."""
    from pipeline.captions.as_json import flags_by_weight
    from pipeline.timing import clock

    for number, cue, flag in flags_by_weight(sheet.cues):
        text = cue.text.replace("\n", " / ")
        typer.echo(f"{clock(cue.start_ms)}  #{number}  {flag.weight:.2f}  [{flag.kind}]  {text}")
        typer.echo(f"    {flag.message.show()}")
        if flag.suggestion:
            typer.echo(
                _("    {found} → {suggestion} ({percent} sure)").format(
                    found=flag.found, suggestion=flag.suggestion, percent=f"{flag.confidence or 0:.0%}"
                )
            )


def _print_draft_as_json(draft: "Draft", folder: Path, notices: "Iterable[Message]") -> None:
    from pipeline.captions.as_json import doubts_as_json, removals_as_json

    script = draft.transcript and draft.transcript.script
    print_json(
        {
            "files": [str(path) for path in sorted(folder.iterdir()) if not path.name.startswith(".")],
            "cues": len(draft.sheet.cues),
            "flagged": sum(bool(cue.flags) for cue in draft.sheet.cues),
            "script": script and script.path.name,
            "flags": doubts_as_json(draft.sheet),
            "removals": removals_as_json(draft.sheet),
            "notices": [notice.show() for notice in notices],
        }
    )
