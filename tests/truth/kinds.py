"""Every kind of source that people bring, as ffmpeg makes it here, each with what is true of it.

What cannot be made here: Dolby Vision (no free encoder writes its metadata), and field pairs coded apart (PAFF).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Literal

from tests.media.rendering.test_picture import MATRICES

AVC = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-g", "25", "-bf", "2")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-crf", "10", "-x265-params", "log-level=none", "-tag:v", "hvc1")
AAC = ("-c:a", "aac", "-b:a", "128k")
NTSC = Fraction(1000, 1001)
WIDE, NARROW, TALL = Fraction(16, 9), Fraction(4, 3), Fraction(9, 16)

_DELAY = {"aac": 1024, "libmp3lame": 1105, "mp2": 481, "ac3": 256}
"""Samples that ffmpeg's encoders put before the sound (``initial_padding``)."""

NOT_MADE_HERE = {
    "dolby-vision": "no free encoder writes Dolby Vision metadata; its HLG base layer is the kind phone-hlg",
    "avchd-paff": "x264 codes both fields in one picture; field pairs are tried with real files alone",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A source: how it is made, and what is true of it."""

    name: str
    suffix: str
    codecs: tuple[str, ...] = (*AVC, *AAC)
    rate: Fraction = Fraction(25)
    """Frames a second that are drawn."""
    seconds: float = 4
    size: tuple[int, int] = (192, 108)
    shape: Fraction = WIDE
    """Width ÷ height as it is meant to be seen."""
    light: Literal["sdr", "hlg", "pq", "wide", "p3"] = "sdr"
    matrix: Literal["bt601", "bt709", "bt2020", "rgb"] = "bt601"
    is_full_range: bool = False
    pixels: str = "yuv420p"
    filters: tuple[str, ...] = ()
    marks: str = ""
    """Of ``setparams``: what the file says about its colours."""
    dropped: tuple[tuple[int, int], ...] = ()
    """First and last of each run of frames that the recorder left out."""
    jitter_s: Fraction = Fraction(0)
    """Frame n comes (7n mod 5) times this late."""
    turn: str = ""
    """Which of the eight orientations it is stored in."""
    before_picture: tuple[str, ...] = ()
    before_sound: tuple[str, ...] = ()
    picture_at: Fraction = Fraction(0)
    """Time in the delivery of frame 0; negative: it was cut away."""
    sound_at: Fraction = Fraction(0)
    sounds: tuple[str, ...] = ("stereo",)
    """Sound tracks: ``stereo``, ``mono``, ``5.1``, ``8k``, ``short``, ``long``; ``other`` beeps half a second late."""
    audio_track: int | None = None
    sides: Literal["black", "blur"] = "black"
    more: tuple[str, ...] = ()
    """Further inputs, mapped after picture and sound: ``cover``, ``picture``, ``empty``, ``subtitles``."""
    cut_s: float = 0
    """Cut away afterwards at the front without encoding again, as editors of phones do."""
    lead_s: Fraction = Fraction(0)
    """How much earlier the sound begins because the file does not say that its encoder put something before it.

    The whole delivery comes later by as much; what a muxer says is found out once the clip is there.
    """

    @property
    def encoders(self) -> frozenset[str]:
        """What the ffmpeg must be able to encode."""
        args = self.codecs
        return frozenset(value for option, value in pairwise(args) if option.startswith("-c:"))

    @property
    def delay_s(self) -> Fraction:
        """What the sound's encoder puts before its first sample."""
        if not self.sounds:
            return Fraction(0)
        codec = self.codecs[self.codecs.index("-c:a") + 1]
        rate = int(self.codecs[self.codecs.index("-ar") + 1]) if "-ar" in self.codecs else 48000
        return Fraction(_DELAY.get(codec, 0), rate)

    def times(self) -> list[tuple[int, Fraction]]:
        """Return (number, time in the delivery) of each frame in the source."""
        zero = self.picture_at + self.lead_s
        count = round(self.seconds * self.rate)
        kept = (n for n in range(count) if not any(first <= n <= last for first, last in self.dropped))
        return [(n, zero + n / self.rate + 7 * n % 5 * self.jitter_s) for n in kept]

    @property
    def used_sound(self) -> str:
        """The sound that is to be heard: the one asked for, else the default one, which is the last; empty without."""
        return self.sounds[(self.audio_track or 0) - 1] if self.sounds else ""

    @property
    def sound_s(self) -> float:
        """Length of that sound as made."""
        return self.seconds + {"short": -1.3, "long": 1.3}.get(self.used_sound, 0)

    def beeps(self) -> list[tuple[int, float]]:
        """Return (second of the source, time in the delivery) of each beep."""
        first = float(self.sound_at + self.lead_s) + (0.5 if self.used_sound == "other" else 0)
        last = self.sound_s - 0.2 if self.sounds else 0
        return [
            (second, first + second)
            for second in range(1, int(last) + 1)
            if first + second >= 0 and first + second < self.end_s - 0.2
        ]

    @property
    def end_s(self) -> float:
        """When the delivery ends."""
        picture = float(self.picture_at) + self.seconds
        end = max(picture, float(self.sound_at) + self.sound_s) if self.sounds else picture
        return end + float(self.lead_s)


def _hdr(name: str, light: Literal["hlg", "pq"]) -> Kind:
    transfer = {"hlg": "arib-std-b67", "pq": "smpte2084"}[light]
    marks = f"range=limited:color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc"
    said = ("-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc", "-color_range", "tv")
    return Kind(name, ".mov", (*HEVC, *said, *AAC), Fraction(30), 2.5, light=light, matrix="bt2020",
                pixels="yuv420p10le", marks=marks)  # fmt: skip


def _fields(name: str, first: Literal["tff", "bff"], suffix: str, codecs: tuple[str, ...]) -> Kind:
    side = {"tff": "top", "bff": "bottom"}[first]
    filters = (f"tinterlace=interleave_{side}", f"setfield={first}")
    return Kind(name, suffix, codecs, Fraction(50), 4, filters=filters)


_IN_FIELDS = ("-flags", "+ilme+ildct")


def _phones() -> Iterator[Kind]:
    for turn in MATRICES:
        yield Kind(
            f"phone-{turn.replace(', ', '-').replace(' ', '-')}", ".mov", (*HEVC, *AAC), Fraction(30), 1.5, turn=turn
        )
    yield _hdr("phone-hlg", "hlg")
    yield _hdr("phone-pq", "pq")
    slow = partial(Kind, suffix=".mov", codecs=(*HEVC, *AAC), seconds=2.5)
    yield slow("phone-120-fps", rate=Fraction(120))
    yield slow("phone-240-fps", rate=Fraction(240))
    yield Kind("portrait-black", ".mp4", size=(108, 192), shape=TALL)
    yield Kind("portrait-blurred", ".mp4", size=(108, 192), shape=TALL, sides="blur")


def _recorders() -> Iterator[Kind]:
    gaps = ((30, 38), (43, 45), (52, 74), (76, 99), (101, 115))
    vfr = ("-fps_mode", "vfr")
    yield Kind("screen-vfr", ".mp4", (*AVC, *AAC, *vfr), Fraction(30), 5, dropped=gaps)
    yield Kind("screen-vfr", ".mkv", (*AVC, *AAC, *vfr), Fraction(30), 5, dropped=gaps)
    yield Kind("meeting-drops", ".mp4", (*AVC, *AAC, *vfr, "-enc_time_base", "1:90000"), Fraction(15), 5,
               dropped=((9, 9), (16, 18), (31, 44)), jitter_s=Fraction(3, 1000))  # fmt: skip
    yield Kind("meeting-10-fps", ".mp4", rate=Fraction(10))
    yield Kind("screen-animation", ".mov", ("-c:v", "qtrle", "-c:a", "aac"), Fraction(15), pixels="rgb24", matrix="rgb")
    yield Kind(
        "screen-fragments", ".mp4", (*AVC, "-bf", "0", *AAC, "-movflags", "+frag_keyframe+empty_moov+default_base_moof")
    )
    vp8 = ("-c:v", "libvpx", "-cpu-used", "8", "-b:v", "800k")
    yield Kind("browser-live", ".webm", (*vp8, "-c:a", "libopus", "-f", "webm", "-live", "1"), Fraction(30))
    yield Kind(
        "screen-rgb",
        ".mkv",
        ("-c:v", "libx264rgb", "-preset", "ultrafast", "-crf", "8", *AAC),
        pixels="gbrp",
        matrix="rgb",
    )


def _cameras() -> Iterator[Kind]:
    avchd = (*AVC, *_IN_FIELDS, "-c:a", "ac3", "-b:a", "192k")
    packed = ("-mpegts_m2ts_mode", "1", "-f", "mpegts")
    tff = _fields("avchd-tff", "tff", ".mts", (*avchd, "-x264-params", "tff=1", *packed))
    yield tff
    yield replace(tff, name="avchd-ntsc", rate=60 * NTSC)
    yield _fields("avchd-bff", "bff", ".mts", (*avchd, "-x264-params", "bff=1", *packed))
    dvd = ("-c:v", "mpeg2video", "-q:v", "3", "-g", "12", "-bf", "2", *_IN_FIELDS, "-c:a", "mp2", "-b:a", "192k")
    yield _fields("dvd-tff", "tff", ".mpg", (*dvd, "-f", "vob"))
    dv = _fields("dv-bff", "bff", ".dv", ("-c:v", "dvvideo", "-c:a", "pcm_s16le", "-ar", "48000"))
    pal = ("scale=720:576:flags=neighbor", "setdar=4/3")
    yield replace(dv, size=(144, 108), shape=NARROW, filters=(*pal, *dv.filters))
    broadcast = ("-c:v", "mpeg2video", "-q:v", "2", "-c:a", "pcm_s16le", "-ar", "48000")
    yield Kind("broadcast", ".mxf", broadcast, pixels="yuv422p")
    yield Kind("broadcast-four-sounds", ".mxf", broadcast, pixels="yuv422p", sounds=("other", "mono", "mono", "mono"),
               audio_track=3)  # fmt: skip
    alpha = ("-c:v", "prores_ks", "-profile:v", "4444", "-c:a", "pcm_s24le")
    yield Kind("prores-alpha", ".mov", alpha, pixels="yuva444p10le")
    prores = ("-c:v", "prores_ks", "-profile:v", "3", "-c:a", "pcm_s16le")
    yield Kind("prores", ".mov", prores, pixels="yuv422p10le")


def _shapes() -> Iterator[Kind]:
    yield Kind("narrow", ".mp4", size=(160, 120), shape=NARROW)
    yield Kind("odd-sar", ".mp4", size=(144, 108), filters=("setsar=4/3",))
    yield Kind("odd-size-vp9", ".webm", ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-b:v", "600k", "-c:a", "libopus"),
               size=(193, 109), shape=Fraction(193, 109))  # fmt: skip
    yield Kind("odd-size-444", ".mp4", size=(193, 109), shape=Fraction(193, 109), pixels="yuv444p")


def _pixels() -> Iterator[Kind]:
    yield Kind("ten-bits", ".mp4", pixels="yuv420p10le")
    yield Kind("four-two-two", ".mp4", pixels="yuv422p")
    yield Kind("four-four-four", ".mp4", pixels="yuv444p")
    marked = "range={}:color_primaries={}:color_trc={}:colorspace={}".format
    yield Kind("full-range", ".mp4", pixels="yuvj420p", is_full_range=True, matrix="bt709",
               marks=marked("full", "bt709", "bt709", "bt709"))  # fmt: skip
    yield Kind("bt601-marked", ".mp4", marks=marked("limited", "smpte170m", "smpte170m", "smpte170m"))
    yield Kind("bt709-marked", ".mp4", matrix="bt709", marks=marked("limited", "bt709", "bt709", "bt709"))
    wide = marked("limited", "bt2020", "bt2020-10", "bt2020nc")
    yield Kind("wide-gamut", ".mp4", light="wide", matrix="bt2020", pixels="yuv420p10le", marks=wide)
    yield Kind("wide-gamut-full", ".mp4", light="wide", matrix="bt2020", is_full_range=True, pixels="yuvj420p",
               marks=marked("full", "bt2020", "bt2020-12", "bt2020nc"))  # fmt: skip
    yield Kind("p3-screen", ".mov", light="p3", matrix="bt709", marks=marked("limited", "smpte432", "bt709", "bt709"))
    rgb = ("-c:v", "libx264rgb", "-preset", "ultrafast", "-crf", "8", *AAC)
    yield Kind("p3-rgb", ".mkv", rgb, light="p3", matrix="rgb", pixels="gbrp",
               marks=marked("full", "smpte432", "iec61966-2-1", "gbr"))  # fmt: skip


def _containers() -> Iterator[Kind]:
    yield Kind("xvid-mp3", ".avi", ("-c:v", "mpeg4", "-q:v", "2", "-bf", "1", "-c:a", "libmp3lame"))
    yield Kind("h264-pcm", ".avi", (*AVC, "-c:a", "pcm_s16le"))
    yield Kind("mjpeg-pcm", ".avi", ("-c:v", "mjpeg", "-q:v", "2", "-c:a", "pcm_s16le"), pixels="yuvj420p",
               is_full_range=True)  # fmt: skip
    yield Kind("windows", ".wmv", ("-c:v", "wmv2", "-q:v", "2", "-c:a", "wmav2", "-b:a", "128k"))
    yield Kind("windows-b-frames", ".wmv", ("-c:v", "mpeg4", "-q:v", "2", "-bf", "2", "-c:a", "wmav2", "-b:a", "128k"))
    yield Kind("flash", ".flv", ("-c:v", "flv", "-q:v", "2", "-c:a", "libmp3lame", "-ar", "44100"))
    yield Kind("live", ".flv")
    yield Kind("stream", ".ts")
    yield Kind("stream-mp2", ".ts", ("-c:v", "mpeg2video", "-q:v", "2", "-bf", "2", "-c:a", "mp2"))
    yield Kind("phone-3gp", ".3gp", ("-c:v", "h263", "-q:v", "2", *AAC, "-ar", "16000"), Fraction(15), size=(176, 144),
               shape=NARROW, filters=("setdar=4/3",))  # fmt: skip
    yield Kind("phone-amr", ".3gp", ("-c:v", "h263", "-q:v", "2", "-c:a", "libopencore_amrnb"), Fraction(15),
               size=(176, 144), shape=NARROW, filters=("setdar=4/3",), sounds=("8k",))  # fmt: skip
    yield Kind("plain", ".mkv")
    yield Kind("raw-stream", ".h264", (*AVC, "-f", "h264"), sounds=())
    yield Kind("raw-stream", ".m1v", ("-c:v", "mpeg1video", "-q:v", "2", "-bf", "2", "-f", "mpeg1video"), sounds=())
    yield Kind("raw-stream-ntsc", ".h264", (*AVC, "-f", "h264"), 30 * NTSC, sounds=())
    yield Kind("raw-stream", ".hevc", (*HEVC, "-f", "hevc"), Fraction(30), sounds=())
    yield Kind("vp8", ".webm", ("-c:v", "libvpx", "-cpu-used", "8", "-b:v", "800k", "-c:a", "libvorbis"))
    yield Kind("vp9", ".webm", ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-b:v", "800k", "-c:a", "libopus"))
    yield Kind("av1", ".mp4", ("-c:v", "libsvtav1", "-preset", "12", "-crf", "20", "-c:a", "aac"))
    yield Kind("cd-rate", ".mkv", (*AVC, *AAC, "-ar", "44100"))
    yield Kind("opus", ".mp4", (*AVC, "-c:a", "libopus"))
    yield Kind("program", ".mpg", ("-c:v", "mpeg2video", "-q:v", "2", "-bf", "2", "-c:a", "mp2", "-f", "vob"))


def _sounds() -> Iterator[Kind]:
    yield Kind("mono", ".mp4", sounds=("mono",))
    yield Kind("surround", ".mkv", (*AVC, "-c:a", "ac3", "-b:a", "384k"), sounds=("5.1",))
    yield Kind("eight-khz", ".avi", (*AVC, "-bf", "0", "-c:a", "pcm_s16le"), sounds=("8k",))
    two = (*AVC, *AAC, "-disposition:a:0", "0", "-disposition:a:1", "default")
    yield Kind("two-sounds", ".mp4", two, sounds=("other", "stereo"))
    yield Kind("two-sounds-first", ".mp4", two, sounds=("other", "stereo"), audio_track=1)
    yield Kind("no-sound", ".mp4", sounds=())
    yield Kind("short-sound", ".mp4", sounds=("short",))
    yield Kind("long-sound", ".mp4", sounds=("long",))


def _starts() -> Iterator[Kind]:
    late, late_s = ("-itsoffset", "1.28"), Fraction(32, 25)
    through = (*AVC, *AAC, "-fps_mode", "passthrough")
    for suffix in (".mp4", ".mkv", ".ts"):
        yield Kind("late-picture", suffix, through, before_picture=late, picture_at=late_s)
        yield Kind("late-sound", suffix, before_sound=("-itsoffset", "0.7"), sound_at=Fraction(7, 10))
    cut = partial(Kind, cut_s=1.4, picture_at=Fraction(-7, 5), sound_at=Fraction(-7, 5), seconds=5)
    yield cut("trimmed-edit-list", ".mp4")
    yield cut("trimmed-edit-list", ".mov")
    yield Kind("far-from-zero", ".ts", (*AVC, *AAC, "-output_ts_offset", "95000"))
    yield Kind("clock-wraps", ".ts", (*AVC, *AAC, "-output_ts_offset", "95441.7"))


def _company() -> Iterator[Kind]:
    yield Kind("cover", ".mp4", more=("cover",))
    yield Kind("second-picture", ".mkv", more=("picture",))
    yield Kind("empty-picture", ".mov", more=("empty",))
    yield Kind("subtitles", ".mp4", more=("subtitles",))
    yield Kind("subtitles", ".mkv", more=("subtitles",))


def _rates() -> Iterator[Kind]:
    for name, rate in (("23.976", 24 * NTSC), ("24", Fraction(24)), ("29.97", 30 * NTSC), ("59.94", 60 * NTSC),
                       ("50", Fraction(50)), ("60", Fraction(60))):  # fmt: skip
        yield Kind(f"rate-{name}", ".mp4", rate=rate)
    yield Kind("rate-29.97", ".mkv", rate=30 * NTSC)


_GROUPS: tuple[Callable[[], Iterator[Kind]], ...] = (
    _phones, _recorders, _cameras, _shapes, _pixels, _containers, _sounds, _starts, _company, _rates,
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.name + kind.suffix: kind for group in _GROUPS for kind in group()}
