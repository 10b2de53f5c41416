"""The frozen records that stages hand to each other.

Times are integer milliseconds on the delivery's clock unless a field says otherwise: time 0 is the earliest start of
picture or sound in the recording. Fractions are exact. Collections are tuples.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

from pipeline.takes import Cut, CutList
from pipeline.texts import Message
from pipeline.timing import FrameGrid

Level = Literal["required", "advised", "note"]
Kind = Literal["pass", "fail", "review", "notApplicable", "open"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of time, ``start_ms`` inclusive to ``end_ms`` exclusive."""

    start_ms: int
    end_ms: int

    @property
    def duration_ms(self) -> int:
        """Length in milliseconds."""
        return self.end_ms - self.start_ms


# -- probe ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VideoStream:
    """The picture of a recording, as its packets and headers say."""

    index: int
    """Stream number in the container."""
    codec: str
    """ffmpeg's codec name: ``h264``, ``hevc`` …"""
    profile: str | None
    level: int | None
    """H.264 level × 10, such as 40."""
    width: int
    """Coded width in pixels, before rotation."""
    height: int
    """Coded height in pixels, before rotation."""
    sar: Fraction
    """Sample aspect ratio; 1 when unknown."""
    rotation: int
    """Degrees clockwise that a player turns the picture: 0, 90, 180 or 270."""
    is_mirrored: bool
    """The display matrix also flips the picture."""
    pixel_format: str
    bit_depth: int
    is_full_range: bool
    primaries: str | None
    """Colour primaries (``bt709`` …); ``None`` when unmarked. So for ``transfer`` and ``matrix``."""
    transfer: str | None
    matrix: str | None
    is_interlaced: bool
    field_order: Literal["progressive", "tt", "bb", "tb", "bt", "unknown"]
    frame_rate: Fraction
    """Average frames a second over the packets (frame count ÷ duration)."""
    is_constant_rate: bool
    """All PTS deltas are equal, within one tick of the time base."""
    frame_count: int
    """Packets with a PTS."""
    start_s: Fraction
    """PTS of the first frame in seconds, on the container's own clock (before the delivery's zero is taken away)."""
    end_s: Fraction
    """End of the last frame, same clock."""
    time_base: Fraction
    bit_rate_bps: int | None
    keyframe_interval_max_s: Fraction | None
    """Longest distance between key frames; ``None`` with fewer than two."""
    is_seekable: bool
    """A seek to any frame lands on a key frame at or before it, so segments can be cut."""
    decoder_delay_s: Fraction = Fraction(0)
    """How much too late ffmpeg stamps each decoded frame, in a container that tells decoding times alone (AVI)."""


@dataclass(frozen=True, slots=True)
class AudioStream:
    """One sound track."""

    index: int
    codec: str
    profile: str | None
    sample_rate_hz: int
    channels: int
    channel_layout: str | None
    start_s: Fraction
    """PTS of the first packet, container's clock."""
    end_s: Fraction
    bit_rate_bps: int | None
    language: str | None
    is_default: bool
    is_counted_off: bool = False
    """Its packets' times cannot be believed, only their order: samples are counted off from ``start_s``."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What a raw file is, from its content."""

    path: Path
    """Absolute."""
    sha256: str
    size_bytes: int
    container: str
    """ffmpeg's demuxer name, such as ``mov,mp4,m4a,3gp,3g2,mj2``."""
    video: VideoStream | None
    """The picture that is used; ``None`` for sound alone (only ``check`` meets that)."""
    audio: AudioStream | None
    """The sound that is used (the default track); ``None`` for a silent recording."""
    other_streams: tuple[str, ...]
    """What else is inside and not used, such as ``subtitle:mov_text`` or ``video:png (cover)``."""
    origin_s: Fraction
    """Container time of the delivery's zero: the earliest start of the picture and sound that are used."""
    duration_s: Fraction
    """From ``origin_s`` to the latest end of picture or sound."""
    has_moov_first: bool | None
    """MP4 only: the index stands before the data (faststart)."""
    has_edit_list: bool
    """MP4 only: an edit list other than the trivial one."""
    has_time_jumps: bool = False
    """Timestamps leap or run backwards in the middle, as in streams that were joined byte by byte."""
    faults: tuple[Message, ...] = ()
    """Named oddities that were met and handled: late start, variable rate, several sound tracks …"""
    audio_track: int | None = None
    """Number of the sound track that is used, counted from 1 among the sound tracks; ``None`` without sound."""
    original: Path | None = None
    """The file that was given, where ``path`` is a working copy of it."""

    @property
    def name(self) -> str:
        """Name of the file that was given."""
        return (self.original or self.path).name

    @property
    def duration_ms(self) -> int:
        """Length on the delivery's clock, in milliseconds."""
        return round(self.duration_s * 1000)


