"""The reference engine: the unmodified openai-whisper package."""

import os
import warnings
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pipeline.engines.alignment import CLOSERS, OPENERS, Piece, require_room, words_of
from pipeline.engines.base import SAMPLE_RATE_HZ, Samples
from pipeline.engines.models import ModelFile, describe_model
from pipeline.errors import BrokenModelError
from pipeline.records import SpeechSegment, Word

if TYPE_CHECKING:
    from whisper import Whisper

TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Tried in turn while a result looks wrong. Source: Whisper's paper, section 4.5, and the package's default."""
COMPRESSION_RATIO_MAX = 2.4
"""Above this a text repeats itself. Source: as above."""
LOGPROB_MIN = -1.0
"""Mean log probability below which a text is doubted. Source: as above."""
NO_SPEECH_MAX = 0.6
"""Probability of no speech above which a doubted text is taken for silence. Source: as above."""
_SEED = 20200613
"""Retries draw at random; the same clip must give the same text every time."""
_FRAME_MS, _STAMP_MS = 10, 20
"""Length of a spectrum's frame, and the step of the decoder's time stamps."""
_SHAPES = {
    # (decoder layers, heads, mels); of several models of one shape, the first stands for a file of another name
    (4, 6, 80): ("tiny", "tiny.en"),
    (6, 8, 80): ("base", "base.en"),
    (12, 12, 80): ("small", "small.en"),
    (24, 16, 80): ("medium", "medium.en"),
    (32, 20, 80): ("large-v2", "large-v1"),
    (32, 20, 128): ("large-v3",),
    (4, 20, 128): ("large-v3-turbo",),
}
"""Shapes of the published models, for their alignment heads."""


class WhisperEngine:
    """Loads checkpoints of openai-whisper."""

    name = "whisper"

    def version(self) -> str:
        """Return the package's version and the revision of this module's own choices."""
        return f"openai-whisper {version('openai-whisper')} r2"

    def find_model(self, name: str) -> ModelFile:
        """Return the ``.pt`` file of that name or path."""
        return describe_model(name)

    def load(self, model: ModelFile) -> "WhisperRecogniser":
        """Return the model in memory, on the GPU when there is one.

        The checkpoint is read as data only (``weights_only``), so that no code inside it can run.
        """
        # Threads that spin while they wait cost four times the CPU when ffmpeg or another job is busy beside them.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        import torch
        import whisper

        device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            try:
                loaded = whisper.load_model(str(model.path), device=device)
            except torch.OutOfMemoryError:
                device = "cpu"
                loaded = whisper.load_model(str(model.path), device=device)
        except Exception as error:
            # A broken file fails in a dozen ways inside torch: pickle, zip, key, shape, type and memory errors.
            raise BrokenModelError(model.path, reason=_first_line(error), log=repr(error)) from error
        set_alignment_heads(loaded, model.path.stem)
        _leave_empty_windows_at_once(loaded)
        return WhisperRecogniser(loaded, device)


class WhisperRecogniser:
    """A checkpoint in memory."""

    def __init__(self, model: "Whisper", device: str) -> None:
        """Hold a loaded model."""
        self._model = model
        self.device = device

    def transcribe(self, samples: Samples, language: str, prompt: str) -> tuple[SpeechSegment, ...]:
        """Return what is said in one clip (see ``Recogniser``).

        The package's ``hallucination_silence_threshold`` stays off: it deletes without a trace. Clips hold speech only,
        and doubtful text is listed by ``doubts``. When the GPU has too little memory, the processor goes on.
        """
        import torch

        try:
            return self._transcribe(samples, language, prompt)
        except torch.OutOfMemoryError:
            if self.device == "cpu":
                raise
            self._model, self.device = self._model.float().to("cpu"), "cpu"
            torch.cuda.empty_cache()
            return self._transcribe(samples, language, prompt)

    def align(self, samples: Samples, language: str, text: str) -> tuple[Word, ...]:
        """Return where each word of a known text sounds in one clip (see ``Recogniser``)."""
        import torch
        from whisper.audio import HOP_LENGTH, N_FRAMES, log_mel_spectrogram, pad_or_trim
        from whisper.timing import find_alignment
        from whisper.tokenizer import get_tokenizer

        model = self._model
        duration_ms = len(samples) * 1000 // SAMPLE_RATE_HZ
        tokenizer = get_tokenizer(model.is_multilingual, num_languages=model.num_languages, language=language)
        tokens = tokenizer.encode(text, disallowed_special=())
        require_room(tokens, model.dims.n_text_ctx - len(tokenizer.sot_sequence) - 2)
        frames = max(2, min(N_FRAMES, len(samples) // HOP_LENGTH))
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            mel = log_mel_spectrogram(torch.from_numpy(samples), model.dims.n_mels, padding=N_FRAMES * HOP_LENGTH)
            mel = pad_or_trim(mel[:, :frames], N_FRAMES).to(model.device)
            timings = find_alignment(model, tokenizer, tokens, mel.half() if self.device == "cuda" else mel, frames)
        pieces = (Piece(t.word, float(t.start), float(t.end), float(t.probability)) for t in timings)
        return words_of(pieces, duration_ms)

    def _transcribe(self, samples: Samples, language: str, prompt: str) -> tuple[SpeechSegment, ...]:
        import torch
        import whisper
        from whisper.tokenizer import get_tokenizer

        with warnings.catch_warnings(), torch.random.fork_rng():
            warnings.simplefilter("ignore")
            torch.manual_seed(_SEED)
            result = whisper.transcribe(
                self._model,
                samples,
                language=language,
                fp16=self.device == "cuda",
                word_timestamps=True,
                condition_on_previous_text=False,
                initial_prompt=prompt or None,
                carry_initial_prompt=bool(prompt),
                temperature=TEMPERATURES,
                compression_ratio_threshold=COMPRESSION_RATIO_MAX,
                logprob_threshold=LOGPROB_MIN,
                no_speech_threshold=NO_SPEECH_MAX,
                prepend_punctuations=OPENERS,
                append_punctuations=CLOSERS,
            )
            tokenizer = get_tokenizer(self._model.is_multilingual, num_languages=self._model.num_languages)
        zero = tokenizer.timestamp_begin
        return tuple(_segment(raw, zero) for raw in result["segments"] if raw["text"].strip())


def _segment(raw: dict[str, Any], zero: int) -> SpeechSegment:
    """Return a segment of the package; its own times are the decoder's, its words' those of the attention.

    The package overwrites the first with the second; both are wanted, since either may be the one that is wrong.
    """
    stamps = [(token - zero) * _STAMP_MS + raw["seek"] * _FRAME_MS for token in raw["tokens"] if token >= zero]
    start_ms, end_ms = (stamps[0], stamps[-1]) if len(stamps) > 1 else (_ms(raw["start"]), _ms(raw["end"]))
    words = tuple(
        Word(word["word"], _ms(word["start"]), _ms(word["end"]), round(float(word["probability"]), 4))
        for word in raw["words"]
    )
    return SpeechSegment(
        text=raw["text"],
        start_ms=start_ms,
        end_ms=end_ms,
        words=words,
        average_logprob=round(float(raw["avg_logprob"]), 4),
        no_speech_probability=round(float(raw["no_speech_prob"]), 4),
        compression_ratio=round(float(raw["compression_ratio"]), 3),
    )


def set_alignment_heads(model: "Whisper", stem: str) -> None:
    """Name the attention heads that follow the words, which the package does only for models loaded by name."""
    import whisper

    dims = model.dims
    same = _SHAPES.get((dims.n_text_layer, dims.n_text_head, dims.n_mels), ())
    if same:
        model.set_alignment_heads(whisper._ALIGNMENT_HEADS[stem if stem in same else same[0]])


def _leave_empty_windows_at_once(model: "Whisper") -> None:
    """Let a window in which nothing but a time stamp was decoded count as done.

    The package would seek to that time stamp and decode again, 20 ms further each time, until the clip ends.
    """
    decode = model.decode

    def decode_window(mel: Any, options: Any) -> Any:
        result = decode(mel, options)
        return result if result.text.strip() else replace(result, tokens=[])

    model.decode = decode_window


def _ms(seconds: float) -> int:
    return round(float(seconds) * 1000)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


ENGINE = WhisperEngine()
