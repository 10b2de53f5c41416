"""Subtitles: burned in, beside the video, in simplified characters, wherever somebody speaks."""

from collections.abc import Sequence
from itertools import pairwise

from pipeline.characters import offending
from pipeline.homophones import written_wrong
from pipeline.presets import Preset
from pipeline.records import Cue, Measurements, ReadBack, Span
from pipeline.rules.registry import Verdict, rule
from pipeline.terms import preset_terms
from pipeline.texts import N_, Message
from pipeline.timing import clock

_COLLAR_MS = 300
"""Speech this near a cue counts as covered: in-times and speech edges are not known better."""
_SPOKEN_SHARE = 0.2
"""A cue with less speech than this share of its time is listed as a cue without speech."""
_SLIPS_SHARE, _SLIP_MIN = 0.04, 0.5
"""Of a hundred cues that are there, the reader misreads up to four in part; one that is absent it does not read at all.
Measured: 1 of 252 cues below 0.9, at 0.8."""
_SLIPS = N_(
    "{missed} of {count} cues were read differently from the picture, in part. Compare cue {number} at {time}: it "
    "should say “{expected}”; the machine read “{read}”."
)
_NEEDS_FILE = N_(
    "Give the subtitle file with --srt, or put it beside the video under the same name, to have this judged."
)


@rule("subtitle.burned")
def subtitle_burned(measurements: Measurements, preset: Preset) -> Verdict:
    """Every sampled cue is read back from the picture. Without a subtitle file, changing text asks for a person."""
    least = preset.limits.read_back_similarity_min
    expected = f"≥ {least:g}"
    if not preset.captions.burn:
        detail = Message(N_("This preset asks for no subtitles in the picture."))
        return Verdict("notApplicable", None, expected, detail=detail)
    if measurements.recording.video is None:
        return Verdict("fail", None, expected, detail=Message(N_("The file holds no picture, so no subtitles either.")))
    if not measurements.cues:
        return _unproven(measurements, expected)
    reads = measurements.read_backs
    if not reads:
        detail = Message(N_("No frame could be taken from the picture to read its subtitles."))
        return Verdict("fail", None, expected, detail=detail)
    worst = min(reads, key=lambda read: read.similarity)
    missed = [read for read in reads if read.similarity < least]
    measured = f"{worst.similarity:.2f} ({len(reads) - len(missed)}/{len(reads)})"
    if not missed:
        return Verdict("pass", measured, expected)
    values = {
        "missed": str(len(missed)), "count": str(len(reads)), "number": str(worst.cue_number),
        "time": clock(worst.at_ms), "expected": worst.expected, "read": worst.read or "—",
    }  # fmt: skip
    detail = Message(
        N_(
            "{missed} of {count} cues could not be read from the picture. Cue {number} at {time} should say "
            "“{expected}”; the picture says “{read}”. Burn the subtitles in again."
        ),
        values,
    )
    spans = tuple(_span(measurements.cues[read.cue_number - 1]) for read in missed)
    if _are_slips(reads, least):
        return Verdict("review", measured, expected, spans=spans, detail=Message(_SLIPS, values))
    return Verdict("fail", measured, expected, spans=spans, detail=detail)


def _are_slips(reads: Sequence[ReadBack], least: float) -> bool:
    """Tell whether the reader merely slipped: hardly any cue is misread, and none for the most part."""
    missed = [read for read in reads if read.similarity < least]
    return len(missed) <= len(reads) * _SLIPS_SHARE and all(read.similarity >= _SLIP_MIN for read in missed)


@rule("subtitle.sidecar")
def subtitle_sidecar(measurements: Measurements, preset: Preset) -> Verdict:
    """An SRT file in UTF-8, ordered, without overlaps, that says what was burned in."""
    expected = "SRT, UTF-8, ✗ 0"
    if measurements.sidecar is None or measurements.cues is None:
        detail = Message(N_("No subtitle file stands beside the video. Deliver the SRT file under the video's name."))
        return Verdict("fail", None, expected, detail=detail)
    cues, problems = measurements.cues, measurements.sidecar_problems
    measured = f"SRT {len(cues)}, ✗ {len(problems)}"
    if not cues:
        detail = problems[0] if problems else Message(N_("The subtitle file holds no cue."))
        return Verdict("fail", measured, expected, detail=detail)
    if problems:
        return Verdict("fail", measured, expected, detail=problems[0])
    disorder = tuple(_span(after) for before, after in pairwise(cues) if after.start_ms < before.end_ms)
    if disorder:
        detail = Message(N_("Cues overlap or are out of order. Correct their times in the subtitle file."))
        return Verdict("fail", f"SRT {len(cues)}, ✗ {len(disorder)}", expected, spans=disorder, detail=detail)
    least = preset.limits.read_back_similarity_min
    unlike = [read for read in measurements.read_backs if read.similarity < least]
    if preset.captions.burn and unlike and not _are_slips(measurements.read_backs, least):
        spans = tuple(_span(cues[read.cue_number - 1]) for read in unlike)
        detail = Message(
            N_("The subtitle file does not say what the picture says. Deliver the file that was burned in.")
        )
        return Verdict("fail", measured, expected, spans=spans, detail=detail)
    return Verdict("pass", measured, expected)


