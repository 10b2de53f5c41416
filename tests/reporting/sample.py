"""A made-up lecture's report with every rule, so that the forms it takes can be looked at whole."""

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from pipeline.presets import RULE_IDS, Preset, load_preset
from pipeline.records import (
    AudioStream,
    Cue,
    CueSheet,
    CutOut,
    Delivery,
    Deviation,
    Finding,
    Flag,
    GopStructure,
    Kind,
    LectureInfo,
    Loudness,
    LowerThird,
    Measurements,
    Quality,
    ReadBack,
    Recording,
    Removal,
    Report,
    ScriptMatch,
    Soundtrack,
    Span,
    SpeechSegment,
    Transcript,
    VideoStream,
)
from pipeline.texts import Message
from pipeline.timing import FrameGrid

DURATION_MS = 932_440
SENTENCES = (
    "同学们好，今天我们来学习抗疫精神。",
    "生命至上，举国同心，舍生忘死。",
    "一方有难，八方支援，这是中国力量。",
    "广大党员冲锋在前，让党旗高高飘扬。",
    "青年一代在磨砺中成长，在奉献中担当。",
    "让我们不忘初心，牢记使命，继续前进。",
)
VALUES: dict[str, tuple[str | None, str | None, str | None]] = {
    "duration.range": ("932.44", "900–1200", "s"),
    "size.cap": ("312345678", "≤ 1000000000", "B"),
    "container.mp4": ("mp4 (isom)", "mp4", None),
    "video.codec": ("h264", "h264", None),
    "video.raster": ("1920×1080", "1920×1080", "px"),
    "video.geometry": ("SAR 1:1, 0°", "SAR 1:1, 0°", None),
    "video.bars": ("0", "0", "px"),
    "video.frame_rate": ("CFR 25", "CFR 25 / 29.97 / 30 / 50 / 59.94 / 60", "fps"),
    "video.structure": (
        "progressive; High; yuv420p; L4.0; GOP 2.00 s; closed; moov first",
        "progressive; High; yuv420p; L4.0; GOP ≤ 2 s; closed; moov first",
        None,
    ),
    "video.edit_list": ("+0", "±40", "ms"),
    "video.colour": ("bt709/bt709/bt709, tv", "bt709/bt709/bt709, tv", None),
    "audio.format": ("aac, 48000 Hz, stereo, 160 kb/s", "aac, 48000 Hz, stereo, ≥ 128 kb/s", None),
    "audio.loudness": ("-16.1 LUFS, -1.6 dBTP", "-17…-13 LUFS, ≤ -1 dBTP", None),
    "audio.clipping": ("clip 0, dead 0, φ +", "clip 0, dead 0, φ +", None),
    "av.sync": ("start +0, end +12", "start −40…+60, end ±40", "ms"),
    "picture.black": ("0", "< 2", "s"),
    "picture.freeze": ("84.0 (1×)", "< 60", "s"),
    "sound.silence": ("0", "< 5", "s"),
    "picture.flash": ("≤ 3", "≤ 3", "1/s"),
    "subtitle.burned": ("0.97 (12/12)", "≥ 0.9", None),
    "subtitle.sidecar": ("150 cues, 0 problems", "SRT, UTF-8", None),
    "subtitle.script": ("0", "0", None),
    "subtitle.coverage": ("99.2%", "≥ 98%", None),
    "subtitle.layout": (
        "≤ 1 × 18, 1.20–6.40 s, ≤ 8.4 cps, gap ≥ 80 ms",
        "≤ 1 × 20, 0.83–7 s, ≤ 11 cps, gap ≥ 2 f",
        None,
    ),
    "subtitle.terms": ("0", "0", None),
    "title.card": ("3/3", "3/3, ≤ 10 s", None),
}
GOOD: dict[str, Kind] = {"picture.freeze": "review", "video.edit_list": "notApplicable"}
BAD: dict[str, Kind] = {
    **GOOD,
    "duration.range": "fail",
    "video.raster": "fail",
    "video.geometry": "fail",
    "subtitle.script": "fail",
    "audio.loudness": "fail",
    "subtitle.coverage": "fail",
    "sound.silence": "fail",
    "av.sync": "open",
}
BAD_VALUES: dict[str, tuple[str | None, str | None, str | None]] = {
    "duration.range": ("1262.12", "900–1200", "s"),
    "video.raster": ("1280×720", "1920×1080", "px"),
    "video.geometry": ("SAR 4:3, 90°", "SAR 1:1, 0°", None),
    "subtitle.script": ("2: 國 學", "0", None),
    "audio.loudness": ("-27.4 LUFS, -9.8 dBTP", "-17…-13 LUFS, ≤ -1 dBTP", None),
    "subtitle.coverage": ("91.3%", "≥ 98%", None),
    "sound.silence": ("11.5 (1×)", "< 5", "s"),
    "av.sync": (None, "start −40…+60, end ±40", "ms"),
}
DETAILS = {
    "video.raster": Message("The picture has {found} pixels where {wanted} are asked for.",
                            {"found": "1280×720", "wanted": "1920×1080"}),
    "subtitle.script": Message("Traditional characters: {characters}.", {"characters": "國、學"}),
    "subtitle.coverage": Message("Speech without a subtitle: {seconds} s.", {"seconds": "63.5"}),
}  # fmt: skip
SPANS = {
    "subtitle.coverage": tuple(Span(at, at + 3_200) for at in range(61_000, 900_000, 52_000)),
    "sound.silence": (Span(301_500, 313_000),),
    "picture.freeze": (Span(420_000, 504_000),),
    "subtitle.script": (Span(88_000, 91_000), Span(402_000, 405_000)),
}


