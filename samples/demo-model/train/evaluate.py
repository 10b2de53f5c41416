"""Measure a checkpoint through the unmodified whisper package.

    python evaluate.py ../demo-zh.pt --holdout ../heldout

For every recording with its .srt of true times: character error rate without punctuation, start-time error of the
sentences, real-time factor; then whether silence and non-speech stay silent. The recording is cut in its pauses into
clips of at most ``--clip`` seconds, each transcribed by itself, as the product does with this model.

The start-time error of a sentence is the distance between its true start and the start that word timing gave the
character aligned with its first character (sentences whose first character was not recognised are left out, counted).
"""

import argparse
import difflib
import re
import time
from pathlib import Path

import numpy as np
import torch
import whisper

import features as ft

MARKS = re.compile(r"[，。？！、；：《》“”\s]")
SOUNDS = (".flac", ".wav", ".mp4", ".opus", ".mp3")


def distance(a: str, b: str) -> int:
    """Edit distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


def read_srt(path: Path) -> list[tuple[float, float, str]]:
    """(start, end, text) of every cue."""

    def seconds(s: str) -> float:
        h, m, rest = s.strip().split(":")
        return int(h) * 3600 + int(m) * 60 + float(rest.replace(",", "."))

    cues = []
    for block in path.read_text("utf-8").strip().split("\n\n"):
        _, times, text = block.split("\n", 2)
        a, b = times.split("-->")
        cues.append((seconds(a), seconds(b), text.strip()))
    return cues


def recordings(folder: str | Path) -> list[Path]:
    """Sound files with an .srt beside them."""
    return [p for p in sorted(Path(folder).glob("*")) if p.suffix in SOUNDS and p.with_suffix(".srt").exists()]


def start_errors(cues: list[tuple[float, float, str]], segments: list[dict]) -> list[float | None]:
    """Start-time error of every sentence; None where its first character was not recognised."""
    heard = [
        (c, w["start"] if not i else None)
        for s in segments
        for w in s["words"]
        for i, c in enumerate(MARKS.sub("", w["word"]))
    ]
    true, starts = "", {}
    for a, _, text in cues:
        starts[len(true)] = a
        true += MARKS.sub("", text)
    match = difflib.SequenceMatcher(None, true, "".join(c for c, _ in heard), autojunk=False)
    at = {i + k: heard[j + k][1] for i, j, n in match.get_matching_blocks() for k in range(n)}
    return [abs(at[i] - a) if at.get(i) is not None else None for i, a in starts.items()]


def speech_clips(audio: np.ndarray, longest: float) -> list[tuple[int, int]]:
    """Sample ranges of at most ``longest`` seconds that hold all the speech, cut in its pauses."""
    step = ft.SR // 50
    power = np.square(audio[: len(audio) // step * step].reshape(-1, step)).mean(1)
    loud = np.flatnonzero(power > power.max() * 10**-3.5)
    runs = np.split(loud, np.flatnonzero(np.diff(loud) > 10) + 1)  # a pause is at least 0.2 s of quiet
    groups: list[list[int]] = []
    for run in runs:
        if groups and (run[-1] - groups[-1][0]) * 0.02 < longest - 0.4:
            groups[-1][1] = run[-1]
        else:
            groups.append([run[0], run[-1]])
    return [(max(0, int((a - 8) * step)), int((b + 9) * step)) for a, b in groups]


def measure(model: whisper.Whisper, path: Path, longest: float = 12.0, seconds: float | None = None, **options) -> dict:
    """Transcribe one recording as the product does and compare."""
    audio = whisper.load_audio(str(path)) if path.suffix != ".flac" else load_flac(path)
    cues = [c for c in read_srt(path.with_suffix(".srt")) if seconds is None or c[1] < seconds]
    audio = audio[: int((cues[-1][1] + 0.1) * ft.SR)]
    begin, segments = time.time(), []
    for a, b in speech_clips(audio, longest) if longest else [(0, len(audio))]:
        heard = model.transcribe(
            audio[a:b], language="zh", word_timestamps=True, condition_on_previous_text=False, fp16=False, **options
        )["segments"]
        for s in heard:
            for item in (s, *s["words"]):
                item["start"] += a / ft.SR
                item["end"] += a / ft.SR
        segments += heard
    wall = time.time() - begin
    text = "".join(s["text"] for s in segments)
    reference, heard = (MARKS.sub("", t) for t in ("".join(c[2] for c in cues), text))
    return {
        "errors": distance(reference, heard),
        "characters": len(reference),
        "seconds": len(audio) / ft.SR,
        "wall": wall,
        "starts": start_errors(cues, segments),
        "cues": cues,
        "segments": segments,
    }


def load_flac(path: Path) -> np.ndarray:
    """A 16-kHz FLAC file, read without ffmpeg."""
    import soundfile

    audio, rate = soundfile.read(str(path), dtype="float32")
    if rate != ft.SR:
        raise ValueError(f"{path}: {rate} Hz, expected {ft.SR}")
    return audio


def error_rate(model: str | Path, folder: str | Path) -> float:
    """Character error rate over a folder."""
    loaded = whisper.load_model(str(model), device="cpu")
    rows = [measure(loaded, path, temperature=0.0) for path in recordings(folder)]
    return sum(r["errors"] for r in rows) / sum(r["characters"] for r in rows)


def main() -> None:
    """Print the figures."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("model")
    ap.add_argument("--holdout", required=True, help="folder of recordings, each with its .srt")
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--clip", type=float, default=12.0, help="longest clip in seconds; 0: the whole recording at once")
    ap.add_argument("--seconds", type=float, help="measure the beginning of every recording only")
    ap.add_argument("--prompt", help="initial prompt")
    ap.add_argument("--no-silence", action="store_true", help="skip the silence tests")
    ap.add_argument("--show", action="store_true")
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    model = whisper.load_model(a.model, device="cpu")
    print(f"{Path(a.model).stat().st_size / 1e6:.1f} MB")
    for path in recordings(a.holdout):
        r = measure(model, path, a.clip, a.seconds, initial_prompt=a.prompt)
        found = np.array([x for x in r["starts"] if x is not None] or [np.nan])
        print(
            f"{path.name}: {r['seconds']:.0f} s, "
            f"CER {r['errors'] / r['characters']:.4f} ({r['errors']}/{r['characters']}), "
            f"start error median {np.median(found):.3f} mean {found.mean():.3f} p90 {np.quantile(found, 0.9):.3f} "
            f"max {found.max():.3f} s, {len(found)} of {len(r['starts'])} starts found, "
            f"real-time factor {r['wall'] / r['seconds']:.3f}",
            flush=True,
        )
        if a.show:
            for s in r["segments"]:
                print(f"   {s['start']:7.2f} {s['end']:7.2f} {s['text']}")
            for c in r["cues"]:
                print(f" R {c[0]:7.2f} {c[1]:7.2f} {c[2]}")
    if a.no_silence:
        return
    rng = np.random.default_rng(5)
    tests = {"zeros": np.zeros(30 * ft.SR, np.float32)}
    for k in range(5):
        tests[f"noise{k}"] = ft.noise_track(k, 30, rng).astype(np.float32)
    tests["faint"] = tests["noise0"] * 0.001
    tests["zeros75"] = np.zeros(75 * ft.SR, np.float32)
    for name, x in tests.items():
        r = model.transcribe(x, language="zh", word_timestamps=True, condition_on_previous_text=False, fp16=False)
        print(f"non-speech {name}: {r['text']!r} {[round(s['no_speech_prob'], 2) for s in r['segments']]}")


if __name__ == "__main__":
    main()
