"""How long 20 minutes of captioning take, from words to flagged cues: ``python -m tests.captions.benchmark``.

Dictionaries and term lists are loaded within the time. The words are the sample script's, at five characters a second.
"""

import time
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

STARTED = time.perf_counter(), time.process_time()

from pipeline.captions.terms import load_terms, prompt_with_terms, terms_of_script  # noqa: E402
from pipeline.events import silent  # noqa: E402
from pipeline.presets import load_preset  # noqa: E402
from pipeline.records import Soundtrack, Span, SpeechSegment, Transcript, Word  # noqa: E402
from pipeline.stages.caption import caption  # noqa: E402
from pipeline.store import Store  # noqa: E402
from pipeline.timing import FrameGrid  # noqa: E402
from tests.captions.words_for_tests import words_of  # noqa: E402

LENGTH_MS = 20 * 60_000
SCRIPT = Path(__file__).parent.parent.parent / "samples" / "raw-lecture.txt"


def spoken() -> list[Word]:
    """Return 20 minutes of words."""
    text = "".join(SCRIPT.read_text("utf-8").split())
    words = words_of(text)
    while words[-1].end_ms < LENGTH_MS:
        words += words_of(text, begin_ms=words[-1].end_ms + 1000)
    return [word for word in words if word.end_ms <= LENGTH_MS]


def main() -> None:
    words = spoken()
    preset = load_preset()
    terms = (*terms_of_script(SCRIPT.read_text("utf-8")), *load_terms(preset.recognition.terms))
    prompt_with_terms(preset.recognition.prompt, terms)
    segment = SpeechSegment("", 0, LENGTH_MS, tuple(words), -0.2, 0.0, 1.0)
    transcript = Transcript("whisper", "none", None, False, "zh", (segment,))
    sound = Soundtrack(None, None, None, 0.0, (Span(0, LENGTH_MS),), LENGTH_MS)
    grid = FrameGrid(Fraction(25), LENGTH_MS // 40)
    with TemporaryDirectory() as folder:
        sheet = caption(transcript, sound, grid, preset.captions, Store(Path(folder)), silent, terms)
    wall, cpu = (now - then for now, then in zip((time.perf_counter(), time.process_time()), STARTED, strict=True))
    flagged = sum(bool(cue.flags) for cue in sheet.cues)
    print(f"{len(words)} words, {len(sheet.cues)} cues, {flagged} flagged: {wall:.2f} s, {cpu:.2f} s of processor time")


if __name__ == "__main__":
    main()
