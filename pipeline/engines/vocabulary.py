"""Whisper's vocabulary, from the ranks inside the whisper package, in the forms that other programs read."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from whisper.tokenizer import Tokenizer as WhisperTokenizer


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokens of one kind of model."""

    pieces: tuple[bytes, ...]
    """Bytes of each token of text; a token's number is its place, and the lower one is merged first."""
    specials: tuple[str, ...]
    """The tokens after them: end of text, languages, tasks, time stamps."""
    suppressed: tuple[int, ...]
    """Tokens that stand for no speech: music signs, brackets of speaker names …"""
    suppressed_at_begin: tuple[int, ...]
    """Tokens that no text begins with: the blank and the end."""
    languages: tuple[int, ...]

    @property
    def tokens(self) -> list[str]:
        """Every token as text, bytes written as the signs that stand for them."""
        return [*map(_written, self.pieces), *self.specials]

    def tokenizer(self) -> "Tokenizer":
        """Return a tokenizer that cuts every text as whisper's own does."""
        from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
        from tokenizers.models import BPE

        ranks = {piece: number for number, piece in enumerate(self.pieces)}
        merges = [
            (_written(left), _written(right))
            for left, right in (_halves(piece, ranks) for piece in self.pieces if len(piece) > 1)
        ]
        tokenizer = Tokenizer(BPE({_written(piece): number for piece, number in ranks.items()}, merges))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in self.specials])
        return tokenizer


def read_vocabulary(multilingual: bool, languages: int) -> Vocabulary:
    """Return the vocabulary of the multilingual models, or of the English ones.

    Args:
        multilingual: which of the two.
        languages: how many languages the model knows.
    """
    whisper = whisper_tokenizer(multilingual, languages)
    encoding = whisper.encoding
    specials = sorted(encoding.special_tokens_set, key=encoding.encode_single_token)
    return Vocabulary(
        pieces=tuple(encoding.decode_single_token_bytes(number) for number in range(whisper.eot)),
        specials=tuple(specials),
        suppressed=whisper.non_speech_tokens,
        suppressed_at_begin=(*whisper.encode(" "), whisper.eot),
        languages=whisper.all_language_tokens,
    )


def whisper_tokenizer(multilingual: bool, languages: int, language: str | None = None) -> "WhisperTokenizer":
    """Return the tokenizer of the whisper package, which leaves its file of ranks open. Arguments as above."""
    from whisper.tokenizer import get_tokenizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        return get_tokenizer(multilingual, num_languages=languages, language=language)


def _halves(piece: bytes, ranks: Mapping[bytes, int]) -> tuple[bytes, bytes]:
    """Return the two tokens that a token is merged from: its bytes, merged by all the tokens before it."""
    parts = [piece[place : place + 1] for place in range(len(piece))]
    while len(parts) > 2:
        joined = [ranks.get(parts[place] + parts[place + 1], len(ranks)) for place in range(len(parts) - 1)]
        first = min(range(len(joined)), key=joined.__getitem__)
        parts[first : first + 2] = [parts[first] + parts[first + 1]]
    return parts[0], parts[1]


def _signs() -> dict[int, str]:
    """Return the sign that stands for each byte in byte-level BPE files.

    Visible Latin-1 characters stand for themselves, all others for the characters from U+0100 on, in order.
    """
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return {byte: chr(byte) for byte in visible} | {byte: chr(0x100 + n) for n, byte in enumerate(hidden)}


_SIGNS = _signs()


def _written(piece: bytes) -> str:
    return "".join(_SIGNS[byte] for byte in piece)
