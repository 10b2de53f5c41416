"""How well speech is recognised, measured through the product's own stages against a true transcript.

``python -m pipeline.evaluation --model MODEL FOLDER|AUDIO REFERENCE.srt ...`` prints a table. The reference holds one
sentence a cue, with its true times; in a folder it lies beside its recording, under the same name.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from pipeline.captions.srt import read_srt
from pipeline.engines.vad import speech_spans
from pipeline.errors import WeikeError
from pipeline.events import Emit, silent
from pipeline.media.probing.probe import inspect
from pipeline.media.sound import analyse
from pipeline.presets import RecognitionSettings
from pipeline.records import Cue, Soundtrack, Transcript, Word
from pipeline.stages.recognise import recognise
from pipeline.store import Store
from pipeline.texts import _

_SOUNDS = frozenset({".wav", ".flac", ".mp3", ".ogg", ".m4a", ".mp4", ".mkv", ".mov"})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came out of one recording, or of several together."""

    characters: int
    """Characters of the reference, without punctuation and spaces."""
    errors: int
    """Characters to replace, insert and delete."""
    start_errors_ms: tuple[int, ...]
    """For each sentence whose beginning was recognised: recognised start − true start, in milliseconds."""
    sentences: int
    """Sentences of the reference."""
    end_errors_ms: tuple[int, ...] = ()
    """So for the ends: recognised end − true end."""

    @property
    def cer(self) -> float:
        """Character error rate without punctuation, 0 and up."""
        return self.errors / max(1, self.characters)

    @property
    def start_error_median_ms(self) -> float:
        """Median of the absolute start-time errors."""
        return statistics.median(self._sizes) if self._sizes else 0.0

    @property
    def start_error_mean_ms(self) -> float:
        """Mean of the absolute start-time errors."""
        return statistics.fmean(self._sizes) if self._sizes else 0.0

    @property
    def start_error_p90_ms(self) -> float:
        """Absolute start-time error that nine of ten sentences stay within."""
        return self._sizes[min(len(self._sizes) - 1, int(len(self._sizes) * 0.9))] if self._sizes else 0.0

    @property
    def _sizes(self) -> list[int]:
        return sorted(abs(error) for error in self.start_errors_ms)


def evaluate(
    audio: Path, reference: Path, settings: RecognitionSettings, store: Store, emit: Emit = silent
) -> Evaluation:
    """Return how well the recognise stage does on one recording.

    Args:
        audio: any file with sound that the product opens.
        reference: SRT, one sentence a cue, with true times.
        settings: engine and model.
        store: keeps what was recognised.
        emit: hears of the progress.

    Raises:
        WeikeError: a file cannot be read, or there is no model.
    """
    sentences, _problems = read_srt(reference)
    with tempfile.TemporaryDirectory(prefix="weike-") as folder:
        transcript = recognise(listen_to(audio, Path(folder)), settings, store, emit)
    return compare(transcript, sentences)


def compare(transcript: Transcript, sentences: Sequence[Cue]) -> Evaluation:
    """Return how far a transcript is from the true sentences; removed segments count as not recognised."""
    from rapidfuzz.distance import Levenshtein

    removed = {(removal.span.start_ms, removal.text) for removal in transcript.removals}
    shown = [segment for segment in transcript.segments if (segment.start_ms, segment.text) not in removed]
    heard = [character for segment in shown for word in segment.words for character in _characters(word)]
    true = [character for sentence in sentences for character in _bare(sentence.text)]
    matches: dict[int, int] = {}
    errors = 0
    for step in Levenshtein.opcodes(true, [character.text for character in heard]):
        if step.tag == "equal":
            matches.update(zip(range(step.src_start, step.src_end), range(step.dest_start, step.dest_end), strict=True))
        else:
            errors += max(step.src_end - step.src_start, step.dest_end - step.dest_start)
    starts, ends, first = [], [], 0
    for sentence in sentences:
        after = first + len(_bare(sentence.text))
        if first in matches:
            starts.append(heard[matches[first]].start_ms - sentence.start_ms)
        if after - 1 in matches:
            ends.append(heard[matches[after - 1]].end_ms - sentence.end_ms)
        first = after
    return Evaluation(len(true), errors, tuple(starts), len(sentences), tuple(ends))


