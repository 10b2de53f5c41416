"""Presets: what a notice asks, as TOML, checked once at the edge and frozen from then on.

A preset may extend another (``extends``); tables are merged, values of the extending one win. Unknown keys are refused
with the nearest right name.
"""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipeline.errors import BrokenPresetError, UnknownPresetError
from pipeline.records import Level

RuleId = Literal[
    "duration.range",
    "size.cap",
    "container.mp4",
    "video.codec",
    "video.raster",
    "video.geometry",
    "video.bars",
    "video.frame_rate",
    "video.structure",
    "video.edit_list",
    "video.colour",
    "audio.format",
    "audio.loudness",
    "audio.clipping",
    "av.sync",
    "picture.black",
    "picture.freeze",
    "sound.silence",
    "picture.flash",
    "subtitle.burned",
    "subtitle.sidecar",
    "subtitle.script",
    "subtitle.coverage",
    "subtitle.layout",
    "subtitle.terms",
    "title.card",
]
Pace = Literal["fast", "balanced", "best"]
RULE_IDS: tuple[RuleId, ...] = get_args(RuleId)
"""Rules on a finished file."""
PackagePart = Literal["lecture", "story", "case", "piece"]
PackageRuleId = Literal[
    "package.lecture",
    "package.stories",
    "package.cases",
    "package.pieces",
    "package.check",
    "package.files",
    "package.formats",
    "package.names",
    "package.duplicates",
    "package.size",
]
PACKAGE_RULE_IDS: tuple[PackageRuleId, ...] = get_args(PackageRuleId)
RegisterRuleId = Literal["register.complete", "register.name"]
REGISTER_RULE_IDS: tuple[RegisterRuleId, ...] = get_args(RegisterRuleId)
"""Rules on what is registered for a lecture."""
AnyRuleId = Literal[RuleId, RegisterRuleId]
DEFAULT_PRESET = "seu-2020"


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Title(_Table):
    """A name in both languages."""

    zh_CN: str  # noqa: N815 - the language's name
    en: str


class Limits(_Table):
    """What the finished file is held to."""

    duration_min_s: float = Field(ge=0)
    """Shortest picture, seconds; 0 for none."""
    duration_max_s: float = Field(gt=0)
    """Longest picture, seconds."""
    duration_hard_max_s: float = Field(gt=0)
    """Past this the rule is required whatever its level, seconds."""
    size_max_bytes: int = Field(gt=0)
    """Largest file that passes."""
    size_grey_bytes: int = Field(gt=0)
    """Up to this a larger file is noted, not missed (1 G read as 2**30)."""
    width_px: int = Field(gt=0)
    height_px: int = Field(gt=0)
    is_raster_minimum: bool = False
    """The raster is a least height, not the only one allowed."""
    black_min_s: float = 2.0
    freeze_min_s: float = 60.0
    silence_min_s: float = 5.0
    flashes_per_s: int = 3
    sync_early_ms: int = 40
    """Sound may lead the picture by this much. Source: EBU R 37."""
    sync_late_ms: int = 60
    """Sound may trail the picture by this much. Source: EBU R 37."""
    coverage_min: float = Field(default=0.98, ge=0, le=1)
    """Share of speech time with a cue."""
    read_back_similarity_min: float = Field(default=0.9, ge=0, le=1)
    read_back_samples: int = Field(default=30, ge=1)
    """Cues that are read back from the picture at least; every one where time allows."""
    opening_max_s: float = Field(default=10.0, gt=0, le=60)
    """Within this time the opening has named title, speaker and unit, and is over."""
    read_back_contrast_min: float = Field(default=4.5, ge=1, le=21)
    """Contrast of a cue's fill against the ground right round it. Source: WCAG 2.2, 1.4.3."""


