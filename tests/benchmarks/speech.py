"""Sound for the subtitle benchmark: lectures spoken by espeak-ng with their true times, and sound that is no speech."""

import re
import sys
import tomllib
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.records import Cue

HERE = Path(__file__).parent
TRAIN = HERE.parents[1] / "samples" / "demo-model" / "train"
_SPEECH_RMS = 0.08
_NOISES_S = 30

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SpokenLecture:
    """A lecture that was made for the benchmark."""

    id: str
    wav: Path
    script: Path
    sentences: tuple[Cue, ...]
    """One a sentence, with true times in milliseconds."""


def make_lectures(folder: Path) -> list[SpokenLecture]:
    """Speak every lecture of ``lectures.toml`` into ``folder``."""
    sys.path.insert(0, str(TRAIN))
    try:
        from espeak import RATE, Espeak
    finally:
        sys.path.remove(str(TRAIN))
    told = tomllib.loads((HERE / "lectures.toml").read_text("utf-8"))["lecture"]
    return [_speak(lecture, number, folder, Espeak(), RATE) for number, lecture in enumerate(told)]


def _speak(lecture: dict, seed: int, folder: Path, engine, rate: int) -> SpokenLecture:  # type: ignore[no-untyped-def,type-arg]
    rng = np.random.default_rng(seed)
    text = "".join(lecture["text"].split())
    pieces = [np.zeros(rate, np.float32)]
    cues, done = [], rate
    for number, sentence in enumerate(re.findall(r"[^。？！]+[。？！]", text)):
        engine.voice(lecture["variant"], lecture["speeds"][number % len(lecture["speeds"])])
        sound, spans = engine.say(sentence)
        sound = sound[: int((spans[-1][1] + 0.05) * rate)]
        start, end = (round(1000 * (done / rate + t)) for t in (spans[0][0], spans[-1][1]))
        cues.append(Cue(start, end, sentence, sentence, None))
        pause = np.zeros(round(rng.uniform(*lecture["pauses_s"]) * rate), np.float32)
        pieces += [sound, pause]
        done += len(sound) + len(pause)
    sound = np.concatenate([*pieces, np.zeros(rate, np.float32)])
    loud = sound[np.abs(sound) > 1e-4]
    sound *= _SPEECH_RMS / float(np.sqrt(np.square(loud).mean()))
    sound += _coloured(len(sound), 1.0, rng) * np.float32(_SPEECH_RMS * 10 ** (-lecture["noise_db"] / 20))
    wav = folder / f"{lecture['id']}.wav"
    script = folder / f"{lecture['id']}.txt"
    _write(wav, sound, rate)
    script.write_text(lecture["text"].strip() + "\n", "utf-8")
    return SpokenLecture(lecture["id"], wav, script, tuple(cues))


def make_noises(folder: Path, rate: int = 22050) -> dict[str, Path]:
    """Write half a minute each of silence, music-like and applause-like sound."""
    rng = np.random.default_rng(7)
    n = _NOISES_S * rate
    sounds = {"silence": np.zeros(n, np.float32), "music": _music(n, rate, rng), "applause": _applause(n, rate, rng)}
    paths = {}
    for name, sound in sounds.items():
        paths[name] = folder / f"{name}.wav"
        _write(paths[name], sound, rate)
    return paths


def _music(n: int, rate: int, rng: np.random.Generator) -> Sound:
    """Chords of decaying tones with a beat."""
    sound = np.zeros(n, np.float32)
    time = np.arange(2 * rate) / rate
    for beat in range(0, n - 2 * rate, rate // 2):
        root = 110.0 * 2 ** (rng.choice([0, 3, 5, 7]) / 12)
        chord = sum(
            np.sin(2 * np.pi * root * ratio * harmonic * time) / harmonic
            for ratio in (1, 1.25, 1.5, 2)
            for harmonic in (1, 2, 3)
        )
        sound[beat : beat + 2 * rate] += (chord * np.exp(-3 * time)).astype(np.float32)
        sound[beat : beat + rate // 20] += rng.standard_normal(rate // 20).astype(np.float32)
    return _levelled(sound)


def _applause(n: int, rate: int, rng: np.random.Generator) -> Sound:
    """Some thousand claps: short bursts of noise at random times, swelling and dying away."""
    sound = np.zeros(n, np.float32)
    length = rate // 50
    fade = np.exp(-np.linspace(0, 7, length))
    for at in rng.integers(0, n - length, 4000):
        swell = np.sin(np.pi * at / n)
        sound[at : at + length] += (rng.standard_normal(length) * fade * swell * rng.uniform(0.2, 1)).astype(np.float32)
    return _levelled(sound)


def _coloured(n: int, slope: float, rng: np.random.Generator) -> Sound:
    """Noise of unit power whose spectrum falls with the frequency."""
    spectrum = np.fft.rfft(rng.standard_normal(n)) / np.maximum(np.arange(n // 2 + 1), 1) ** (slope / 2)
    sound = np.fft.irfft(spectrum, n)
    return (sound / sound.std()).astype(np.float32)


def _levelled(sound: Sound) -> Sound:
    return sound * np.float32(_SPEECH_RMS / float(np.sqrt(np.square(sound).mean())))


def _write(path: Path, sound: Sound, rate: int) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
