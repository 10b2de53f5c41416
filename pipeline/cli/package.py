"""``weike package``: what a unit delivers besides and with its lecture, checked, listed and packed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import AsJson, Cache, PresetName, preset_with
from pipeline.cli.printing import COMPLIANT, NOT_COMPLIANT, listening, print_json, reported
from pipeline.texts import _

if TYPE_CHECKING:
    from pipeline.presets import PackagePart

OUT = Path("weike-package")


@reported
def package(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER]",
            help=_("Folder with 党课, 战疫故事汇, 工作案例 and 图片音视频 in it."),
            show_default=False,
        ),
    ] = None,
    lecture: Annotated[
        list[Path] | None, typer.Option(help=_("The lecture: its file or its folder."), show_default=False)
    ] = None,
    story: Annotated[
        list[Path] | None, typer.Option(help=_("An epidemic story: a file or a folder."), show_default=False)
    ] = None,
    case: Annotated[
        list[Path] | None, typer.Option(help=_("A work case: a file or a folder."), show_default=False)
    ] = None,
    piece: Annotated[
        list[Path] | None,
        typer.Option(help=_("A picture, sound or video, or a folder of them."), show_default=False),
    ] = None,
    zipped: Annotated[
        bool, typer.Option("--zip", help=_("Pack everything into one ZIP when no required rule is missed."))
    ] = False,
    name: Annotated[
        str | None, typer.Option(help=_("Name of the package (default: the folder's)."), show_default=False)
    ] = None,
    out: Annotated[Path, typer.Option(help=_("Folder in which the package's folder is made."))] = OUT,
    preset: PresetName = None,
    cache: Cache = None,
    as_json: AsJson = False,
) -> None:
    """Check and pack what a unit delivers."""
    from pipeline.output import safe_name
    from pipeline.packages.manifest import manifest_as_json
    from pipeline.packages.package import Wanted, deliver, examine
    from pipeline.packages.summary import package_lines
    from pipeline.store import Store

    called = safe_name(name or (folder.absolute().name if folder is not None else "package"))
    parts: dict[PackagePart, list[Path]] = {
        "lecture": lecture or [],
        "story": story or [],
        "case": case or [],
        "piece": piece or [],
    }
    with listening() as emit:
        made = examine(Wanted(called, folder, parts), preset_with(preset), Store(cache), emit)
        delivered = deliver(made, out.absolute(), zipped=zipped)
    if as_json:
        print_json(manifest_as_json(made))
    else:
        for line in package_lines(made):
            typer.echo(line)
        if zipped and not made.is_compliant:
            typer.echo(_("! No ZIP was written, because a required rule is missed."))
        for path in sorted(delivered.iterdir()):
            if not path.name.startswith("."):
                typer.echo(f"  {path}")
    raise typer.Exit(COMPLIANT if made.is_compliant else NOT_COMPLIANT)
