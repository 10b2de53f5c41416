"""Options that several commands share, and the preset they make."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.texts import _

if TYPE_CHECKING:
    from pydantic import BaseModel

    from pipeline.presets import Preset


class Fill(StrEnum):
    """What stands beside a picture of another shape."""

    BLACK = "black"
    BLUR = "blur"


class Pace(StrEnum):
    """How much time the picture may take."""

    FAST = "fast"
    BALANCED = "balanced"
    BEST = "best"


Raw = Annotated[Path, typer.Argument(metavar="RAW", help=_("The recording."), show_default=False)]
Raws = Annotated[
    list[Path],
    typer.Argument(
        metavar="RAW...", help=_("The recording, or the parts of one lecture in order."), show_default=False
    ),
]
Parts = Annotated[
    list[Path] | None,
    typer.Option("--part", help=_("A further part of the same lecture, in order, as often as needed.")),
]
Trim = Annotated[
    bool | None,
    typer.Option(
        "--trim/--no-trim",
        help=_("Cut silence and black away at both ends of every part (default: the preset's, as a rule no)."),
        show_default=False,
    ),
]
Tighten = Annotated[
    bool | None,
    typer.Option(
        "--tighten/--no-tighten",
        help=_("Shorten long pauses of a lecture that is over the limit; speech is never touched."),
        show_default=False,
    ),
]
Card = Annotated[
    bool | None,
    typer.Option(
        "--card/--no-card",
        help=_("Put an opening card with title, speaker and unit before the lecture."),
        show_default=False,
    ),
]
Logo = Annotated[
    Path | None, typer.Option("--logo", help=_("Picture of the school's logo, for the card."), show_default=False)
]
Cover = Annotated[
    bool | None,
    typer.Option("--cover/--no-cover", help=_("Write a cover picture beside the video."), show_default=False),
]
CleanMaster = Annotated[
    bool | None,
    typer.Option(
        "--clean-master/--no-clean-master",
        help=_("Write the video without subtitles and panels as well."),
        show_default=False,
    ),
]
LowerThird = Annotated[
    bool | None,
    typer.Option(
        "--lower-third/--no-lower-third",
        help=_("Name the speakers with their unit in the picture, for some seconds."),
        show_default=False,
    ),
]
Date = Annotated[
    str | None, typer.Option("--date", help=_("Date on the card, as it shall be shown."), show_default=False)
]
Out = Annotated[Path, typer.Option("--out", help=_("Folder in which the lecture's folder is made."))]
PresetName = Annotated[
    str | None,
    typer.Option("--preset", help=_("Preset id or path of a .toml file (default seu-2020)."), show_default=False),
]
Title = Annotated[str | None, typer.Option("--title", help=_("Title of the lecture."), show_default=False)]
Speaker = Annotated[str | None, typer.Option("--speaker", help=_("Who speaks."), show_default=False)]
Unit = Annotated[str | None, typer.Option("--unit", help=_("The speaker's unit."), show_default=False)]
Name = Annotated[
    str | None,
    typer.Option("--name", help=_("Name of the output folder (default: the recording's)."), show_default=False),
]
Model = Annotated[
    str | None,
    typer.Option("--model", help=_("Recognition model: a name or the path of a .pt file."), show_default=False),
]
Engine = Annotated[str | None, typer.Option("--engine", help=_("Recognition engine."), show_default=False)]
Script = Annotated[
    Path | None,
    typer.Option(
        "--script",
        help=_("The lecture's script: .txt, .docx or .srt (default: the one of the same name beside the recording)."),
        show_default=False,
    ),
]
NoScript = Annotated[bool, typer.Option("--no-script", help=_("Do not look for a script beside the recording."))]
Terms = Annotated[
    Path | None,
    typer.Option("--terms", help=_("Your own list of terms, one on each line."), show_default=False),
]
AudioTrack = Annotated[
    int | None,
    typer.Option("--audio-track", help=_("Sound track to use, from 1 (default: the recording's own)."), min=1),
]
Sides = Annotated[
    Fill | None,
    typer.Option("--sides", help=_("What stands beside a picture of another shape."), show_default=False),
]
Speed = Annotated[
    Pace | None,
    typer.Option(
        "--speed",
        help=_("How much time the picture may take (default: the preset's); what it looks like is measured."),
        show_default=False,
    ),
]
Cache = Annotated[
    Path | None,
    typer.Option("--cache", help=_("Folder for work files (default: this person's cache folder)."), show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help=_("Print the machine's version."))]


def whole_path(model: str | None) -> str | None:
    """Return a model that is a file under its whole path, so that it means the same wherever work goes on."""
    return str(Path(model).absolute()) if model is not None and Path(model).exists() else model


def preset_with(
    name: str | None,
    *,
    model: str | None = None,
    engine: str | None = None,
    sides: Fill | None = None,
    speed: Pace | None = None,
) -> "Preset":
    """Return the preset with what the command line sets on top; a speed replaces an encoder setting of the preset.

    Raises:
        UnknownPresetError, BrokenPresetError: there is no such preset.
    """
    from pipeline.presets import load_preset

    chosen = load_preset(name)
    given = {key: value for key, value in (("model", model), ("engine", engine)) if value is not None}
    tables: dict[str, BaseModel] = {"recognition": chosen.recognition.model_copy(update=given)}
    look: dict[str, object] = {} if sides is None else {"sides": sides.value}
    if speed is not None:
        look |= {"pace": speed.value, "speed": None, "crf": None, "options": ()}
    tables["encoder"] = chosen.encoder.model_copy(update=look)
    return chosen.model_copy(update=tables)
