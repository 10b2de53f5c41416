"""Commands that look and change nothing: check, presets, doctor."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import AsJson, Cache, PresetName, preset_with
from pipeline.cli.printing import COMPLIANT, NOT_COMPLIANT, listening, print_json, print_report, reported
from pipeline.texts import _

if TYPE_CHECKING:
    from pipeline.presets import Preset


@reported
def check(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help=_("The finished video."), show_default=False)],
    srt: Annotated[
        Path | None,
        typer.Option(help=_("Its subtitle file (default: the .srt of the same name beside it)."), show_default=False),
    ] = None,
    preset: PresetName = None,
    out: Annotated[
        Path | None,
        typer.Option(help=_("Folder for the report as files (default: none are written)."), show_default=False),
    ] = None,
    thorough: Annotated[
        bool, typer.Option("--thorough", help=_("Look at every frame, where a part of them would do."))
    ] = False,
    cache: Cache = None,
    as_json: AsJson = False,
) -> None:
    """Check one finished file."""
    from pipeline.lecture import judge_file
    from pipeline.output import make_folder
    from pipeline.stages.report import write_report
    from pipeline.store import Store

    rules = preset_with(preset)
    with listening() as emit:
        sidecar = srt or _sidecar_of(video)
        report = judge_file(video, sidecar, rules, Store(cache), emit, is_thorough=thorough)
        if out is not None:
            make_folder(out)
            write_report(report, rules, out, emit)
    print_report(report, rules, as_json)
    raise typer.Exit(COMPLIANT if report.is_compliant else NOT_COMPLIANT)


@reported
def presets(
    preset: Annotated[str | None, typer.Argument(metavar="[ID]", help=_("One preset."), show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Show presets."""
    from pipeline.presets import load_preset, preset_ids

    if preset is None:
        loaded = [load_preset(name) for name in preset_ids()]
        if as_json:
            print_json([{"id": p.id, "version": p.version, "title": p.title.model_dump()} for p in loaded])
            return
        for p in loaded:
            typer.echo(f"{p.id:10} {p.title.zh_CN}  {p.title.en}")
        return
    chosen = load_preset(preset)
    if as_json:
        print_json(chosen.model_dump(mode="json"))
        return
    _print_preset(chosen)


@reported
def doctor(
    fix: Annotated[bool, typer.Option("--fix", help=_("Install what Weike can install by itself (the font)."))] = False,
    cache: Cache = None,
    as_json: AsJson = False,
) -> None:
    """Examine the machine."""
    from pipeline.doctor import examine, install_missing

    if fix:
        install_missing()
    checks = examine(cache)
    if as_json:
        print_json([check.as_json() for check in checks])
    else:
        for check in checks:
            mark = {"ok": "✓", "missing": "✗", "note": "·"}[check.state]
            typer.echo(f"{mark} {check.name.show()}: {check.found}")
            if check.advice is not None:
                typer.echo(f"    → {check.advice.show()}")
    raise typer.Exit(4 if any(check.state == "missing" for check in checks) else 0)


def _sidecar_of(video: Path) -> Path | None:
    beside = video.with_suffix(".srt")
    return beside if beside.is_file() else None


def _print_preset(preset: "Preset") -> None:
    typer.echo(f"{preset.id} {preset.version}  {preset.title.zh_CN}  {preset.title.en}\n{preset.notice}")
    for table in ("limits", "encoder", "sound", "captions", "recognition", "deadlines"):
        typer.echo(f"\n[{table}]")
        for key, value in getattr(preset, table).model_dump(mode="json").items():
            typer.echo(f"  {key} = {json.dumps(value, ensure_ascii=False)}")
    typer.echo(f"\n[{_('rules')}]")
    for rule, level in preset.levels.items():
        typer.echo(f"  {rule:20} {level:9} {preset.sources[rule]}")
    package = preset.package
    if package is None or not package.is_asked:
        return
    typer.echo("\n[package]")
    for key, value in package.model_dump(mode="json", exclude={"levels", "sources", "is_asked"}).items():
        typer.echo(f"  {key} = {json.dumps(value, ensure_ascii=False)}")
    for of_package, level in package.levels.items():
        typer.echo(f"  {of_package:20} {level:9} {package.sources[of_package]}")