DOUBTFUL = Message("Recognised with little confidence ({share}).", {"share": "38 %"})
BRISK = Message("{cps} characters a second, read with difficulty.", {"cps": "12.4"})
SUGGESTIONS = {
    23: Flag("homophone", Message("Sounds like a protected term."), 0.95, "战役精神", "战“疫”精神", 0.86),
    64: Flag("homophone", Message("Sounds like a protected term."), 0.9, "李名", "李明", 0.74),
    101: Flag("wording", Message("Usual wording in official texts."), 0.3, "建国以来", "新中国成立以来", 0.6),
}
"""Flags with a suggestion, under the place of their cue."""


def make_flags(number: int) -> tuple[Flag, ...]:
    """Return the flags of the cue at place ``number``: few that matter among many of little confidence."""
    flags = [SUGGESTIONS[number]] if number in SUGGESTIONS else []
    if number in {17, 80}:
        flags += [Flag("low-confidence", DOUBTFUL, 0.9), Flag("fast", BRISK, 0.5)]
    elif 30 <= number < 60:
        flags.append(Flag("low-confidence", DOUBTFUL, 0.4 + number / 200))
    if number in {5, 44, 120}:
        flags.append(Flag("fast", replace(BRISK, values={"cps": "9.6"}), 0.45))
    if number == 70:
        flags.append(Flag("deviation", Message("The speech does not follow the script here."), 0.6))
    if number == 71:
        flags.append(Flag("missing-speech", Message("Somebody speaks after this cue; nothing was recognised."), 0.8))
    if number == 99:
        flags.append(Flag("short", Message("On the screen for {ms} ms only.", {"ms": "840"}), 0.2))
    return tuple(flags)


def make_cues(count: int = 150) -> tuple[Cue, ...]:
    cues = []
    for number in range(count):
        start = 2_000 + number * 6_160
        text = SENTENCES[number % len(SENTENCES)]
        flags = make_flags(number)
        screen = text.replace("，", "　").rstrip("。")
        cues.append(Cue(start, start + 4_900, text, screen, 0.38 if flags else 0.93, flags))
    return tuple(cues)