# -- assemble ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assembly:
    """A lecture that is more than one whole recording: parts, an opening card, cuts."""

    cuts: CutList
    sources: tuple[Recording, ...]
    """By the numbers of the cut list: the parts in order, then the card if there is one."""
    grids: tuple[FrameGrid, ...]
    """The frames of each source at the delivery's rate."""
    parts: int
    """How many of the sources are parts."""
    sound: Recording
    """The takes' sound as one file on the delivery's clock; without audio when no part has any."""
    removed: tuple[Cut, ...]
    """What of the parts is not delivered."""


# -- soundtrack -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loudness:
    """EBU R 128 / ITU-R BS.1770 measurements of a whole sound track."""

    integrated_lufs: float | None
    """``None`` when everything lies below the gate (silence)."""
    range_lu: float
    true_peak_dbtp: float | None
    short_term_lufs: tuple[float, ...] = ()
    """One short-term (3 s) value a second; −70 for silence."""


@dataclass(frozen=True, slots=True)
class Soundtrack:
    """The recording's sound on the delivery's clock."""

    speech_wav: Path | None
    """16 kHz mono 16-bit WAV for recognition; ``None`` when there is no sound."""
    delivery: Path | None
    """48 kHz stereo AAC in an .m4a, loudness set; ``None`` when there is no sound (render then adds silence)."""
    raw: Loudness | None
    """As recorded."""
    gain_db: float
    """Gain that was applied before the limiter."""
    speech: tuple[Span, ...]
    """Where somebody speaks."""
    duration_ms: int
    repairs: tuple[Message, ...] = ()
    """What was wrong with the sound beyond its level, and what was done: a dead channel, channels that cancel …"""


# -- recognise --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word (for Chinese, one or a few characters) with its punctuation attached."""

    text: str
    start_ms: int
    end_ms: int
    probability: float
    """0 to 1: from the engine, or how surely the script's words stand here."""
    is_from_script: bool = False
    """The text is the script's (讲稿) and the time is the speech's; else both are the engine's."""


@dataclass(frozen=True, slots=True)
class SpeechSegment:
    """A stretch that the engine recognised as one; not a cue yet."""

    text: str
    start_ms: int
    end_ms: int
    words: tuple[Word, ...]
    average_logprob: float
    no_speech_probability: float
    compression_ratio: float


@dataclass(frozen=True, slots=True)
class Removal:
    """Something that was recognised and is not shown; the report lists it."""

    span: Span
    text: str
    reason: Message


DeviationKind = Literal["skipped", "added", "changed", "repeated", "moved"]


@dataclass(frozen=True, slots=True)
class Deviation:
    """A passage in which the speech does not follow the script (讲稿)."""

    kind: DeviationKind
    span: Span
    """When it was said; for a skipped passage the moment at which it would have come (start = end)."""
    script: str
    """What the script has; empty for an added passage."""
    spoken: str
    """What was recognised; empty for a skipped passage."""
    confidence: float
    """0 to 1: how sure it is that speech and script differ here, rather than recognition and speech."""


@dataclass(frozen=True, slots=True)
class ScriptMatch:
    """How the speech of a lecture follows its script (讲稿)."""

    path: Path
    sha256: str
    encoding: str
    """Of the file: ``utf-8``, ``gb18030``, ``docx`` …"""
    characters: int
    """Letters, digits and characters of the script."""
    followed: float
    """Share of them that the speech follows, 0 to 1."""
    deviations: tuple[Deviation, ...]
    """In order of time."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What the engine heard."""

    engine: str
    model: str
    """Name or file name."""
    model_sha256: str | None
    is_demo_model: bool
    """The tiny model that only knows the demo's synthetic voice; it is named wherever it was used."""
    language: str
    segments: tuple[SpeechSegment, ...]
    removals: tuple[Removal, ...] = ()
    script: ScriptMatch | None = None
    """``None`` when no script (讲稿) was given."""
    ran: tuple[str, ...] = ()
    """What recognised the clips, in order: engine, model, precision and device in one line each."""
    heard: tuple[SpeechSegment, ...] = ()
    """What was recognised before a script was laid over it, for a person to compare; empty without a script."""


