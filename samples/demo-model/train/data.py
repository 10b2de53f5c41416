"""Training windows composed on the fly from the bank: packing, pauses, noise, gain, tokens, alignments."""

import json
import random
from pathlib import Path

import numpy as np
import torch
from whisper.tokenizer import get_tokenizer

from textgen import PUNCT, charset, handwritten, tagged_words

TOK = get_tokenizer(True, num_languages=99, language="zh", task="transcribe")
N_VOCAB = 51865
IGNORE = -100
VARIANT_SHARE = {"f2": 0.35, "m3": 0.35}
FULL = 3000  # mel frames of Whisper's window
PROMPTS = [
    "以下是普通话的句子。",
    "以下是一段微课的内容，请使用简体中文。",
    "大学微课，疫情防控，党课，教学，科研，学生生活。",
]


def plain_words() -> list[str]:
    """All words of the tagged lexicon."""
    return sorted({w for ws in tagged_words().values() for w in ws})


def share(voice: dict) -> float:
    """How often a session of this voice takes part in a pass over the bank."""
    if voice["variant"]:
        return VARIANT_SHARE.get(voice["variant"], 0.0)
    return 1.0 if voice["speed"] == 175 else 0.8


class Vocab:
    """The part of Whisper's vocabulary that training uses, mapped to compact ids.

    Compact id ``unused`` stands for every other token: one shared embedding row.
    """

    def __init__(self):
        self.char_tokens = {c: TOK.encode(c) for c in sorted(charset())}
        text = {t for ids in self.char_tokens.values() for t in ids}
        for s in [s for s, _ in handwritten()] + plain_words() + PROMPTS:  # BPE merges seen in prompts
            text.update(TOK.encode(s) + TOK.encode(" " + s))
        special = [
            TOK.eot,
            TOK.sot,
            TOK.sot_prev,
            TOK.no_speech,
            TOK.no_timestamps,
            TOK.transcribe,
            TOK.to_language_token("zh"),
        ]
        self.full = sorted(text) + sorted(special) + [TOK.timestamp_begin + i for i in range(1501)]
        self.compact = {t: i for i, t in enumerate(self.full)}
        self.unused = len(self.full)
        self.ts0 = self.compact[TOK.timestamp_begin]

    def map(self, tokens: list[int]) -> list[int]:
        """Compact ids of Whisper's tokens."""
        return [self.compact.get(t, self.unused) for t in tokens]


class Bank:
    """Log-mels of single sentences with the time span of every character, grouped by speaker session."""

    def __init__(self, folder: str):
        self.folder = Path(folder)
        self.mels, self.items, self.parts = [], [], set()
        self.sessions: dict[int, list[dict]] = {}
        self.grow()
        self.syllables = ["silence", *sorted({s for m in self.items for s in m["syl"]})]
        self.syllable = {s: i for i, s in enumerate(self.syllables)}
        self.noise = np.load(self.folder / "noise.npy", mmap_mode="r")

    def grow(self) -> None:
        """Take in the parts that synth.py has finished since."""
        for path in sorted(self.folder.glob("meta*.json")):
            if path.name in self.parts:
                continue
            self.parts.add(path.name)
            self.mels.append(
                np.load(path.with_name(path.name.replace("meta", "mel").replace("json", "npy")), mmap_mode="r")
            )
            for m in json.loads(path.read_text("utf-8")):
                m["part"] = len(self.mels) - 1
                self.items.append(m)
                self.sessions.setdefault(m["session"], []).append(m)

    def mel(self, m: dict) -> np.ndarray:
        """log10 power of one sentence."""
        return self.mels[m["part"]][m["at"] : m["at"] + m["n"]]