class EncoderSettings(_Table):
    """How the picture is encoded."""

    width_px: int = 1920
    height_px: int = 1080
    sides: Literal["black", "blur"] = "black"
    """What fills the raster beside a picture of another shape: black bars, or a blurred copy of the picture."""
    codec: Literal["auto", "libx264", "h264_nvenc", "h264_qsv", "h264_amf", "h264_videotoolbox"] = "libx264"
    pace: Pace = "balanced"
    """How much time the picture may take: the setting is then found by measuring the recording."""
    speed: str | None = None
    """x264's preset, given outright; nothing is measured then."""
    crf: float | None = Field(default=None, ge=0, le=51)
    """x264's constant rate factor, given outright."""
    options: tuple[str, ...] = ()
    """Further x264 parameters, ``name=value``, of a setting that is given outright."""
    gop_s: float = Field(default=2.0, gt=0)
    """Longest group of pictures, seconds."""
    size_share: float = Field(default=0.95, gt=0, le=1)
    """Share of ``size_max_bytes`` that the encoder may fill."""
    segment_s: float = Field(default=20.0, gt=0)
    """Length of a render segment that is aimed at, seconds."""

    def given(self) -> tuple[str, float, tuple[str, ...]] | None:
        """Return x264's preset, rate factor and options when the preset gives any of them; ``None``: to be found."""
        if self.speed is None and self.crf is None and not self.options:
            return None
        return self.speed or "faster", 21.0 if self.crf is None else self.crf, self.options


class SoundSettings(_Table):
    """Delivery sound and what is accepted."""

    target_lufs: float
    accept_min_lufs: float
    accept_max_lufs: float
    true_peak_dbtp: float
    """Highest true peak before encoding."""
    accept_peak_dbtp: float
    """Highest true peak of the finished file."""
    sample_rate_hz: int = 48000
    channels: int = 2
    bit_rate_bps: int = 160_000
    accept_bit_rate_bps: int = 128_000


class CaptionSettings(_Table):
    """Chinese subtitle layout. Half-width characters count one half."""

    burn: bool = True
    """Subtitles are drawn into the picture."""
    lines: int = Field(default=1, ge=1, le=2)
    target_chars: float = 18
    max_chars: float = 20
    """Most full-width characters in a line."""
    cps_warn: float = 9
    cps_strong: float = 11
    """Characters a second, above which a cue is flagged (warn) or flagged strongly."""
    min_ms: int = 833
    max_ms: int = 7000
    gap_frames: int = 2
    close_gap_ms: int = 500
    """A shorter gap is closed to ``gap_frames``."""
    linger_ms: int = 500
    """A cue may stay this long after its last word."""
    font: str = "Noto Sans SC Medium"
    glyph_height_px: int = 54
    """Height of the em at 1080 lines. Source: GY/T 288-2014, 5 % ± 1 %."""
    max_width_share: float = 0.68
    margin_share: float = 0.05
    outline_px: float = 3.0

    @property
    def line_chars(self) -> float:
        """Most full-width characters in one line: where cues may have two, 16 or what the preset says if less.

        Source: Netflix, Simplified Chinese Timed Text Style Guide.
        """
        return self.max_chars if self.lines == 1 else min(self.max_chars, 16.0)


Colour = Annotated[str, Field(pattern="^#[0-9a-f]{6}$")]
"""A colour as ``#rrggbb``."""


class TitleSettings(_Table):
    """How opening card, cover and lower thirds look. Sizes are in pixels at 1080 lines."""

    card: bool = False
    """A lecture whose title is registered gets an opening card."""
    cover: bool = False
    """A cover picture is written beside the video."""
    lower_third: bool = False
    """A panel names the registered speakers in the picture."""
    lower_third_s: float = Field(default=6.0, gt=1, le=15)
    """How long it stands."""
    seconds: float = Field(default=5.0, gt=1, le=10)
    """How long the opening card stands. Source: 2011 MoE open-course standard, at most 10 s."""
    fade_s: float = Field(default=0.6, ge=0, le=2)
    """How long words and panels take to appear, and to go."""
    font: str = "Noto Sans SC Medium"
    """Of the title and of names."""
    text_font: str = "Noto Sans SC"
    """Of everything else."""
    ground: Colour = "#17345c"
    """Behind the words."""
    shade: Colour = "#0b1d38"
    """Into which the ground darkens towards the corners."""
    title: Colour = "#ffffff"
    text: Colour = "#dfe6f0"
    accent: Colour = "#b9c7dc"
    """The rule between title and speakers, and labels."""
    title_px: int = Field(default=104, ge=48, le=160)
    """Height of the title's em, where it is short enough."""
    speaker_px: int = Field(default=54, ge=32, le=96)
    unit_px: int = Field(default=40, ge=24, le=72)
    speaker_label: str = "主讲人"
    """Stands before the names; empty for nothing."""
    position: float = Field(default=0.47, ge=0.3, le=0.6)
    """Middle of the words, as a share of the height."""
    margin_share: float = Field(default=0.1, ge=0.05, le=0.25)
    """Nothing stands nearer to an edge. Source: EBU R 95, title-safe is 5 %."""