# -- caption ----------------------------------------------------------------------------------------------------------

FlagKind = Literal[
    "low-confidence",
    "fast",
    "long",
    "short",
    "near-silence",
    "unbreakable",
    "deviation",
    "missing-speech",
    "homophone",
    "wording",
    "script-form",
]


@dataclass(frozen=True, slots=True)
class Flag:
    """A doubt about a cue that a person should see."""

    kind: FlagKind
    message: Message
    weight: float
    """0 to 1: how much it matters; the report sorts by it."""
    found: str = ""
    """The words of the cue that are doubted; empty when it is the whole cue."""
    suggestion: str = ""
    """What a person may put in their place; nothing in the product does it by itself."""
    confidence: float | None = None
    """0 to 1: how likely the suggestion is right; ``None`` without one."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Text on the screen for a while."""

    start_ms: int
    end_ms: int
    text: str
    """Master text with full punctuation; ``\\n`` only where a preset asks for two lines or a person wrote it. The SRT
    holds this."""
    screen: str
    """What is drawn: on-screen punctuation, line breaks as ``\\n``."""
    confidence: float | None
    """Lowest word probability, ``None`` when the text is a person's."""
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class CueSheet:
    """All cues of a lecture, ordered, not overlapping, on the frame grid."""

    cues: tuple[Cue, ...]
    removals: tuple[Removal, ...] = ()


# -- render -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LectureInfo:
    """What is registered for a lecture."""

    name: str
    """Name of the output folder and its files."""
    title: str | None = None
    speaker: str | None = None
    """Several are separated as in ``张三、李四``."""
    unit: str | None = None
    date: str | None = None
    """As it shall be shown, such as ``2020年7月``."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the encoded picture is.

    Measured on short stretches of the recording, scaled and without subtitles, beside what most tools make of them.
    """

    pace: Literal["fast", "balanced", "best"]
    """What was asked for."""
    metric: Literal["VMAF", "SSIM"]
    mean: float
    minimum: float
    """Lowest of the frames that were compared."""
    bit_rate_bps: int
    """Of the stretches: each begins with a key frame, so the whole takes less."""
    reference: str
    """Encoder and setting of the usual way."""
    reference_mean: float
    reference_minimum: float
    reference_bit_rate_bps: int
    is_reached: bool
    """The quality that was aimed at was met within the bytes that were allowed."""
    stretches: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class LowerThird:
    """A panel that names who speaks, and when it is in the picture."""

    speakers: tuple[str, ...]
    unit: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class CutOut:
    """A stretch of a recording that is not delivered."""

    source: str
    """The recording's name."""
    span: Span
    """On the recording's own clock."""
    at_ms: int
    """Where it was, on the delivery's clock."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The finished video."""

    path: Path
    size_bytes: int
    sha256: str
    grid: FrameGrid
    encoder: str
    """Encoder and its settings in one line, such as ``libx264 veryfast crf 21``."""
    segments: int
    segments_encoded: int
    """How many of them were encoded in this run; the rest came from the store."""
    repairs: tuple[Message, ...] = ()
    """What was done to the picture beyond scaling: deinterlaced, tone-mapped, padded, held …"""
    quality: Quality | None = None
    """``None``: the setting was given, or the recording is too short for measuring to pay."""
    lower_thirds: tuple[LowerThird, ...] = ()
    """The panels in the picture, in order."""
    cuts: tuple[CutOut, ...] = ()
    """What of the recordings is left out, part by part."""


# -- check ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GopStructure:
    """Groups of pictures of an H.264 stream."""

    longest_s: float
    is_closed: bool | None
    """``None`` when it could not be told."""
    b_frames: bool


@dataclass(frozen=True, slots=True)
class ReadBack:
    """One cue read from the finished picture by OCR."""

    cue_number: int
    """Counted from 1."""
    at_ms: int
    expected: str
    read: str
    similarity: float
    """0 to 1, on characters without punctuation and spaces."""
    thumbnail: Path | None
    """JPEG of the frame, 640 pixels wide."""
    contrast: float | None = None
    """Contrast ratio (WCAG 2) of the text's fill against the ground right round it, 1 to 21; ``None`` when unread."""
    box: tuple[int, int, int, int] | None = None
    """Left, top, right, bottom of the text that was read, in pixels of the finished picture."""
    is_inside_margins: bool | None = None
    """Whether the box lies inside the preset's margins and greatest width."""