@rule("subtitle.script")
def subtitle_script(measurements: Measurements, _preset: Preset) -> Verdict:
    """Simplified characters only, and no stray glyphs."""
    if not measurements.cues:
        return Verdict("open", None, "0", detail=Message(_NEEDS_FILE))
    wrong = [(cue, marks) for cue in measurements.cues if (marks := offending(cue.text))]
    if not wrong:
        return Verdict("pass", "0", "0")
    distinct = list(dict.fromkeys(mark for _, found in wrong for mark in found))
    shown = " ".join(_shown(mark) for mark in distinct[:12]) + (" …" if len(distinct) > 12 else "")
    detail = Message(
        N_("These characters are no standard simplified ones: {characters}. First at {time}. Correct the subtitles."),
        {"characters": shown, "time": clock(wrong[0][0].start_ms)},
    )
    spans = tuple(_span(cue) for cue, _ in wrong)
    return Verdict("fail", f"{len(distinct)}: {shown}", "0", spans=spans, detail=detail)


@rule("subtitle.coverage")
def subtitle_coverage(measurements: Measurements, preset: Preset) -> Verdict:
    """Share of speech time with a cue; cues over silence are for a person to look at."""
    expected = f"≥ {preset.limits.coverage_min:.0%}"
    if measurements.recording.audio is None or not measurements.speech:
        detail = Message(N_("Nobody was heard speaking, so there is nothing to cover."))
        return Verdict("notApplicable", None, expected, detail=detail)
    if measurements.cues is None:
        return Verdict("open", None, expected, detail=Message(_NEEDS_FILE))
    cover = _joined([Span(cue.start_ms - _COLLAR_MS, cue.end_ms + _COLLAR_MS) for cue in measurements.cues])
    spoken_ms = sum(span.duration_ms for span in measurements.speech)
    bare = _without(measurements.speech, cover)
    share = 1 - sum(span.duration_ms for span in bare) / max(1, spoken_ms)
    measured = f"{share:.1%}"
    if share < preset.limits.coverage_min:
        detail = Message(N_("Somebody speaks here without a subtitle. Listen to these places and add what is missing."))
        longest = sorted(bare, key=lambda span: -span.duration_ms)[:20]
        return Verdict("fail", measured, expected, spans=tuple(sorted(longest)), detail=detail)
    speech = _joined([Span(span.start_ms - _COLLAR_MS, span.end_ms + _COLLAR_MS) for span in measurements.speech])
    silent = tuple(_span(cue) for cue in measurements.cues if _overlap(_span(cue), speech) < _SPOKEN_SHARE)
    if silent:
        detail = Message(
            N_("{count} cues stand where nobody was heard. Listen to these places: the words may be invented."),
            {"count": str(len(silent))},
        )
        return Verdict("review", measured, expected, spans=silent, detail=detail)
    return Verdict("pass", measured, expected)


@rule("subtitle.terms")
def subtitle_terms(measurements: Measurements, preset: Preset) -> Verdict:
    """Protected terms are written right; what only sounds like one is for a person to look at."""
    if not measurements.cues:
        return Verdict("open", None, "0", detail=Message(_NEEDS_FILE))
    cues = measurements.cues
    suspects = written_wrong([cue.text for cue in cues], preset_terms(preset.recognition.terms))
    if not suspects:
        return Verdict("pass", "0", "0")
    number, worst = max(suspects, key=lambda item: item[1].confidence)
    values = {
        "count": str(len(suspects)), "number": str(number + 1), "time": clock(cues[number].start_ms),
        "found": worst.found, "suggestion": worst.suggestion,
    }  # fmt: skip
    detail = Message(
        N_(
            "{count} places sound like a protected term and are written otherwise: cue {number} at {time} says "
            "“{found}”, perhaps “{suggestion}” is meant. Listen and decide."
        ),
        values,
    )
    spans = tuple(dict.fromkeys(_span(cues[number]) for number, _ in suspects))
    return Verdict("review", str(len(suspects)), "0", spans=spans, detail=detail)


def _unproven(measurements: Measurements, expected: str) -> Verdict:
    """Judge a picture whose subtitles nobody gave as text."""
    texts = {seen.read for seen in measurements.band_texts}
    if len(texts) > 1:
        detail = Message(N_("There seem to be subtitles in the picture. Give their SRT file with --srt to prove it."))
        spans = tuple(Span(seen.at_ms, seen.at_ms + 1) for seen in measurements.band_texts)
        return Verdict("review", f"T {len(texts)}", expected, spans=spans, detail=detail)
    detail = Message(N_("No subtitles were found in the picture. Burn them in, and give their SRT file with --srt."))
    return Verdict("fail", f"T {len(texts)}", expected, detail=detail)


def _span(cue: Cue) -> Span:
    return Span(cue.start_ms, cue.end_ms)


def _shown(mark: str) -> str:
    return mark if mark.isprintable() else f"U+{ord(mark):04X}"


def _joined(spans: list[Span]) -> list[Span]:
    """Return the union of spans, ordered."""
    union: list[Span] = []
    for span in sorted(spans):
        if union and span.start_ms <= union[-1].end_ms:
            union[-1] = Span(union[-1].start_ms, max(union[-1].end_ms, span.end_ms))
        else:
            union.append(span)
    return union


def _without(spans: tuple[Span, ...], cover: list[Span]) -> list[Span]:
    """Return what of ``spans`` lies outside ``cover`` (a union)."""
    bare = []
    for span in spans:
        start = span.start_ms
        for cloth in cover:
            if cloth.end_ms <= start or cloth.start_ms >= span.end_ms:
                continue
            if cloth.start_ms > start:
                bare.append(Span(start, cloth.start_ms))
            start = cloth.end_ms
        if start < span.end_ms:
            bare.append(Span(start, span.end_ms))
    return bare


def _overlap(span: Span, cover: list[Span]) -> float:
    """Return the share of ``span`` that lies in ``cover`` (a union)."""
    inside = sum(max(0, min(span.end_ms, c.end_ms) - max(span.start_ms, c.start_ms)) for c in cover)
    return inside / max(1, span.duration_ms)