NAME_FIELDS = ("recording", "title", "speaker", "unit", "date")


class FileSettings(_Table):
    """What the delivered files are called."""

    name: str = "{recording}"
    """Template of the name without extension; a lecture that lacks one of its fields is named like its recording."""
    clean_master: bool = False
    """The video is written without subtitles as well."""

    @field_validator("name")
    @classmethod
    def _fields_are_known(cls, template: str) -> str:
        try:
            fields = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
        except ValueError as error:
            raise ValueError(f"{template!r}: {error}") from None
        for field in fields:
            if field not in NAME_FIELDS:
                raise ValueError(f"{{{field}}} is none of {', '.join(NAME_FIELDS)}")
        return template


class CutSettings(_Table):
    """What is cut of a recording."""

    trim: bool = False
    """Silence and black at both ends of every part go."""
    tighten: bool = False
    """Long pauses of a lecture that is over the longest length are shortened."""
    lead_s: float = Field(default=1.0, ge=0, le=10)
    """Picture that is kept before the first sound and after the last."""
    pause_keep_s: float = Field(default=0.4, ge=0.2, le=2)
    """Nothing is cut nearer than this to speech."""
    pause_min_s: float = Field(default=1.2, gt=0, le=10)
    """Shorter pauses are left alone."""


class RecognitionSettings(_Table):
    """How speech is recognised."""

    engine: str = "auto"
    """A speech engine's name; ``auto`` for the one that is the fastest on this machine."""
    model: str = "large-v3-turbo"
    language: str = "zh"
    prompt: str = ""
    """Initial prompt: punctuation style; terms are added to it."""
    terms: tuple[str, ...] = ()
    """Lists of ``presets/terms/`` whose terms recognition is told and subtitles are checked for."""


class PackageShare(_Table):
    """How much of one part a unit delivers, and of what nature it may be."""

    at_least: int = Field(ge=0)
    at_most: int = Field(ge=0)
    natures: tuple[Literal["text", "picture", "sound", "video"], ...]

    @model_validator(mode="after")
    def _least_is_not_above_most(self) -> "PackageShare":
        if self.at_least > self.at_most:
            raise ValueError("at_least is above at_most")
        return self


class PackageSettings(_Table):
    """What a unit delivers besides its lecture."""

    is_asked: bool = True
    """The notice asks for a package at all; a preset that extends one may say that its own does not."""
    lecture: PackageShare
    story: PackageShare
    case: PackageShare
    piece: PackageShare
    file_max_bytes: int = Field(gt=0)
    """Largest single file that passes."""
    levels: dict[PackageRuleId, Level]
    sources: dict[PackageRuleId, str]

    @model_validator(mode="after")
    def _every_rule_is_told(self) -> "PackageSettings":
        _require_all(PACKAGE_RULE_IDS, self.levels, self.sources)
        return self


class Deadlines(_Table):
    """Until when a notice wants things; ``None`` (``""`` in a preset, against an inherited one) where it says nothing.

    A register's moments have no time zone: they are compared as local times of the deadline's zone.
    """

    registered_by: AwareDatetime | None = None
    delivered_by: AwareDatetime | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        return None if value == "" else value


