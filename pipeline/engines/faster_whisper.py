"""The fast engine: faster-whisper on CTranslate2, with a model that is converted here from whisper's own checkpoint."""

import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.engines.alignment import CLOSERS, OPENERS, Piece, require_room, words_of
from pipeline.engines.base import SAMPLE_RATE_HZ, Placement, Samples, is_out_of_memory
from pipeline.engines.convert_model import REVISION, converted
from pipeline.engines.decoding import (
    COMPRESSION_RATIO_MAX,
    LOGPROB_MIN,
    NO_SPEECH_MAX,
    SEED,
    TEMPERATURES,
    decoder_times,
    segment_of,
    wait_quietly,
    word_of,
)
from pipeline.engines.models import ModelFile, describe_model
from pipeline.errors import BrokenModelError
from pipeline.lanes import usable_cores
from pipeline.records import SpeechSegment, Word
from pipeline.store import Store

_PREFERRED = {"cuda": ("float16", "int8_float16", "int8"), "cpu": ("int8", "float32")}
"""How weights are computed with, the best first; on the processor only the first that it can."""
_THREADS_MAX = 8
"""More threads than this wait for each other longer than they help."""
_NEW_TOKENS_MAX = 224
"""Half the decoder's window, as the reference has it; a text that needs more repeats itself."""
_WINDOW_TOKENS = 448
_FRAMES_PER_S = 100


class FasterWhisperEngine:
    """Runs checkpoints of openai-whisper through CTranslate2."""

    name = "faster-whisper"

    def version(self) -> str:
        """Return the packages' versions and the revision of this module's own choices."""
        return f"faster-whisper {version('faster-whisper')} ctranslate2 {version('ctranslate2')} r1.{REVISION}"

    def find_model(self, name: str) -> ModelFile:
        """Return the ``.pt`` file of that name or path."""
        return describe_model(name)

    def placements(self) -> tuple[Placement, ...]:
        """Return where and how models can run here, the best first; empty without the packages."""
        wait_quietly()
        try:
            import ctranslate2
            import faster_whisper  # noqa: F401
        except (ImportError, OSError):
            return ()
        found = []
        if ctranslate2.get_cuda_device_count():
            able = ctranslate2.get_supported_compute_types("cuda")
            found = [Placement("cuda", kind) for kind in _PREFERRED["cuda"] if kind in able][:2]
        able = ctranslate2.get_supported_compute_types("cpu")
        cores = min(_THREADS_MAX, usable_cores())
        return (*found, *[Placement("cpu", kind, cores) for kind in _PREFERRED["cpu"] if kind in able][:1])

    def load(self, model: ModelFile, placement: Placement, store: Store) -> "FasterWhisperRecogniser":
        """Return the model in memory; its CTranslate2 folder is made and kept at the first time."""
        folder = converted(model, store)
        try:
            return FasterWhisperRecogniser(folder, placement)
        except Exception as error:
            if is_out_of_memory(error):
                raise
            raise BrokenModelError(model.path, reason=str(error)[:200], log=repr(error)) from error