class Windows(torch.utils.data.IterableDataset):
    """Endless batches of about ``budget`` mel frames, of windows of similar length.

    Most windows look like the clips that voice activity detection hands over: speech from 0–0.6 s on, one to eight
    sentences, then Whisper's zero padding, most of which is cut off while training to save time (``full`` is the share
    that keeps all of it). The rest are plain 30-s windows that may begin or end inside a sentence, and non-speech.
    """

    def __init__(
        self,
        bank: Bank,
        vocab: Vocab,
        budget: int,
        full: float,
        seed: int,
        prompts: float = 0.1,
        long: float = 0.06,
        silent: float = 0.05,
        longest: int = 2950,
    ):
        self.bank, self.vocab, self.budget, self.seed = bank, vocab, budget, seed
        self.full, self.prompts, self.long, self.silent = full, prompts, long, silent
        self.longest = longest

    def __iter__(self):
        info = torch.utils.data.get_worker_info()
        self.rng = random.Random(self.seed * 1000 + (info.id if info else 0))
        self.nrng = np.random.default_rng(self.rng.randrange(1 << 30))
        self.queue: list[int] = []
        self.rest: list[dict] = []
        while True:
            rows = sorted((self.window() for _ in range(48)), key=lambda row: len(row["mel"]))
            batches, batch = [], []
            for row in rows:
                if batch and (len(batch) + 1) * len(row["mel"]) > self.budget:
                    batches.append(batch)
                    batch = []
                batch.append(row)
            if len(batch) * len(batch[-1]["mel"]) > 0.6 * self.budget:
                batches.append(batch)
            self.rng.shuffle(batches)
            for batch in batches:
                yield self.collate(batch)

    # -- audio ---------------------------------------------------------------------------
    def next_items(self) -> list[dict]:
        """Sentences of one speaker, in random order (every session once per pass)."""
        if len(self.rest) < 2:
            if not self.queue:
                self.bank.grow()
                self.queue = [
                    s for s, items in self.bank.sessions.items() if self.rng.random() < share(items[0]["voice"])
                ]
                self.rng.shuffle(self.queue)
            self.rest = list(self.bank.sessions[self.queue.pop()])
            self.rng.shuffle(self.rest)
        return self.rest

    def pause(self, long: bool) -> int:
        """Frames of silence between two sentences."""
        r = self.rng.random()
        low, high = (20, 60) if r < 0.7 else (50, 120) if r < 0.95 or not long else (120, 500)
        return self.rng.randint(low, high)

    def add_noise(self, power: np.ndarray, level: float) -> None:
        """Add a stretch of non-speech sound at a log10 power level."""
        n = self.bank.noise[self.rng.randrange(len(self.bank.noise))]
        start = self.rng.randrange(n.shape[0] - len(power))
        noise = 10 ** n[start : start + len(power)].astype(np.float32)
        power += noise * (10**level / noise.mean())

    def window(self) -> dict:
        """One window: normalised mel, tokens, alignment."""
        r = self.rng
        kind = r.random()
        if kind < self.silent:
            return self.silent_window()
        long = kind < self.silent + self.long
        limit = FULL if long else r.randint(250, self.longest)
        power = np.full((FULL, 80), 1e-10, np.float32)
        items, placed, next_start = self.next_items(), [], None
        t = r.randint(0, 60) if not long or r.random() < 0.5 else r.randint(0, 300)
        skip_into = long and r.random() < 0.3
        while items:
            m = items[-1]
            k0 = 0
            if skip_into and len(m["spans"]) > 6:  # the window starts inside a sentence
                k0, t = r.randint(2, len(m["spans"]) - 3), 0
            skip_into = False
            skip = int(m["spans"][k0][0] * 100) if k0 else 0
            n = m["n"] - skip
            if t + n > (FULL - 2 if long or not placed else limit):
                if long and t < FULL - 10:
                    next_start, k = t, min(FULL - t, n)
                    power[t : t + k] += 10 ** self.bank.mel(m)[skip : skip + k].astype(np.float32)
                break
            items.pop()
            power[t : t + n] += 10 ** self.bank.mel(m)[skip : skip + n].astype(np.float32)
            placed.append((m, t - skip, k0, len(m["spans"])))
            t += n + self.pause(long)
        if not placed:
            return self.window()
        end = FULL
        if not long:
            end = min(FULL, placed[-1][1] + placed[-1][0]["n"] + r.randint(0, 60))
        if r.random() < 0.5:  # 20 to 55 dB below the speech
            self.add_noise(power, np.log10(power[:end].mean()) - r.uniform(2.0, 5.5))
        gain = 0.0 if r.random() < 0.3 else r.uniform(-3.5, 0.5)
        logs = np.maximum(np.log10(power) + gain, -10)
        top = logs[:end].max() + (r.uniform(0, 0.5) if r.random() < 0.2 else 0)
        logs = (np.maximum(logs, top - 8) + 4) / 4
        logs[end:] = 0
        if not long and r.random() >= self.full:
            logs = logs[: min(FULL, -(-(end + r.choice([0, 20, 200])) // 100) * 100)]
        return self.label(logs, placed, next_start)

    def silent_window(self) -> dict:
        """Silence, noise, hum, clicks or a tune."""
        r = self.rng
        power = np.full((FULL, 80), 1e-10, np.float32)
        if r.random() < 0.75:
            self.add_noise(power, r.uniform(-7, 1))
        logs = np.maximum(np.log10(power), -10)
        end = r.randint(50, FULL) if r.random() < 0.6 else FULL
        top = logs[:end].max()
        if r.random() < 0.5:
            top = max(top, r.uniform(0, 3.5))  # the loud part of the file is elsewhere
        logs = (np.maximum(logs, top - 8) + 4) / 4
        logs[end:] = 0
        return self.label(logs[: FULL if r.random() < 0.5 else max(300, -(-end // 100) * 100)], [], None)

    # -- tokens --------------------------------------------------------------------------
    def sentence_tokens(self, m: dict, k0: int = 0, k1: int | None = None, start: int = 0):
        """(compact token, first frame, last frame) per token; frames of 20 ms."""
        k1 = len(m["spans"]) if k1 is None else k1
        out, k, last = [], 0, None
        for c in m["text"]:
            ids = self.vocab.map(self.vocab.char_tokens[c])
            if c in PUNCT:
                if last and k0 < k <= k1 and not (k == k1 < len(m["spans"])):
                    out += [(i, last[1], last[1] + 6) for i in ids]
                continue
            if k0 <= k < k1:
                a, b = m["spans"][k]
                last = (int((start / 100 + a) * 50), int((start / 100 + b) * 50))
                out += [(i, last[0] - 1, last[1]) for i in ids]
            k += 1
        return out

    def label(self, logs: np.ndarray, placed: list, next_start: int | None) -> dict:
        """Decoder input and targets, spans for guided attention, syllables for every encoder frame."""
        r, v, half = self.rng, self.vocab, len(logs) // 2
        silent = not placed
        with_ts = r.random() < 0.75
        ts = lambda f: v.ts0 + min(1500, max(0, f))  # noqa: E731
        body: list[tuple[int, int, int]] = []
        syll = np.zeros(half, np.int64)
        for i, (m, start, k0, k1) in enumerate(placed):
            a = (start / 100 + m["spans"][k0][0]) * 50
            b = (start / 100 + m["spans"][k1 - 1][1]) * 50
            text = self.sentence_tokens(m, k0, k1, start)
            if with_ts:
                body.append((ts(min(int(a), 50) if i == 0 else int(a)), int(a) - 2, int(a) + 3))
                body += text
                body.append((ts(int(np.ceil(b))), int(b) - 3, int(b) + 3))
            else:
                body += text
            for s, (p, q) in list(zip(m["syl"], m["spans"]))[k0:k1]:
                syll[max(0, int((start / 100 + p) * 50)) : max(0, int((start / 100 + q) * 50))] = (
                    self.bank.syllable.get(s, IGNORE)
                )
        if next_start is not None:
            if with_ts:
                body.append((ts(next_start // 2), next_start // 2 - 2, next_start // 2 + 3))
            syll[next_start // 2 :] = IGNORE
        if silent and with_ts:
            body = [(v.ts0, -1, -1)]
        prompt = self.prompt() if r.random() < self.prompts else []
        c = v.compact
        head = [c[TOK.sot], c[TOK.to_language_token("zh")], c[TOK.transcribe]] + (
            [] if with_ts else [c[TOK.no_timestamps]]
        )
        body = body[: 448 - len(prompt) - len(head)]
        inputs = prompt + head + [t for t, _, _ in body]
        targets = [IGNORE] * len(prompt) + [c[TOK.no_speech] if silent else head[1], head[2]]
        targets += ([] if with_ts else [IGNORE]) + [t for t, _, _ in body] + [c[TOK.eot]]
        stop = (int(b), int(b) + 12) if placed else (-1, -1)  # word timing reads the last word's end off this row
        spans = [(-1, -1)] * (len(prompt) + len(head) - 1) + [(a, b) for _, a, b in body] + [stop]
        return {"mel": logs, "inputs": inputs, "targets": targets, "spans": spans, "syll": syll}

    def prompt(self) -> list[int]:
        """An initial prompt as ``transcribe`` passes it: a sentence or a list of terms."""
        r, v = self.rng, self.vocab
        kind = r.random()
        if kind < 0.3:
            text = r.choice(PROMPTS)
        elif kind < 0.75:
            text = "，".join(r.sample(plain_words(), r.randint(1, 20)))
        else:
            text = r.choice(self.bank.items)["text"]
        tokens = [v.unused if r.random() < 0.05 else t for t in v.map(TOK.encode(" " + text))]
        return [v.compact[TOK.sot_prev]] + tokens[-223:]

    def collate(self, rows: list[dict]) -> dict:
        """Pad rows to a batch."""
        frames = max(len(x["mel"]) for x in rows)
        length = min(448, -(-max(len(x["inputs"]) for x in rows) // 16) * 16)
        mel = np.zeros((len(rows), frames, 80), np.float32)
        syll = np.zeros((len(rows), frames // 2), np.int64)
        for i, x in enumerate(rows):
            mel[i, : len(x["mel"])] = x["mel"]
            syll[i, : len(x["syll"])] = x["syll"]
        pad = lambda key, fill: torch.tensor([list(x[key]) + [fill] * (length - len(x["inputs"])) for x in rows])  # noqa: E731
        return {
            "mel": torch.from_numpy(mel).transpose(1, 2).contiguous(),
            "syll": torch.from_numpy(syll),
            "inputs": pad("inputs", self.vocab.compact[TOK.eot]),
            "targets": pad("targets", IGNORE),
            "spans": pad("spans", (-1, -1)),
        }
