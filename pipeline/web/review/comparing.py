"""What a cue can be compared with: what was recognised, and what the script has, each piece with its time."""

from pipeline.web.work.material import Material

Piece = tuple[int, int, str]
"""Start and end in milliseconds, and text."""
_SCRIPT_HAS = frozenset({"changed", "skipped"})
"""Deviations at whose place the script has other words, or words that were not said."""


def heard_pieces(material: Material) -> list[Piece]:
    """Return the recognised words in order of time, as they were before a script was laid over them."""
    transcript = material.transcript
    if transcript is None:
        return []
    segments = transcript.heard or transcript.segments
    found = [(word.start_ms, word.end_ms, word.text) for segment in segments for word in segment.words]
    return sorted(found, key=lambda piece: piece[:2])


def script_pieces(material: Material) -> list[Piece]:
    """Return the script's text where the speech follows it and where it departs from it, in order of time."""
    transcript = material.transcript
    if transcript is None or transcript.script is None:
        return []
    followed = [
        (word.start_ms, word.end_ms, word.text)
        for segment in transcript.segments
        for word in segment.words
        if word.is_from_script
    ]
    departed = [
        (deviation.span.start_ms, deviation.span.end_ms, deviation.script)
        for deviation in transcript.script.deviations
        if deviation.kind in _SCRIPT_HAS
    ]
    return sorted([*followed, *departed], key=lambda piece: piece[:2])
