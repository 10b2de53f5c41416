"""The reference engine: the unmodified openai-whisper package."""

import warnings
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pipeline.engines.alignment import CLOSERS, OPENERS, Piece, require_room, words_of
from pipeline.engines.base import SAMPLE_RATE_HZ, Placement, Samples, is_out_of_memory
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
from pipeline.engines.heads import published_mask
from pipeline.engines.models import ModelFile, describe_model
from pipeline.engines.vocabulary import whisper_tokenizer
from pipeline.errors import BrokenModelError
from pipeline.records import SpeechSegment, Word
from pipeline.store import Store

if TYPE_CHECKING:
    from whisper import Whisper


class WhisperEngine:
    """Loads checkpoints of openai-whisper."""

    name = "whisper"

    def version(self) -> str:
        """Return the package's version and the revision of this module's own choices."""
        return f"openai-whisper {version('openai-whisper')} r2"

    def find_model(self, name: str) -> ModelFile:
        """Return the ``.pt`` file of that name or path."""
        return describe_model(name)

    def placements(self) -> tuple[Placement, ...]:
        """Return the GPU, where torch reaches one, and the processor."""
        wait_quietly()
        processor = Placement("cpu", "float32")
        if version("torch").endswith("+cpu"):
            return (processor,)
        import torch

        return (Placement("cuda", "float16"), processor) if torch.cuda.is_available() else (processor,)

    def load(self, model: ModelFile, placement: Placement, store: Store) -> "WhisperRecogniser":  # noqa: ARG002
        """Return the model in memory; nothing is kept in the store.

        The checkpoint is read as data only (``weights_only``), so that no code inside it can run.
        """
        wait_quietly()
        import whisper

        try:
            loaded = whisper.load_model(str(model.path), device=placement.device)
        except Exception as error:
            if is_out_of_memory(error):
                raise
            # A broken file fails in a dozen ways inside torch: pickle, zip, key, shape and type errors.
            raise BrokenModelError(model.path, reason=_first_line(error), log=repr(error)) from error
        set_alignment_heads(loaded, model.path.stem)
        _leave_empty_windows_at_once(loaded)
        return WhisperRecogniser(loaded, placement.device)


class WhisperRecogniser:
    """A checkpoint in memory."""

    def __init__(self, model: "Whisper", device: str) -> None:
        """Hold a loaded model."""
        self._model = model
        self.device = device

    def align(self, samples: Samples, language: str, text: str) -> tuple[Word, ...]:
        """Return where each word of a known text sounds in one clip (see ``Recogniser``)."""
        import torch
        from whisper.audio import HOP_LENGTH, N_FRAMES, log_mel_spectrogram, pad_or_trim
        from whisper.timing import find_alignment

        model = self._model
        duration_ms = len(samples) * 1000 // SAMPLE_RATE_HZ
        tokenizer = whisper_tokenizer(model.is_multilingual, model.num_languages, language)
        tokens = tokenizer.encode(text, disallowed_special=())
        require_room(tokens, model.dims.n_text_ctx - len(tokenizer.sot_sequence) - 2)
        frames = max(2, min(N_FRAMES, len(samples) // HOP_LENGTH))
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            mel = log_mel_spectrogram(torch.from_numpy(samples), model.dims.n_mels, padding=N_FRAMES * HOP_LENGTH)
            mel = pad_or_trim(mel[:, :frames], N_FRAMES).to(model.device)
            timings = find_alignment(model, tokenizer, tokens, mel.half() if self.device != "cpu" else mel, frames)
        pieces = (Piece(t.word, float(t.start), float(t.end), float(t.probability)) for t in timings)
        return words_of(pieces, duration_ms)

    def transcribe(self, samples: Samples, language: str, prompt: str) -> tuple[SpeechSegment, ...]:
        """Return what is said in one clip (see ``Recogniser``).

        The package's ``hallucination_silence_threshold`` stays off: it deletes without a trace. Clips hold speech only,
        and doubtful text is listed by ``doubts``.
        """
        import torch
        import whisper

        with warnings.catch_warnings(), torch.random.fork_rng():
            warnings.simplefilter("ignore")
            torch.manual_seed(SEED)
            result = whisper.transcribe(
                self._model,
                samples,
                language=language,
                fp16=self.device != "cpu",
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
        zero = whisper_tokenizer(self._model.is_multilingual, self._model.num_languages).timestamp_begin
        return tuple(_segment(raw, zero) for raw in result["segments"] if raw["text"].strip())


def _segment(raw: dict[str, Any], zero: int) -> SpeechSegment:
    return segment_of(
        raw["text"],
        decoder_times(raw["tokens"], zero, raw["seek"], (raw["start"], raw["end"])),
        (word_of(word["word"], word["start"], word["end"], word["probability"]) for word in raw["words"]),
        raw["avg_logprob"],
        raw["no_speech_prob"],
        raw["compression_ratio"],
    )


def set_alignment_heads(model: "Whisper", stem: str) -> None:
    """Name the attention heads that follow the words, which the package does only for models loaded by name."""
    dims = model.dims
    mask = published_mask(dims.n_text_layer, dims.n_text_head, dims.n_mels, stem)
    if mask is not None:
        model.set_alignment_heads(mask)


def _leave_empty_windows_at_once(model: "Whisper") -> None:
    """Let a window in which nothing but a time stamp was decoded count as done.

    The package would seek to that time stamp and decode again, 20 ms further each time, until the clip ends.
    """
    decode = model.decode

    def decode_window(mel: Any, options: Any) -> Any:
        result = decode(mel, options)
        return result if result.text.strip() else replace(result, tokens=[])

    model.decode = decode_window


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


ENGINE = WhisperEngine()
