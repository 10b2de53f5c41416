"""Audio helpers: resampling, log10-mel (Whisper's filter bank, before its normalisation), noise, reverb."""

import numpy as np
import torch
from whisper.audio import HOP_LENGTH, N_FFT, mel_filters

SR = 16000
FLOOR = 1e-10


def resample(x: np.ndarray, src: int = 22050) -> np.ndarray:
    """Band-limited FFT resampling to 16 kHz (22 050 / 16 000 = 441 / 320)."""
    if src == SR:
        return x
    assert src == 22050
    blocks = (-(-len(x) // 441) // 64 + 1) * 64  # a size the FFT likes
    spectrum = torch.fft.rfft(torch.nn.functional.pad(torch.from_numpy(x), (0, blocks * 441 - len(x))))
    n_out = blocks * 320
    y = torch.fft.irfft(spectrum[: n_out // 2 + 1], n=n_out) * (320 / 441)
    return y[: int(len(x) * 320 / 441)].numpy()


def log_mel(x: np.ndarray) -> np.ndarray:
    """[frames, 80] float32 log10 power, floored at 1e-10."""
    audio = torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32))
    stft = torch.stft(audio, N_FFT, HOP_LENGTH, window=torch.hann_window(N_FFT), return_complex=True)
    power = mel_filters("cpu", 80) @ (stft[..., :-1].abs() ** 2)
    return power.clamp(min=FLOOR).log10().T.contiguous().numpy()


def coloured_noise(n: int, exponent: float, rng: np.random.Generator) -> np.ndarray:
    """Noise whose power falls as a power of the frequency."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    f = np.arange(len(spectrum), dtype=np.float64)
    f[0] = 1
    x = np.fft.irfft(spectrum / f ** (exponent / 2), n)
    return (x / (np.abs(x).std() + 1e-9) * 0.05).astype(np.float32)


def noise_track(kind: int, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """Non-speech sound: coloured noise, hum, fan, clicks or a slow tune."""
    n = int(seconds * SR)
    t = np.arange(n) / SR
    if kind % 5 < 2:
        return coloured_noise(n, rng.uniform(0, 2.2), rng)
    if kind % 5 == 2:  # hum plus hiss
        base = rng.choice([50, 60, 100])
        x = sum(rng.uniform(0, 1) / k * np.sin(2 * np.pi * base * k * t + rng.uniform(0, 6)) for k in range(1, 9))
        return (0.05 * x + 0.2 * coloured_noise(n, 1, rng)).astype(np.float32)
    if kind % 5 == 3:  # keyboard clicks, page noise
        x = 0.02 * coloured_noise(n, 1, rng)
        for at in np.cumsum(rng.exponential(0.35, int(seconds * 3))):
            i, m = int(at * SR), int(rng.uniform(0.004, 0.05) * SR)
            if i + m < n:
                x[i : i + m] += (
                    rng.standard_normal(m).astype(np.float32) * np.exp(-np.linspace(0, 6, m)) * rng.uniform(0.02, 0.2)
                )
        return x.astype(np.float32)
    x = np.zeros(n)  # a tune of decaying tones
    step = rng.uniform(0.2, 0.7)
    for k in range(int(seconds / step)):
        i = int(k * step * SR)
        f = 220 * 2 ** (rng.choice([0, 2, 4, 5, 7, 9, 11, 12, 14, 16]) / 12)
        tail = t[: n - i]
        x[i:] += sum(np.sin(2 * np.pi * f * h * tail) / h**1.5 for h in range(1, 5)) * np.exp(-tail * 4)
    return (0.1 * x + 0.05 * coloured_noise(n, 1, rng)).astype(np.float32)


def reverb(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Light synthetic room: direct sound plus an exponentially decaying noise tail."""
    rt = rng.uniform(0.1, 0.45)
    n = int(rt * SR)
    tail = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n) * rng.uniform(0.01, 0.06)
    tail[: int(0.004 * SR)] = 0
    tail[0] = 1
    size = 1 << int(np.ceil(np.log2(len(x) + n)))
    y = np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(tail, size), size)[: len(x) + n // 2]
    return y.astype(np.float32)


def equalise(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random smooth frequency response (microphone, codec)."""
    size = 1 << int(np.ceil(np.log2(len(x))))
    spectrum = np.fft.rfft(x, size)
    points = rng.uniform(-6, 6, 7)
    curve = np.interp(np.linspace(0, 6, len(spectrum)), np.arange(7), points)
    return np.fft.irfft(spectrum * 10 ** (curve / 20), size)[: len(x)].astype(np.float32)
