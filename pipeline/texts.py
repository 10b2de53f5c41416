"""Text that a person reads: gettext catalogues, the language in force, and messages that wait for a language.

Every sentence is written in English at the place that says it, marked with ``_`` (translate now) or ``N_``
(translate when shown), and has its Chinese in ``locale/zh_CN/LC_MESSAGES/weike.po``.
"""

import gettext
import locale
import os
from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = ("zh_CN", "en")
LOCALE_DIR = Path(__file__).parent / "locale"

_chosen: ContextVar[str | None] = ContextVar("language", default=None)


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence with its values, not yet in any language."""

    text: str
    """English source text, a ``str.format`` template marked with ``N_``."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What the template's names stand for, already written out."""

    def show(self) -> str:
        """Return the sentence in the language in force."""
        return _(self.text).format_map(self.values)


def language() -> str:
    """Return the language in force: chosen here, ``WEIKE_LANG``, the locale, then ``zh_CN``."""
    for wish in (_chosen.get(), os.environ.get("WEIKE_LANG"), _from_locale()):
        if wish:
            return "en" if wish.lower().startswith("en") else "zh_CN"
    return "zh_CN"


@contextmanager
def speaking(name: str) -> "Iterator[None]":
    """Run a block in one language, whatever the environment says."""
    token = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(token)


def _(text: str) -> str:
    """Return ``text`` in the language in force."""
    return _catalogue(language()).gettext(text)


def N_(text: str) -> str:  # noqa: N802 - the name gettext's tools look for
    """Mark ``text`` for the catalogues and return it as it is."""
    return text


@lru_cache
def _catalogue(name: str) -> gettext.NullTranslations:
    return gettext.translation("weike", LOCALE_DIR, languages=[name], fallback=True)


def _from_locale() -> str | None:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return None if value.split(".")[0] in {"C", "POSIX"} else value
    return locale.getlocale()[0]
