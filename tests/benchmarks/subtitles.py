"""``make bench-subtitles``: openai-whisper as it comes, our recognition, and our recognition with the script (讲稿).

Prints, for lectures that were made for it and are in no training text: the character error rate, how far starts and
ends of sentences lie from the truth, cues that break the layout, and what was invented where nobody speaks.
"""

import argparse
import sys
import tempfile
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from pipeline.evaluation import Evaluation, compare, listen_to, together
from pipeline.events import silent
from pipeline.presets import Preset, load_preset
from pipeline.records import Cue, CueSheet, Soundtrack, SpeechSegment, Transcript, Word
from pipeline.rules.layout import layout_faults
from pipeline.stages.align import align
from pipeline.stages.caption import caption
from pipeline.stages.recognise import recognise
from pipeline.store import Store
from pipeline.timing import delivery_grid
from tests.benchmarks.speech import SpokenLecture, make_lectures, make_noises

RATE = Fraction(25)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way's result on one recording."""

    evaluation: Evaluation
    cues: int
    misses: int
    """Cues that break the layout without being flagged as too fast."""


Way = Callable[[Path, Path | None, Soundtrack], tuple[Transcript, CueSheet]]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.subtitles")
    parser.add_argument("--model", required=True)
    parser.add_argument("--only", default="", help="id of one lecture")
    options = parser.parse_args(argv)
    preset = load_preset()
    preset = preset.model_copy(
        update={"recognition": preset.recognition.model_copy(update={"model": options.model, "engine": "whisper"})}
    )
    with tempfile.TemporaryDirectory(prefix="weike-bench-") as name:
        folder = Path(name)
        ways = _ways(preset, Store(folder / "cache"))
        lectures = [lecture for lecture in make_lectures(folder) if options.only in ("", lecture.id)]
        outcomes = {way: [_judged(run, lecture, preset, folder) for lecture in lectures] for way, run in ways.items()}
        _print_lectures(lectures, outcomes)
        if not options.only:
            _print_noises(make_noises(folder), ways, folder)
    return 0


def _ways(preset: Preset, store: Store) -> dict[str, Way]:
    settings = preset.recognition

    def plain(_wav: Path, _script: Path | None, sound: Soundtrack) -> tuple[Transcript, CueSheet]:
        transcript = _plain_whisper(sound, settings.model)
        cues = tuple(
            Cue(segment.start_ms, segment.end_ms, segment.text.strip(), segment.text.strip(), None)
            for segment in transcript.segments
        )
        return transcript, CueSheet(cues)

    def ours(_wav: Path, script: Path | None, sound: Soundtrack) -> tuple[Transcript, CueSheet]:
        transcript = recognise(sound, settings, store, silent)
        if script is not None:
            transcript = align(transcript, script, sound, settings, store, silent)
        grid = delivery_grid(RATE, Fraction(sound.duration_ms, 1000))
        return transcript, caption(transcript, sound, grid, preset.captions, store, silent)

    return {
        "openai-whisper": plain,
        "weike": lambda wav, _script, sound: ours(wav, None, sound),
        "weike + 讲稿": ours,
    }


def _plain_whisper(sound: Soundtrack, model: str) -> Transcript:
    """Return what the package makes of the whole recording with its own defaults and word times."""
    import whisper

    assert sound.speech_wav is not None
    with wave.open(str(sound.speech_wav)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
    loaded = whisper.load_model(model, device="cpu")
    result = whisper.transcribe(loaded, samples, language="zh", word_timestamps=True, fp16=False)
    segments = tuple(
        SpeechSegment(
            raw["text"],
            round(raw["start"] * 1000),
            round(raw["end"] * 1000),
            tuple(Word(w["word"], round(w["start"] * 1000), round(w["end"] * 1000), 1.0) for w in raw["words"]),
            0.0,
            0.0,
            1.0,
        )
        for raw in result["segments"]
    )
    return Transcript("openai-whisper", model, None, True, "zh", segments)


def _judged(run: Way, lecture: SpokenLecture, preset: Preset, folder: Path) -> Outcome:
    sound = listen_to(lecture.wav, _own_folder(folder, lecture.id))
    transcript, sheet = run(lecture.wav, lecture.script, sound)
    return Outcome(compare(transcript, lecture.sentences), len(sheet.cues), _misses(sheet.cues, preset))


def _misses(cues: Sequence[Cue], preset: Preset) -> int:
    fast = {number for number, cue in enumerate(cues, 1) if any(flag.kind == "fast" for flag in cue.flags)}
    found = layout_faults(tuple(cues), preset.captions, RATE)
    return len({number for fault, numbers in found.items() if fault != "brisk" for number in numbers} - fast)


def _own_folder(folder: Path, name: str) -> Path:
    own = folder / f"{name}-sound"
    own.mkdir(exist_ok=True)
    return own


def _print_lectures(lectures: Sequence[SpokenLecture], outcomes: dict[str, list[Outcome]]) -> None:
    head = f"{'':14} {'chars':>6} {'CER':>7} {'start':>6} {'p95':>6} {'end':>6} {'p95':>6} {'cues':>5} {'misses':>6}"
    for way, results in outcomes.items():
        sys.stdout.write(f"\n{way}\n{head}\n")
        whole = Outcome(
            together([r.evaluation for r in results]), sum(r.cues for r in results), sum(r.misses for r in results)
        )
        for name, result in [*zip((lecture.id for lecture in lectures), results, strict=True), ("=", whole)]:
            sys.stdout.write(_row(name, result) + "\n")


def _row(name: str, result: Outcome) -> str:
    e = result.evaluation
    times = [quantile(errors, q) for errors in (e.start_errors_ms, e.end_errors_ms) for q in (0.5, 0.95)]
    return (
        f"{name:14} {e.characters:6} {e.cer:7.1%} "
        + " ".join(f"{time:6.0f}" for time in times)
        + f" {result.cues:5} {result.misses:6}"
    )


def quantile(errors: Sequence[int], share: float) -> float:
    """Return the size of error, in milliseconds, that ``share`` of the errors stay within."""
    sizes = sorted(abs(error) for error in errors)
    return float(sizes[min(len(sizes) - 1, int(len(sizes) * share))]) if sizes else float("nan")


def _print_noises(noises: dict[str, Path], ways: dict[str, Way], folder: Path) -> None:
    sys.stdout.write(f"\ninvented characters in 30 s {'':10}" + "".join(f"{name:>10}" for name in noises) + "\n")
    for way, run in ways.items():
        if "讲稿" in way:
            continue
        counts = []
        for name, wav in noises.items():
            _transcript, sheet = run(wav, None, listen_to(wav, _own_folder(folder, name)))
            counts.append(sum(sign.isalnum() for cue in sheet.cues for sign in cue.text))
        sys.stdout.write(f"{way:38}" + "".join(f"{count:10}" for count in counts) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
