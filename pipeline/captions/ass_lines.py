r"""Reading ASS and SSA files of other programs: their times and words; styles and places stay behind.

Dialogue lines are cut by ourselves, under the ``Format`` line that stands above them, so that every one is counted:
pysubs2 by itself gives the whole file up at the first broken line.
"""

import re
from collections.abc import Mapping, Sequence

from pysubs2.formats.substation import EVENT_FIELDS
from pysubs2.time import TIMESTAMP, timestamp_to_ms

from pipeline.captions.entries import Entry, as_cue
from pipeline.records import Cue

_SECTION = re.compile(r"^\s*\ufeff?\[(?:Script Info|V4\+? Styles|Events)\]", re.IGNORECASE | re.MULTILINE)
_TAGS = re.compile(r"(?<!\\)\{[^}]*\}")
_DRAWING = re.compile(r"(?<!\\)\{[^}]*\\p[1-9]")
_ESCAPES = re.compile("\\\\([Nnh{}])|\\\\\u2060")
_MEANINGS = {"N": "\n", "n": "\n", "h": " ", "{": "{", "}": "}"}


def is_ass(text: str) -> bool:
    """Tell whether a text has the sections of ASS or SSA."""
    return _SECTION.search(text) is not None


def parse_ass(text: str) -> tuple[Entry, ...]:
    """Return the dialogue lines of an ASS or SSA text in its order; a drawing is one that cannot be read as text.

    Comment lines are no subtitles and are passed over, as every player does.
    """
    fields: Sequence[str] = EVENT_FIELDS["ass"]
    entries: list[Entry] = []
    in_events = False
    for line in map(str.strip, text.splitlines()):
        kind, _, rest = line.partition(":")
        if line.startswith("["):
            in_events = line.lower() == "[events]"
        elif in_events and kind == "Format":
            fields = [name.strip().lower() for name in rest.split(",")]
        elif kind == "Dialogue":
            values = dict(zip(fields, rest.lstrip().split(",", len(fields) - 1), strict=False))
            entries.append(Entry(len(entries) + 1, rest.strip(), _cue(values)))
    return tuple(entries)


def _cue(values: Mapping[str, str]) -> Cue | None:
    start, end = (TIMESTAMP.fullmatch(values.get(name, "").strip()) for name in ("start", "end"))
    written = values.get("text", "")
    if start is None or end is None or _DRAWING.search(written):
        return None
    text = _ESCAPES.sub(lambda match: _MEANINGS.get(match[1], "\\"), _TAGS.sub("", written))
    text = "\n".join(line.strip() for line in text.split("\n") if line.strip())
    return as_cue(timestamp_to_ms(start.groups()), timestamp_to_ms(end.groups()), text) if text else None
