"""Commands on many lectures: batch, and the register of a season."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli import options as given
from pipeline.cli.lectures import OUT
from pipeline.cli.options import preset_with
from pipeline.cli.printing import log_failure, print_json, reported
from pipeline.texts import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.announcing.settings import AnnouncementSettings
    from pipeline.batch import BatchEmit, BatchEvent, BatchOptions
    from pipeline.presets import Preset
    from pipeline.season import Register, SeasonRow

register = typer.Typer(help=_("The register of a season: write a template, check it, see how it stands."))
RegisterFile = Annotated[Path, typer.Argument(metavar="FILE", help=_("The register: .xlsx or .csv."))]
Notify = Annotated[
    Path | None,
    typer.Option(
        "--notify",
        help=_("Settings of an e-mail or web hook for the end (default: the file that WEIKE_NOTIFY names)."),
        show_default=False,
    ),
]
RetryFailed = Annotated[
    bool, typer.Option("--retry-failed", help=_("Try again the lectures that failed in an earlier run."))
]
BAD_CELLS = 3
"""Exit code of a register with bad cells."""


@reported
def batch(
    what: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER|REGISTER",
            help=_("A folder of recordings, or a register."),
            show_default=False,
        ),
    ],
    out: given.Out = OUT,
    preset: given.PresetName = None,
    no_script: given.NoScript = False,
    terms: given.Terms = None,
    speaker: given.Speaker = None,
    unit: given.Unit = None,
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
    retry_failed: RetryFailed = False,
    notify: Notify = None,
    cache: given.Cache = None,
    as_json: given.AsJson = False,
) -> None:
    """Convert many lectures, one after another."""
    from pipeline.announcing.announce import load_settings
    from pipeline.batch import BatchOptions, exit_code_of, plan, run_batch
    from pipeline.jobs import Edits
    from pipeline.progress import BatchProgress
    from pipeline.store import Store

    rules = preset_with(preset, model=given.whole_path(model), engine=engine, sides=sides, speed=speed)
    edits = Edits(trim, tighten, card, logo, cover, clean_master, lower_third)
    whose = (speaker, unit, not no_script, terms, audio_track, edits)
    wanted = BatchOptions(out.absolute(), rules, *whose, what.absolute())
    settings = load_settings(notify)
    tasks = plan(what, wanted)
    with BatchProgress() as progress:
        rows = run_batch(tasks, wanted, Store(cache), logging(progress), retry_failed=retry_failed)
    tell_season(rows, wanted, as_json=as_json)
    _announce(settings, rows, rules)
    raise typer.Exit(exit_code_of(rows))


@reported
def watch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=_("The folder to watch."), show_default=False)],
    out: given.Out = OUT,
    preset: given.PresetName = None,
    no_script: given.NoScript = False,
    terms: given.Terms = None,
    speaker: given.Speaker = None,
    unit: given.Unit = None,
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
    every: Annotated[float, typer.Option("--every", help=_("Seconds between two looks."), min=0.1)] = 3.0,
    stable: Annotated[
        float, typer.Option("--stable", help=_("Seconds for which a file must not have changed."), min=0.0)
    ] = 10.0,
    cache: given.Cache = None,
) -> None:
    """Convert every recording that is put into a folder, until Ctrl-C."""
    from pipeline.batch import BatchOptions, Rhythm, Watch
    from pipeline.jobs import Edits
    from pipeline.progress import BatchProgress
    from pipeline.store import Store

    rules = preset_with(preset, model=model, engine=engine, sides=sides, speed=speed)
    edits = Edits(trim, tighten, card, logo, cover, clean_master, lower_third)
    wanted = BatchOptions(out.absolute(), rules, speaker, unit, not no_script, terms, audio_track, edits)
    with BatchProgress() as progress:
        Watch(folder, wanted, Store(cache), logging(progress), Rhythm(every, stable)).run()


@register.command("new", help=_("Write an empty register with checks and help: .xlsx, or .csv."))
@reported
def new(file: RegisterFile) -> None:
    """Write a template."""
    from pipeline.register.template import write_template

    write_template(file)
    typer.echo(f"  {file}")


@register.command("check", help=_("Name every bad cell of a register."))
@reported
def check(file: RegisterFile, as_json: given.AsJson = False) -> None:
    """Check a register."""
    from pipeline.register.reading import read_register
    from pipeline.reporting.season_json import bad_cell_as_json

    found = read_register(file)
    if as_json:
        print_json({"rows": len(found.entries), "bad_cells": [bad_cell_as_json(cell) for cell in found.bad_cells]})
    else:
        _print_register(found)
    raise typer.Exit(BAD_CELLS if found.bad_cells else 0)


@register.command("status", help=_("Show the season: who is registered, what is delivered, its verdict and hash."))
@reported
def status(
    file: RegisterFile,
    out: given.Out = OUT,
    preset: given.PresetName = None,
    as_json: given.AsJson = False,
) -> None:
    """Show how a season stands; nothing is changed."""
    from pipeline.batch.reporting import standing
    from pipeline.register.reading import read_register

    rules = preset_with(preset)
    found = read_register(file)
    rows = standing(found, out.absolute(), rules)
    if as_json:
        print_season(rows, rules)
    else:
        print_rows(rows, rules, with_hash=True)
        _print_register(found)


def logging(listener: "BatchEmit") -> "BatchEmit":
    """Return a listener that also keeps the details of failures for whoever looks after Weike."""
    from pipeline.batch import LectureEnded

    def listen(event: "BatchEvent") -> None:
        if isinstance(event, LectureEnded) and event.outcome.failure is not None and not event.reused:
            log_failure(event.name, event.outcome.failure)
        listener(event)

    return listen


def _announce(settings: "AnnouncementSettings", rows: "Sequence[SeasonRow]", preset: "Preset") -> None:
    """Send the words for people; what cannot be sent is told and changes nothing."""
    from pipeline.announcing.announce import announce
    from pipeline.reporting.season_text import season_lines

    lines = season_lines(rows, preset)
    summary = _summary(rows, preset)
    for problem in announce(settings, f"Weike: {lines[0]}", lines, summary):
        typer.echo(f"· {problem.show()}", err=True)


def _summary(rows: "Sequence[SeasonRow]", preset: "Preset") -> dict[str, Any]:
    from datetime import UTC, datetime

    from pipeline.reporting.season_json import season_as_json

    return season_as_json(rows, preset, datetime.now(UTC).isoformat(timespec="seconds"))


def print_season(rows: "Sequence[SeasonRow]", preset: "Preset") -> None:
    """Print a season for a machine."""
    print_json(_summary(rows, preset))


def tell_season(rows: "Sequence[SeasonRow]", wanted: "BatchOptions", *, as_json: bool) -> None:
    """Print how a season turned out and where its pages are, for a person or a machine."""
    if as_json:
        print_season(rows, wanted.preset)
    else:
        print_rows(rows, wanted.preset)
        typer.echo(f"  {wanted.out / 'index.html'}")


def print_rows(rows: "Sequence[SeasonRow]", preset: "Preset", with_hash: bool = False) -> None:
    """Print a season for a person."""
    from pipeline.reporting.season_text import season_lines

    for line in season_lines(rows, preset, with_hash=with_hash):
        typer.echo(line)


def _print_register(register: "Register") -> None:
    from pipeline.reporting.season_view import described

    for notice in register.notices:
        typer.echo(f"· {notice.show()}")
    for cell in register.bad_cells:
        typer.echo(f"✗ {described(cell)}")
    counts = {"rows": len(register.entries), "bad": len(register.bad_cells)}
    typer.echo(_("{rows} lectures in the register, {bad} bad cells.").format(**counts))
