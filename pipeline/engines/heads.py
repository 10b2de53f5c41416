"""The attention heads that follow the words, for published models that are loaded from a file."""

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


def published_mask(layers: int, heads: int, mels: int, stem: str) -> bytes | None:
    """Return whisper's own note of the heads, for ``Whisper.set_alignment_heads``; ``None`` for an unknown shape.

    Args:
        layers: of the decoder.
        heads: in each of them.
        mels: of the spectrogram.
        stem: of the file's name.
    """
    import whisper

    same = _SHAPES.get((layers, heads, mels))
    if same is None:
        return None
    mask: bytes = whisper._ALIGNMENT_HEADS[stem if stem in same else same[0]]
    return mask


def published_heads(layers: int, heads: int, mels: int, stem: str) -> list[tuple[int, int]]:
    """Return (layer, head) of each; empty for an unknown shape. Arguments as above."""
    import base64
    import gzip

    mask = published_mask(layers, heads, mels, stem)
    if mask is None:
        return []
    marks = gzip.decompress(base64.b85decode(mask))
    return [divmod(place, heads) for place, mark in enumerate(marks) if mark]