class FasterWhisperRecogniser:
    """A CTranslate2 model in memory."""

    def __init__(self, folder: Path, placement: Placement) -> None:
        """Load the folder."""
        self.device = placement.device
        self._folder, self._placement = folder, placement
        self._model = _load(folder, placement)

    def transcribe(self, samples: Samples, language: str, prompt: str) -> tuple[SpeechSegment, ...]:
        """Return what is said in one clip (see ``Recogniser``).

        The package's ``hallucination_silence_threshold`` stays off: it deletes without a trace.
        """
        self._forget_draws()
        tokenizer = self._tokenizer(language)
        # The package gives its initial prompt to the first window only, and hot words to every one.
        opening = tokenizer.encode(f" {prompt.strip()}") if prompt.strip() else []
        room = _WINDOW_TOKENS - len(opening) - len(tokenizer.sot_sequence) - 1
        segments, _about = self._model.transcribe(
            samples,
            language=language,
            beam_size=1,
            best_of=1,
            temperature=TEMPERATURES,
            compression_ratio_threshold=COMPRESSION_RATIO_MAX,
            log_prob_threshold=LOGPROB_MIN,
            no_speech_threshold=NO_SPEECH_MAX,
            condition_on_previous_text=False,
            hotwords=prompt.strip() or None,
            word_timestamps=True,
            prepend_punctuations=OPENERS,
            append_punctuations=CLOSERS,
            max_new_tokens=min(_NEW_TOKENS_MAX, max(1, room)),
        )
        zero = tokenizer.timestamp_begin
        return tuple(_segment(raw, zero) for raw in segments if raw.text.strip())

    def align(self, samples: Samples, language: str, text: str) -> tuple[Word, ...]:
        """Return where each word of a known text sounds in one clip (see ``Recogniser``)."""
        from faster_whisper.audio import pad_or_trim

        tokenizer = self._tokenizer(language)
        tokens = tokenizer.encode(text)
        require_room(tokens, _WINDOW_TOKENS - len(tokenizer.sot_sequence) - 2)
        if not tokens:
            return ()
        duration_ms = len(samples) * 1000 // SAMPLE_RATE_HZ
        frames = max(2, min(self._model.feature_extractor.nb_max_frames, duration_ms * _FRAMES_PER_S // 1000))
        features = self._model.feature_extractor(samples)[:, :frames]
        heard = self._model.encode(pad_or_trim(features))
        (timings,) = self._model.find_alignment(tokenizer, [tokens], heard, frames)
        pieces = (Piece(t["word"], float(t["start"]), float(t["end"]), float(t["probability"])) for t in timings)
        return words_of(pieces, duration_ms)

    def _tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer

        return Tokenizer(self._model.hf_tokenizer, self._model.model.is_multilingual, "transcribe", language)

    def _forget_draws(self) -> None:
        """Begin the random numbers anew: CTranslate2 seeds them once, when a model first draws, and never again."""
        if self._model.has_drawn:
            del self._model
            self._model = _load(self._folder, self._placement)


def _load(folder: Path, placement: Placement) -> Any:
    wait_quietly()
    import ctranslate2
    from faster_whisper import WhisperModel

    class Model(WhisperModel):  # type: ignore[misc]
        """The package's model, with two of the reference engine's ways."""

        has_drawn = False
        """Whether a retry has drawn at random."""

        def generate_with_fallback(self, *args: Any, **options: Any) -> Any:
            decoded = super().generate_with_fallback(*args, **options)
            self.has_drawn |= decoded[2] > 0
            return decoded

        def _split_segments_by_timestamps(self, tokenizer: Any, tokens: list[int], **place: Any) -> Any:
            # A window in which nothing but time stamps was decoded is done; the package would creep through it.
            if tokenizer.decode(tokens).strip():
                return super()._split_segments_by_timestamps(tokenizer, tokens, **place)
            begin, end = place["time_offset"], place["time_offset"] + place["segment_duration"]
            nothing = {"seek": place["seek"], "start": begin, "end": end, "tokens": []}
            return [nothing], place["seek"] + place["segment_size"], True

    threads = min(_THREADS_MAX, os.cpu_count() or 1)
    ctranslate2.set_random_seed(SEED)
    model = Model(str(folder), device=placement.device, compute_type=placement.compute, cpu_threads=threads)
    # What a person writes is text, whatever it looks like.
    model.hf_tokenizer.encode_special_tokens = True
    return model


def _segment(raw: Any, zero: int) -> SpeechSegment:
    return segment_of(
        raw.text,
        decoder_times(raw.tokens, zero, raw.seek, (raw.start, raw.end)),
        (word_of(word.word, word.start, word.end, word.probability) for word in raw.words),
        raw.avg_logprob,
        raw.no_speech_prob,
        raw.compression_ratio,
    )


ENGINE = FasterWhisperEngine()
