"""Synthesise the training bank: one log-mel per sentence, with the time span of every character.

python synth.py --out ../bank --sentences 40000 --jobs 2
"""

import argparse
import json
import multiprocessing as mp
import random
from pathlib import Path

import numpy as np
import torch

import features as ft
from espeak import Espeak
from textgen import PUNCT, Generator

VARIANTS = ["f2", "m3"]


def speaker(rng: random.Random) -> dict:
    """Four fifths of the sessions use the plain voice, half of those with the default settings."""
    plain = rng.random() < 0.8
    default = plain and rng.random() < 0.5
    return {
        "variant": "" if plain else rng.choice(VARIANTS),
        "speed": 175 if default else rng.randint(160, 190),
        "pitch": 50 if default else rng.randint(42, 58),
        "pitch_range": 50 if default else rng.randint(42, 58),
        "reverb": rng.random() < 0.1,
        "eq": rng.random() < 0.3,
    }


def work(job: tuple[int, int, int, str, float]) -> None:
    """One process: ``count`` sentences in sessions of 20 with the same speaker."""
    index, count, seed, out, focus = job
    torch.set_num_threads(1)
    rng, nrng = random.Random(seed), np.random.default_rng(seed)
    texts, engine = Generator(seed, focus=focus), Espeak()
    mels, meta, at, session = [], [], 0, index * 1_000_000
    while len(meta) < count:
        who, session = speaker(rng), session + 1
        try:
            engine.voice(who["variant"], who["speed"], who["pitch"], who["pitch_range"])
        except ValueError:
            continue
        for _ in range(20):
            text = texts.sentence()
            audio, spans = engine.say(text)
            syllables = engine.syllables(text)
            if not len(spans) == len(syllables) == sum(c not in PUNCT for c in text):
                continue
            audio = ft.resample(audio)[: int((spans[-1][1] + 0.06) * ft.SR)]
            if who["eq"]:
                audio = ft.equalise(audio, nrng)
            if who["reverb"]:
                audio = ft.reverb(audio, nrng)
            mel = ft.log_mel(audio)
            mels.append(mel.astype(np.float16))
            meta.append(
                {
                    "text": text,
                    "at": at,
                    "n": len(mel),
                    "session": session,
                    "voice": who,
                    "syl": syllables,
                    "spans": [[round(a, 3), round(b, 3)] for a, b in spans],
                }
            )
            at += len(mel)
    np.save(f"{out}/mel{index}.npy", np.concatenate(mels))
    text = Path(f"{out}/meta{index}.tmp")
    text.write_text(json.dumps(meta, ensure_ascii=False), "utf-8")
    text.replace(text.with_suffix(".json"))


def main() -> None:
    """Write the bank."""
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--out", required=True)
    ap.add_argument("--sentences", type=int, default=40000)
    ap.add_argument("--jobs", type=int, default=2)
    ap.add_argument("--parts", type=int, default=4)
    ap.add_argument("--first", type=int, default=0, help="number of the first part (to add to a bank)")
    ap.add_argument(
        "--focus", type=float, default=0.0, help="share of words drawn from the sample lectures' vocabulary"
    )
    ap.add_argument("--seed", type=int, default=100)
    a = ap.parse_args()
    Path(a.out).mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(a.seed)
    np.save(
        f"{a.out}/noise.npy", np.stack([ft.log_mel(ft.noise_track(k, 40, rng)) for k in range(30)]).astype(np.float16)
    )
    jobs = [(a.first + i, a.sentences // a.parts, a.seed + i, a.out, a.focus) for i in range(a.parts)]
    with mp.get_context("spawn").Pool(a.jobs) as pool:
        pool.map(work, jobs, chunksize=1)


if __name__ == "__main__":
    main()
