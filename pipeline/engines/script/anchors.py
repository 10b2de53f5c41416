"""Where script and speech surely meet: long runs of the same syllables in a row, rare ones rather than common ones."""

from rapidfuzz.distance import Levenshtein

from pipeline.engines.script.sounds import Likeness

Window = tuple[int, int, int, int]
"""Script syllables from, to; heard syllables from, to."""
_LEAST_SYLLABLES = 4
_LEAST_NATS = 18.0
"""Chance brings such a run about once in 10⁷ places."""


def find_anchors(likeness: Likeness) -> tuple[Window, ...]:
    """Return runs in which script and speech have the same syllables; rising on both sides, each run without a gap."""
    said = "".join(chr(0x4E00 + n) for n in likeness.said)
    heard = "".join(chr(0x4E00 + n) for n in likeness.heard)
    anchors: list[Window] = []
    for step in Levenshtein.opcodes(said, heard):
        if step.tag != "equal" or step.src_end - step.src_start < _LEAST_SYLLABLES:
            continue
        if likeness.information[likeness.said[step.src_start : step.src_end]].sum() >= _LEAST_NATS:
            anchors.append((step.src_start, step.src_end, step.dest_start, step.dest_end))
    return tuple(anchors)


def windows_between(anchors: tuple[Window, ...], said: int, heard: int) -> tuple[Window, ...]:
    """Return the windows before, between and after the anchors; some are empty.

    Each anchor lends its outermost syllables to the windows beside it, since a run of the same syllables may reach past
    the place where the speech really left the script.
    """
    ends = [(0, 0), *((a[1] - 1, a[3] - 1) for a in anchors)]
    begins = [*((a[0] + 1, a[2] + 1) for a in anchors), (said, heard)]
    return tuple((a, c, b, d) for (a, b), (c, d) in zip(ends, begins, strict=True))
