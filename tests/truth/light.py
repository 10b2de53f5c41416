"""Display light as the signals of HDR and wide-gamut television: from the standards, not with what is tested."""

import numpy as np
from numpy.typing import NDArray

WHITE_NITS = 203
"""Source: ITU-R BT.2408-7, 2.2."""
_TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
"""Linear BT.709 to BT.2020. Source: ITU-R BT.2087-0, 2."""
_TO_P3 = np.array([[0.8225, 0.1774, 0.0], [0.0332, 0.9669, 0.0], [0.0171, 0.0724, 0.9108]])
"""Linear BT.709 to P3 with white at D65. Source: from the chromaticities of SMPTE RP 431-2 and EG 432-1."""
_GAMMA = 2.4
"""Source: ITU-R BT.1886."""


def as_signal(card: NDArray[np.float32], light: str) -> bytes:
    """Return a card's pixels as raw RGB: 8 bits for ``sdr``, else 16 bits.

    ``pq``, ``hlg`` and ``wide`` are in BT.2020, ``p3`` is in P3.
    """
    if light == "sdr":
        return np.rint(card * 255).astype(np.uint8).tobytes()
    if light in {"wide", "p3"}:
        shown = card.astype(np.float64) ** _GAMMA @ (_TO_P3 if light == "p3" else _TO_2020).T
        return np.rint(np.clip(shown, 0, 1) ** (1 / _GAMMA) * 65535).astype("<u2").tobytes()
    nits = WHITE_NITS * np.clip(card.astype(np.float64) ** _GAMMA @ _TO_2020.T, 0, None)
    signal = _pq(nits) if light == "pq" else _hlg(nits)
    return np.rint(np.clip(signal, 0, 1) * 65535).astype("<u2").tobytes()


def _pq(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Source: ITU-R BT.2100-2, table 4."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    power = (nits / 10000) ** m1
    return np.asarray(((c1 + c2 * power) / (1 + c3 * power)) ** m2)


def _hlg(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    """For a display of 1,000 nits. Source: ITU-R BT.2100-2, table 5."""
    a, b, c, gamma = 0.17883277, 0.28466892, 0.55991073, 1.2
    shown = nits / 1000
    luminance = shown @ np.array([0.2627, 0.6780, 0.0593])
    scene = shown * np.where(luminance > 0, np.maximum(luminance, 1e-9) ** (1 / gamma - 1), 0)[..., None]
    upper = a * np.log(np.maximum(12 * scene - b, 1e-9)) + c
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), upper)
