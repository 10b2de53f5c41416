"""Text for the cells of spreadsheets: what a person wrote never becomes a formula.

Excel and its like run a cell that begins with one of ``LEADS``, in a CSV file always and in a workbook as soon as
somebody edits it. A leading apostrophe makes it text; the reader takes that apostrophe away again.
"""

import re

LEADS = "=+-@\t\r\n＝＋－＠"
"""First characters that begin a formula somewhere. Source: OWASP, CSV Injection."""
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
CHARACTERS_MAX = 32_767
"""Most characters in a cell. Source: Excel specifications and limits."""


def neutral(text: str) -> str:
    """Return ``text`` as a cell may hold it: no formula, no control characters, not too long."""
    kept = _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
    kept = f"'{kept}" if kept.startswith(tuple(LEADS)) else kept
    return kept[:CHARACTERS_MAX]


def meant(text: str) -> str:
    """Return what a person meant by the text of a cell: the apostrophe that ``neutral`` adds is no part of it."""
    return text[1:] if text.startswith("'") and text[1:].startswith(tuple(LEADS)) else text