REMOVALS = (
    Removal(
        Span(301_800, 304_000),
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        Message("A stock phrase over a stretch without speech."),
    ),
    Removal(Span(306_000, 312_400), "谢谢谢谢谢谢谢谢谢谢谢谢谢谢谢谢", Message("The same words over and over again.")),
)
SKIPPED = (
    "我们还要看到，这场斗争是对国家治理体系和治理能力的一次集中检验。从封控管理到物资调配，从医疗救治到社区服务，"
    "每一个环节都离不开制度的保障，也离不开每一个普通人的坚守。历史将会记住那些逆行的身影，也会记住千千万万"
    "默默付出的劳动者，他们用平凡的双手托起了不平凡的春天。"
)
SCRIPT = ScriptMatch(
    Path("/lectures/kangyi.docx"), "c3" * 32, "docx", 5_412, 0.9634,
    (
        Deviation("changed", Span(96_000, 101_500), "八万多名确诊患者", "八万多名病人", 0.92),
        Deviation("skipped", Span(220_000, 220_000), SKIPPED, "", 0.97),
        Deviation("added", Span(431_000, 437_000), "", "我插一句，昨天还有同学问我这个问题。", 0.88),
        Deviation("changed", Span(500_000, 502_000), "众志成城", "重志成成", 0.21),
        Deviation("repeated", Span(610_000, 615_500), "让党旗高高飘扬。", "让党旗高高飘扬，让党旗高高飘扬。", 0.81),
        Deviation("moved", Span(702_000, 709_000), "青年一代在磨砺中成长。", "青年一代在磨砺中成长。", 0.64),
    ),
)  # fmt: skip


def make_read_backs(cues: tuple[Cue, ...], bad: bool, thumbnails: tuple[Path, ...]) -> tuple[ReadBack, ...]:
    """Return every third cue as read from the picture; ``bad``: one misread, one faint, one out of its place."""
    reads = []
    for i, n in enumerate(range(1, len(cues) + 1, 3)):
        cue = cues[n - 1]
        half = 27 * len(cue.screen)
        read = ReadBack(
            n, cue.start_ms + 2_000, cue.screen, cue.screen.replace("　", " "), 0.97,
            thumbnails[i % len(thumbnails)] if thumbnails else None, 18.7, (960 - half, 965, 960 + half, 1015), True,
        )  # fmt: skip
        if bad and n == 31:
            read = replace(
                read, read="生命至上 举国同", similarity=0.64, contrast=None, box=None, is_inside_margins=None
            )
        elif bad and n == 61:
            read = replace(read, contrast=2.31)
        elif bad and n == 91:
            read = replace(read, box=(40, 1010, 980, 1064), is_inside_margins=False)
        reads.append(read)
    return tuple(reads)


def make_recording(path: Path, **changes: object) -> Recording:
    video = VideoStream(
        index=0, codec="h264", profile="High", level=40, width=1920, height=1080, sar=Fraction(1), rotation=0,
        is_mirrored=False, pixel_format="yuv420p", bit_depth=8, is_full_range=False, primaries="bt709",
        transfer="bt709", matrix="bt709", is_interlaced=False, field_order="progressive", frame_rate=Fraction(25),
        is_constant_rate=True, frame_count=23311, start_s=Fraction(0), end_s=Fraction(DURATION_MS, 1000),
        time_base=Fraction(1, 12800), bit_rate_bps=2_512_000, keyframe_interval_max_s=Fraction(2), is_seekable=True,
    )  # fmt: skip
    audio = AudioStream(
        1, "aac", "LC", 48000, 2, "stereo", Fraction(0), Fraction(DURATION_MS, 1000), 160_000, "chi", True
    )
    recording = Recording(
        path, "0f" * 32, 312_345_678, "mov,mp4,m4a,3gp,3g2,mj2", video, audio, (), Fraction(0),
        Fraction(DURATION_MS, 1000), True, False,
    )  # fmt: skip
    return replace(recording, **changes)  # type: ignore[arg-type]


def make_source(path: Path) -> Recording:
    made = make_recording(
        path, size_bytes=11_204_551, sha256="a1" * 32, has_moov_first=False, other_streams=("data:bin_data",)
    )
    assert made.video
    assert made.audio
    return replace(
        made,
        video=replace(made.video, width=1280, height=720, profile="Main", level=31, frame_rate=Fraction(30000, 1001),
                      is_constant_rate=False, bit_rate_bps=410_000),
        audio=replace(made.audio, sample_rate_hz=44100, channels=1, channel_layout="mono", bit_rate_bps=64_000),
        faults=(Message("The picture's frame rate varies; it was made constant."),),
    )  # fmt: skip


