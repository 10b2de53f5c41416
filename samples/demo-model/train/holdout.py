"""Write held-out recordings of the selection or the test split: FLAC, reference text and SRT with the true times.

python holdout.py --split select --out ../select      # chooses the checkpoint while training
python holdout.py --split test --out ../heldout       # the reported figures; these ship
"""

import argparse
import random
from pathlib import Path

import numpy as np
import soundfile

import features as ft
from espeak import Espeak
from synth import VARIANTS
from textgen import Generator

MILD = [{}, {}, {"speed": 165, "pitch": 45}, {"speed": 185, "pitch": 55}]
RECORDINGS = [
    ("plain", 90, MILD),
    ("variants", 76, [{"variant": v} for v in VARIANTS]),
]  # name, seconds, voices in turn


def stamp(t: float) -> str:
    """SRT time code."""
    ms = round(t * 1000)
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


def sentences(count: int, seed: int, split: str, used: set[str]) -> list[str]:
    """Sentences of a split, not used before; a third hand-written where there are enough."""
    g, rng = Generator(seed, split), random.Random(seed)
    hand = [s for s, _ in g.hand if s not in used]
    rng.shuffle(hand)
    out: list[str] = []
    while len(out) < count:
        s = hand.pop() if hand and rng.random() < 0.33 else g.sentence()
        if s not in used and len(s) > 6:
            used.add(s)
            out.append(s)
    return out


def record(seconds: float, voices: list[dict], split: str, seed: int, used: set[str]):
    """Audio at 16 kHz and the true (start, end, text) of every sentence."""
    rng, engine = random.Random(seed), Espeak()
    pieces, cues, t = [np.zeros(int(0.4 * ft.SR), np.float32)], [], 0.4
    for k, voice in enumerate(voices):
        engine.voice(**voice)
        for text in sentences(200, seed * 10 + k, split, used):
            if t >= seconds * (k + 1) / len(voices):
                used.discard(text)
                continue
            audio, spans = engine.say(text)
            audio = ft.resample(audio)[: int((spans[-1][1] + 0.06) * ft.SR)]
            cues.append((t + spans[0][0], t + spans[-1][1], text))
            pause = np.zeros(int(rng.choice([0.35, 0.45, 0.6, 1.0]) * ft.SR), np.float32)
            pieces += [audio, pause]
            t += (len(audio) + len(pause)) / ft.SR
    x = np.concatenate(pieces)
    return (x / np.abs(x).max() * 0.02).astype(np.float32), cues  # quiet, like a raw recording; and small as FLAC


def main() -> None:
    """Write the recordings of one split."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--out", required=True)
    ap.add_argument("--split", choices=["select", "test"], default="test")
    a = ap.parse_args()
    out = Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    used: set[str] = set()
    for i, (name, seconds, voices) in enumerate(RECORDINGS):
        audio, cues = record(seconds, voices, a.split, {"select": 70, "test": 90}[a.split] + i, used)
        soundfile.write(str(out / f"{name}.flac"), audio, ft.SR, subtype="PCM_16", compression_level=1.0)
        (out / f"{name}.txt").write_text("".join(c[2] + "\n" for c in cues), "utf-8")
        (out / f"{name}.srt").write_text(
            "\n".join(f"{k}\n{stamp(s)} --> {stamp(e)}\n{text}\n" for k, (s, e, text) in enumerate(cues, 1)), "utf-8"
        )
        print(f"{name}: {len(audio) / ft.SR:.1f} s, {len(cues)} sentences")


if __name__ == "__main__":
    main()
