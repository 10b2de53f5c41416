"""The command line: parse, call, print. Nothing heavy is imported before a command needs it."""

import json
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.errors import InterruptedByPersonError, WeikeError
from pipeline.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.presets import Preset
    from pipeline.records import Report

NOT_COMPLIANT = 10

app = typer.Typer(
    name="weike",
    help=_("Turns a raw recording into a lecture that a university accepts."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich would double the start-up time
)

PresetOption = Annotated[
    str | None,
    typer.Option("--preset", help=_("Preset id or path of a .toml file (default seu-2020)."), show_default=False),
]
CacheOption = Annotated[
    Path | None,
    typer.Option("--cache", help=_("Folder for work files (default: this person's cache folder)."), show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help=_("Print the machine's version."))]


def main() -> None:
    """Run the command line; the console script ``weike``."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    app()


def _reported(command: Callable[..., None]) -> Callable[..., None]:
    """Turn errors into sentences and exit codes."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except WeikeError as error:
            _say_error(error)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            from pipeline.media.process import end_all

            end_all()
            stop = InterruptedByPersonError()
            _say_error(stop)
            raise typer.Exit(stop.exit_code) from None

    return wrapped


@app.command(help=_("Convert a raw recording: subtitles, 1080p MP4, compliance report."))
@_reported
def convert(
    raw: Annotated[Path, typer.Argument(metavar="RAW", help=_("The recording."), show_default=False)],
    out: Annotated[Path, typer.Option(help=_("Folder in which the lecture's folder is made."))] = Path("weike-out"),
    preset: PresetOption = None,
    title: Annotated[str | None, typer.Option(help=_("Title of the lecture."), show_default=False)] = None,
    speaker: Annotated[str | None, typer.Option(help=_("Who speaks."), show_default=False)] = None,
    unit: Annotated[str | None, typer.Option(help=_("The speaker's unit."), show_default=False)] = None,
    name: Annotated[
        str | None,
        typer.Option(help=_("Name of the output folder (default: the recording's)."), show_default=False),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help=_("Recognition model: a name or the path of a .pt file."), show_default=False),
    ] = None,
    engine: Annotated[str | None, typer.Option(help=_("Recognition engine."), show_default=False)] = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Convert one recording."""
    from pipeline.lecture import LectureJob
    from pipeline.lecture import convert as convert_lecture
    from pipeline.output import safe_name
    from pipeline.records import LectureInfo
    from pipeline.store import Store

    info = LectureInfo(safe_name(name or raw.stem), title, speaker, unit)
    job = LectureJob(raw, out.absolute(), info, _preset(preset, model=model, engine=engine))
    with _listening() as emit:
        report, folder = convert_lecture(job, Store(cache), emit)
    _print_report(report, job.preset, as_json)
    if not as_json:
        for path in sorted(folder.iterdir()):
            if not path.name.startswith("."):
                typer.echo(f"  {path}")
    raise typer.Exit(0 if report.is_compliant else NOT_COMPLIANT)


@app.command(help=_("Check a finished video against a preset; nothing is changed."))
@_reported
def check(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help=_("The finished video."), show_default=False)],
    srt: Annotated[
        Path | None,
        typer.Option(help=_("Its subtitle file (default: the .srt of the same name beside it)."), show_default=False),
    ] = None,
    preset: PresetOption = None,
    out: Annotated[
        Path | None,
        typer.Option(help=_("Folder for the report as files (default: none are written)."), show_default=False),
    ] = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check one finished file."""
    from pipeline.lecture import judge_file
    from pipeline.stages.report import write_report
    from pipeline.store import Store

    rules = _preset(preset)
    with _listening() as emit:
        report = judge_file(video, srt or _sidecar_of(video), rules, Store(cache), emit)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            write_report(report, rules, out, emit)
    _print_report(report, rules, as_json)
    raise typer.Exit(0 if report.is_compliant else NOT_COMPLIANT)


@app.command(help=_("Show the presets, or everything one of them asks."))
@_reported
def presets(
    preset: Annotated[str | None, typer.Argument(metavar="[ID]", help=_("One preset."), show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Show presets."""
    from pipeline.presets import load_preset, preset_ids

    if preset is None:
        loaded = [load_preset(name) for name in preset_ids()]
        if as_json:
            _print_json([{"id": p.id, "version": p.version, "title": p.title.model_dump()} for p in loaded])
            return
        for p in loaded:
            typer.echo(f"{p.id:10} {p.title.zh_CN}  {p.title.en}")
        return
    chosen = load_preset(preset)
    if as_json:
        _print_json(chosen.model_dump(mode="json"))
        return
    _print_preset(chosen)


@app.command(help=_("Tell what this machine has, what is missing, and the command that mends it."))
@_reported
def doctor(
    fix: Annotated[bool, typer.Option("--fix", help=_("Install what Weike can install by itself (the font)."))] = False,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Examine the machine."""
    from pipeline.doctor import examine, install_missing

    if fix:
        install_missing()
    checks = examine(cache)
    if as_json:
        _print_json([check.as_json() for check in checks])
    else:
        for check in checks:
            mark = {"ok": "✓", "missing": "✗", "note": "·"}[check.state]
            typer.echo(f"{mark} {check.name.show()}: {check.found}")
            if check.advice is not None:
                typer.echo(f"    → {check.advice.show()}")
    raise typer.Exit(4 if any(check.state == "missing" for check in checks) else 0)


@contextmanager
def _listening() -> "Iterator[Any]":
    from pipeline.progress import TerminalProgress

    with TerminalProgress() as progress:
        yield progress


def _preset(name: str | None, *, model: str | None = None, engine: str | None = None) -> "Preset":
    """Return the preset with what the command line sets on top."""
    from pipeline.presets import load_preset

    chosen = load_preset(name)
    given = {key: value for key, value in (("model", model), ("engine", engine)) if value is not None}
    if not given:
        return chosen
    return chosen.model_copy(update={"recognition": chosen.recognition.model_copy(update=given)})


def _sidecar_of(video: Path) -> Path | None:
    beside = video.with_suffix(".srt")
    return beside if beside.is_file() else None


def _print_report(report: "Report", preset: "Preset", as_json: bool) -> None:
    if as_json:
        from pipeline.reporting.as_json import report_as_json

        _print_json(report_as_json(report, preset))
        return
    from pipeline.reporting.text import report_lines

    for line in report_lines(report):
        typer.echo(line)


def _print_preset(preset: "Preset") -> None:
    typer.echo(f"{preset.id} {preset.version}  {preset.title.zh_CN}  {preset.title.en}\n{preset.notice}")
    for table in ("limits", "encoder", "sound", "captions", "recognition"):
        typer.echo(f"\n[{table}]")
        for key, value in getattr(preset, table).model_dump(mode="json").items():
            typer.echo(f"  {key} = {json.dumps(value, ensure_ascii=False)}")
    typer.echo(f"\n[{_('rules')}]")
    for rule, level in preset.levels.items():
        typer.echo(f"  {rule:20} {level:9} {preset.sources[rule]}")


def _print_json(data: object) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=1))


def _say_error(error: WeikeError) -> None:
    typer.echo(error.message.show(), err=True)
    if error.remedy:
        typer.echo(error.advice.show(), err=True)
    typer.echo(f"[{error.id}]", err=True)
    _log(error)


def _log(error: WeikeError) -> None:
    """Keep the details of an error for whoever looks after Weike."""
    import platformdirs

    folder = platformdirs.user_log_path("weike", appauthor=False)
    entry = f"{datetime.now(UTC).isoformat()} {sys.argv}\n{''.join(traceback.format_exception(error))}\n{error.log}\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "weike.log").open("a", encoding="utf-8") as file:
            file.write(entry)
    except OSError:
        return


if __name__ == "__main__":
    main()