def together(parts: Sequence[Evaluation]) -> Evaluation:
    """Return several recordings' results as one."""
    return Evaluation(
        sum(part.characters for part in parts),
        sum(part.errors for part in parts),
        tuple(error for part in parts for error in part.start_errors_ms),
        sum(part.sentences for part in parts),
        tuple(error for part in parts for error in part.end_errors_ms),
    )


def listen_to(audio: Path, folder: Path) -> Soundtrack:
    """Return the sound of any recording as the recognise stage wants it, without a delivery track.

    Args:
        audio: any file with sound that the product opens.
        folder: gets the speech WAV.

    Raises:
        WeikeError: the file cannot be read.
    """
    recording = inspect(audio)
    wav = folder / "speech.wav"
    loudness = analyse(recording, wav)
    return Soundtrack(wav, None, loudness, 0.0, speech_spans(wav), recording.duration_ms)


def _characters(word: Word) -> list[Word]:
    """Return a word's characters without punctuation, its time shared out among them."""
    bare = _bare(word.text)
    edges = [word.start_ms + (word.end_ms - word.start_ms) * n // max(1, len(bare)) for n in range(len(bare) + 1)]
    return [
        replace(word, text=character, start_ms=start, end_ms=end)
        for character, (start, end) in zip(bare, pairwise(edges), strict=True)
    ]


def _bare(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def _pairs(given: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Return recordings with their references; nothing when a recording is given without one."""
    pairs: list[tuple[Path, Path]] = []
    rest = list(given)
    while rest:
        first = rest.pop(0)
        if first.is_dir():
            beside = [(path, path.with_suffix(".srt")) for path in sorted(first.iterdir()) if path.suffix in _SOUNDS]
            pairs += [pair for pair in beside if pair[1].is_file()]
        elif rest and rest[0].suffix.lower() == ".srt":
            pairs.append((first, rest.pop(0)))
        else:
            return []
    return pairs


def _row(name: str, result: Evaluation) -> str:
    starts = f"{result.start_error_median_ms:7.0f} {result.start_error_mean_ms:7.0f} {result.start_error_p90_ms:7.0f}"
    return (
        f"{name:32} {result.characters:6} {result.cer:7.1%} {starts} {len(result.start_errors_ms):4}/{result.sentences}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table for the pairs of files on the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.evaluation", description=_("Measure speech recognition."))
    parser.add_argument("--model", required=True, help=_("Name of a model, or path of a .pt file."))
    parser.add_argument("--engine", default="whisper")
    parser.add_argument("--cache", type=Path, help=_("Folder for work files."))
    parser.add_argument("files", nargs="+", type=Path, metavar="FOLDER|AUDIO REFERENCE.srt")
    options = parser.parse_args(argv)
    pairs = _pairs(options.files)
    if not pairs:
        parser.error(_("Give each recording with its reference."))
    settings = RecognitionSettings(engine=options.engine, model=options.model)
    parts = []
    sys.stdout.write(f"{'':32} {'chars':>6} {'CER':>7} {'median':>7} {'mean':>7} {'p90':>7}  starts (ms)\n")
    try:
        for audio, reference in pairs:
            parts.append(evaluate(audio, reference, settings, Store(options.cache)))
            sys.stdout.write(_row(audio.name, parts[-1]) + "\n")
    except WeikeError as error:
        sys.stderr.write(f"{error.message.show()}\n{error.advice.show()}\n")
        return error.exit_code
    sys.stdout.write(_row("=", together(parts)) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