class Preset(_Table):
    """All of one notice's demands."""

    id: str
    version: str
    extends: str | None = None
    title: Title
    notice: str
    """Whose notice, number, date, and its sentence on the format, quoted."""
    limits: Limits
    encoder: EncoderSettings
    sound: SoundSettings
    captions: CaptionSettings
    titles: TitleSettings = TitleSettings()
    files: FileSettings = FileSettings()
    cuts: CutSettings = CutSettings()
    recognition: RecognitionSettings
    package: PackageSettings | None = None
    """``None``, or one that is not asked: the notice speaks of lectures alone."""
    deadlines: Deadlines = Deadlines()
    levels: dict[AnyRuleId, Level]
    sources: dict[AnyRuleId, str]
    """The clause behind each rule, quoted."""

    @model_validator(mode="after")
    def _every_rule_is_told(self) -> "Preset":
        _require_all((*RULE_IDS, *REGISTER_RULE_IDS), self.levels, self.sources)
        return self


def _require_all(rules: Sequence[str], levels: Mapping[Any, Level], sources: Mapping[Any, str]) -> None:
    """Refuse a preset that forgets a rule."""
    tables: tuple[tuple[str, Mapping[Any, str]], ...] = (("levels", levels), ("sources", sources))
    for name, table in tables:
        missing = [rule for rule in rules if rule not in table]
        if missing:
            raise ValueError(f"[{name}] lacks {missing[0]}")


def preset_ids() -> tuple[str, ...]:
    """Return the ids of the presets that come with Weike, the default first."""
    found = sorted(path.stem for path in _folder().glob("*.toml"))
    return tuple(sorted(found, key=lambda name: name != DEFAULT_PRESET))


def load_preset(name: str | None = None) -> Preset:
    """Return the preset of that id, or of the TOML file at that path; ``None`` is the default.

    Raises:
        UnknownPresetError: no such id and no such file.
        BrokenPresetError: the file does not hold what a preset must.
    """
    path = _find(name or DEFAULT_PRESET)
    data = _merged(path, seen=())
    try:
        return Preset.model_validate(_tuples(data))
    except ValidationError as error:
        raise BrokenPresetError(path, problem=_explain(error)) from None


def terms_folder() -> Path:
    """Return the folder of the lists of terms that come with Weike."""
    return _folder() / "terms"


def _folder() -> Path:
    shipped = Path(__file__).parent / "_presets"
    return shipped if shipped.is_dir() else Path(__file__).parent.parent / "presets"


def _find(name: str) -> Path:
    path = Path(name)
    if path.suffix == ".toml":
        if path.is_file():
            return path
    elif name in preset_ids():
        return _folder() / f"{name}.toml"
    raise UnknownPresetError(name=name, known=", ".join(preset_ids()))


def _merged(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BrokenPresetError(path, problem=str(error)) from None
    parent = data.get("extends")
    if parent is None:
        return data
    base = _find(str(parent))
    if base in seen:
        raise BrokenPresetError(path, problem=f"extends: {parent} extends itself")
    return _overlaid(_merged(base, (*seen, path)), data)


def _overlaid(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in top.items():
        old = merged.get(key)
        merged[key] = _overlaid(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _tuples(value: Any) -> Any:
    """Return TOML data with its arrays as tuples and its integers left alone, as strict validation wants them."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _explain(error: ValidationError) -> str:
    """Return the first problem as ``table.key: reason``, with the nearest right name for a key nobody knows."""
    problem = error.errors()[0]
    place = [str(part) for part in problem["loc"] if part != "[key]"]
    where = ".".join(place)
    known = _known_keys(place[:-1])
    if problem["type"] in {"extra_forbidden", "literal_error"} and known and place[-1] not in known:
        near = difflib.get_close_matches(place[-1], known, n=1, cutoff=0.0)
        return f"{where}: unknown key, did you mean {near[0]}?"
    return f"{where}: {problem['msg']}" if where else problem["msg"]


def _known_keys(place: list[str]) -> list[str]:
    """Return the names that may stand in the table at ``place``."""
    if place in (["levels"], ["sources"]):
        return [*RULE_IDS, *REGISTER_RULE_IDS]
    if place in (["package", "levels"], ["package", "sources"]):
        return list(PACKAGE_RULE_IDS)
    model: type[BaseModel] = Preset
    for name in place:
        annotation = model.model_fields[name].annotation if name in model.model_fields else None
        annotation = next((part for part in get_args(annotation) if part is not type(None)), annotation)
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        model = annotation
    return list(model.model_fields)