def make_loudness(integrated: float | None = -16.1) -> Loudness:
    curve = tuple(
        -70.0 if 300 < s < 313 else -17 + 3 * math.sin(s / 11) + 2 * math.sin(s / 3.1) - 6 * (s % 97 < 4)
        for s in range(DURATION_MS // 1000)
    )
    return Loudness(integrated, 5.4, None if integrated is None else -1.6, curve)


def make_findings(preset: Preset, kinds: dict[str, Kind], bad: bool) -> tuple[Finding, ...]:
    findings = []
    for rule in RULE_IDS:
        measured, expected, unit = (BAD_VALUES if bad else {}).get(rule, VALUES[rule])
        kind = kinds.get(rule, "pass")
        level = "required" if rule == "duration.range" and bad else preset.levels[rule]
        told = kind in {"fail", "review"}
        findings.append(
            Finding(rule, level, kind, measured, expected, unit, SPANS.get(rule, ()) if told else (),
                    DETAILS.get(rule) if told else None, preset.sources[rule])
        )  # fmt: skip
    return tuple(findings)


def make_report(folder: Path, *, bad: bool = False, thumbnails: tuple[Path, ...] = ()) -> tuple[Report, Preset]:
    """Return a report of a lecture that is compliant, or misses much when ``bad``, and its preset."""
    preset = load_preset()
    cues = make_cues()
    speech = tuple(Span(cue.start_ms - 80, cue.end_ms + 60) for cue in cues)
    video = make_recording(folder / "kangyi.mp4")
    return Report(
        lecture=LectureInfo("kangyi", "在抗疫斗争中彰显青春担当", "李明", "东南大学土木工程学院党委"),
        preset=preset.id,
        preset_title=preset.title.zh_CN,
        notice=preset.notice,
        findings=make_findings(preset, BAD if bad else GOOD, bad),
        measurements=Measurements(
            recording=video, pts_deltas_equal=True, gop=GopStructure(2.0, True, True), loudness=make_loudness(),
            clipped_runs=0, dead_channels=(), is_phase_inverted=False, black=(), frozen=(Span(420_000, 504_000),),
            silent=(), flashes=(), bars=(0, 0, 0, 0), speech=speech, cues=tuple(replace(c, flags=()) for c in cues),
            sidecar=folder / "kangyi.srt", sidecar_problems=(),
            read_backs=make_read_backs(cues, bad, thumbnails), decode_errors=0,
        ),
        sha256=video.sha256,
        size_bytes=video.size_bytes,
        created_utc="2026-07-01T08:30:00Z",
        tools=(("weike", "0.1.0"), ("ffmpeg", "7.0.2-static"), ("whisper", "20250625"),
               ("font", "Noto Sans SC Medium 2.004")),
        source=make_source(folder / "raw" / "MVI_0042.MOV"),
        soundtrack=Soundtrack(None, folder / "sound.m4a", make_loudness(-31.2), 15.1, speech, DURATION_MS),
        transcript=Transcript("whisper", "demo.pt", "b2" * 32, True, "zh",
                              (SpeechSegment("同学们好", 2000, 4000, (), -0.2, 0.01, 1.2),), REMOVALS, SCRIPT),
        cue_sheet=CueSheet(cues, REMOVALS[:1]),
        delivery=Delivery(video.path, video.size_bytes, video.sha256, FrameGrid(Fraction(25), 23311),
                          "libx264 faster crf 21", 16, 3,
                          (Message("The picture was enlarged from {size}.", {"size": "1280×720"}),),
                          Quality("balanced", "VMAF", 95.4123, 94.95, 812_345, "libx264 medium crf 23", 96.08, 95.83,
                                  864_000, True, (Span(61_000, 61_960), Span(300_000, 300_960))),
                          (LowerThird(("李文清",), None, Span(1_000, 7_000)),), (CutOut("raw.mov", Span(0, 400), 0),)),
        notices=(Message("The sound was recorded quietly ({value} LUFS) and raised.", {"value": "−31.2"}),),
    ), preset  # fmt: skip
