"""Terms of a lecture: the lists that are given, the script's own vocabulary, and what recognition is told of them."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import TermsFileError
from pipeline.homophones import find_suspects
from pipeline.media.sources import require_regular_file
from pipeline.records import Cue, Flag
from pipeline.terms import Origin, Term, merged, parse_terms, preset_terms
from pipeline.texts import N_, Message, _

__all__ = ["Term", "homophone_flags", "load_terms", "prompt_with_terms", "terms_of_script"]

PROMPT_MAX_CHARS = 100
"""Whisper keeps the last 224 tokens of a prompt; a Chinese character takes up to two.

Source: openai-whisper, ``decoding.py`` (``n_text_ctx // 2 - 1``).
"""
SIZE_MAX_BYTES = 1_000_000
SCRIPT_TERMS_MAX = 200
_PERSON_TAGS = frozenset({"nr", "nrt", "nrfg"})
_PLACE_TAGS = frozenset({"ns", "nt", "nz"})
_NEVER_IN_NAMES = frozenset("和的是在了不就也都这那")
_TITLE = re.compile("《([^《》]{2,30})》")


def load_terms(names: Sequence[str], own: Path | None = None) -> tuple[Term, ...]:
    """Return the terms of a person's own list, then those of the lists ``presets/terms/<name>.txt``.

    Raises:
        InputError: ``own`` is no regular file, or unreadable.
        TermsFileError: a list is no text, or a line of it is no term.
    """
    return merged((*_own(own), *preset_terms(names)))


def terms_of_script(text: str) -> tuple[Term, ...]:
    """Return a script's own vocabulary, most frequent first: titles, names, and words of its subject.

    A name counts wherever it stands; another noun counts when it has three characters and comes twice.
    """
    import rjieba

    counts: Counter[str] = Counter(_TITLE.findall(text))
    nouns: Counter[str] = Counter()
    for word, tag in rjieba.tag(text):
        if _is_name(word, tag):
            counts[word] += 1
        elif tag[:1] in "nj" and len(word) >= 3:
            nouns[word] += 1
    counts.update({word: count for word, count in nouns.items() if count >= 2})
    return tuple(Term(word, origin="script") for word, _ in counts.most_common(SCRIPT_TERMS_MAX))


def _is_name(word: str, tag: str) -> bool:
    """Tell whether a word is a name; jieba takes many an ordinary word for a person's."""
    import rjieba

    if len(word) < 2:
        return False
    if tag in _PLACE_TAGS:
        return True
    is_known = rjieba.has_word(word)
    return tag in _PERSON_TAGS and not is_known and _NEVER_IN_NAMES.isdisjoint(word)


def prompt_with_terms(prompt: str, terms: Sequence[Term]) -> str:
    """Return a recogniser's prompt with as many terms as it holds: the person's, then the script's, then the lists'."""
    order: tuple[Origin, ...] = ("own", "script", "preset")
    chosen: list[str] = []
    room = PROMPT_MAX_CHARS - len(prompt) - 1
    for term in sorted(terms, key=lambda term: order.index(term.origin)):
        if len(term.text) + 1 <= room:
            chosen.append(term.text)
            room -= len(term.text) + 1
        if room < 3:
            break
    return f"{prompt}{'、'.join(chosen)}。" if chosen else prompt


def homophone_flags(cue: Cue, terms: tuple[Term, ...]) -> list[Flag]:
    """Return a flag for each piece of a cue that sounds like a term and is written otherwise."""
    message = N_("“{found}” sounds like the term “{suggestion}”.")
    return [
        Flag(
            "homophone",
            Message(message, {"found": suspect.found, "suggestion": suspect.suggestion}),
            weight=round(0.3 + 0.6 * suspect.confidence, 2),
            found=suspect.found,
            suggestion=suspect.suggestion,
            confidence=suspect.confidence,
        )
        for suspect in find_suspects(cue.text, terms)
    ]


def _own(path: Path | None) -> tuple[Term, ...]:
    if path is None:
        return ()
    if require_regular_file(path).st_size > SIZE_MAX_BYTES:
        raise TermsFileError(path, reason=_("it is far too large for a list of terms"))
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            return parse_terms(text, "own")
        except ValueError as error:
            raise TermsFileError(path, reason=_("this is no term: {line}").format(line=error)) from None
    raise TermsFileError(path, reason=_("it is not text in UTF-8 or GB 18030"))