@dataclass(frozen=True, slots=True)
class BandText:
    """Text found where subtitles stand, in a file that came without a subtitle file."""

    at_ms: int
    read: str
    thumbnail: Path | None
    """JPEG of the frame, 640 pixels wide."""


@dataclass(frozen=True, slots=True)
class OpeningText:
    """Something that is registered for a lecture, and whether its opening says it."""

    field: Literal["title", "speaker", "unit"]
    text: str
    """As registered; each of several speakers on its own."""
    similarity: float
    """0 to 1: of what was read that is most like it."""
    at_ms: int | None
    """When it was read best; ``None`` when nothing like it was read."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What was read in the first seconds of a finished picture of what is registered for it."""

    texts: tuple[OpeningText, ...]
    last_ms: int | None
    """Latest time at which all that was found was still read; ``None`` when it was not read at one time."""
    thumbnail: Path | None = None
    """JPEG of the frame that says most, 640 pixels wide."""


@dataclass(frozen=True, slots=True)
class Measurements:
    """Everything that was measured from a finished file alone; rules judge it, nothing else."""

    recording: Recording
    """The probe of the finished file."""
    pts_deltas_equal: bool
    gop: GopStructure | None
    loudness: Loudness | None
    clipped_runs: int
    """Runs of 3 or more full-scale samples."""
    dead_channels: tuple[int, ...]
    """Channels, counted from 0, that stay below −60 dBFS while another does not."""
    is_phase_inverted: bool
    black: tuple[Span, ...]
    frozen: tuple[Span, ...]
    silent: tuple[Span, ...]
    flashes: tuple[Span, ...]
    """Seconds that hold more than three flashes."""
    bars: tuple[int, int, int, int]
    """Black bars left, top, right, bottom in pixels of the finished picture."""
    speech: tuple[Span, ...]
    cues: tuple[Cue, ...] | None
    """From the sidecar SRT; ``None`` without one."""
    sidecar: Path | None
    sidecar_problems: tuple[Message, ...]
    """What is wrong with the sidecar file: encoding, order, overlap, broken cues."""
    read_backs: tuple[ReadBack, ...]
    decode_errors: int
    """Errors that the picture's decoder met, a break before the announced end among them."""
    sound_decode_errors: int = 0
    """So for the sound's decoder."""
    band_texts: tuple[BandText, ...] = ()
    """Without a sidecar: what stands in the subtitle band while somebody speaks."""
    major_brand: str | None = None
    """MP4 family only: the brand that tells MP4 (``isom``, ``mp42`` …) from QuickTime (``qt``)."""
    opening: Opening | None = None
    """``None`` when neither a title nor a speaker is registered, or there is no picture."""
    picture_share: float = 1.0
    """Of the picture's frames, those that were decoded and looked at."""
    picture_sure_s: float = 0.0
    """Flashes that go on for this long are found for certain; 0 when every frame was looked at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's judgement. Values are written out, without a language; ``detail`` waits for one."""

    rule: str
    level: Level
    kind: Kind
    measured: str | None
    expected: str | None
    unit: str | None = None
    spans: tuple[Span, ...] = ()
    """Where in the lecture."""
    detail: Message | None = None
    """What a person should know or do."""
    source: str = ""
    """The clause, quoted from the preset."""

    @property
    def is_miss(self) -> bool:
        """A required rule that failed: the verdict is 不合格."""
        return self.kind == "fail" and self.level == "required"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the report says, before it takes a form."""

    lecture: LectureInfo
    preset: str
    preset_title: str
    notice: str
    """The notice in its own words."""
    findings: tuple[Finding, ...]
    measurements: Measurements
    sha256: str
    size_bytes: int
    created_utc: str
    """ISO 8601."""
    tools: tuple[tuple[str, str], ...]
    """Name and version: weike, ffmpeg, whisper, font …"""
    source: Recording | None = None
    """The raw recording, when the file came from ``convert``."""
    soundtrack: Soundtrack | None = None
    transcript: Transcript | None = None
    cue_sheet: CueSheet | None = None
    delivery: Delivery | None = None
    notices: tuple[Message, ...] = field(default=())
    """Repairs, fallbacks and doubts met on the way."""
    person_subtitles: Path | None = None
    """The subtitle file of a person that was burned in; ``None`` when the words are the product's."""

    @property
    def is_compliant(self) -> bool:
        """No required rule was missed: the verdict is 合格."""
        return not any(f.is_miss for f in self.findings)
