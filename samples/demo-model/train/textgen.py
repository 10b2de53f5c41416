"""Text of the lecture domain: hand-written sentences, their patterns with other words, templates, loose words.

``python textgen.py --show 30`` prints samples; training imports ``Generator``.

Three splits. A text belongs to one by the hash of its characters without punctuation: ``select`` (choosing the
checkpoint), ``test`` (the reported figures) or ``train``. Sentences of the sample lectures are never training text, nor
is any text that holds one of their longer clauses.
"""

import argparse
import functools
import hashlib
import itertools
import random
import re
from collections import Counter
from pathlib import Path

from lexicon import COMMON, GENERAL, TOPICS
from prepare import lecture_lines

HERE = Path(__file__).parent
DIGITS = "零一二三四五六七八九"
PUNCT = "，。？！、"
SWAPPED = {"n", "v", "a", "t", "vn", "d", "ns", "an", "ad", "l", "i", "b", "nr"}  # tags whose words may be replaced


def number(n: int) -> str:
    """Chinese reading of 0 ≤ n < 100 million."""
    if n == 0:
        return "零"
    if n >= 10000:
        low = n % 10000
        return number(n // 10000) + "万" + (("零" if low < 1000 else "") + number(low) if low else "")
    out, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        d, n = divmod(n, unit)
        if d:
            out += ("零" if zero and out else "") + DIGITS[d] + name
            zero = False
        elif out:
            zero = True
    return out[1:] if out.startswith("一十") else out


def bare(text: str) -> str:
    """Text without punctuation."""
    return re.sub(f"[{PUNCT}]", "", text)


def split_of(text: str) -> str:
    """``select``, ``test`` or ``train``."""
    bucket = int(hashlib.md5(bare(text).encode()).hexdigest(), 16) % 24
    return {0: "select", 1: "test"}.get(bucket, "train")


def hand_split(text: str) -> str:
    """The same for hand-written sentences, of which more are held out."""
    bucket = int(hashlib.md5(("hand" + bare(text)).encode()).hexdigest(), 16) % 10
    return {0: "select", 1: "test"}.get(bucket, "train")


@functools.cache
def handwritten() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every hand-written sentence with its (word, tag) pairs."""
    out = []
    for line in (HERE / "tagged.txt").read_text("utf-8").splitlines():
        pairs = [tuple(item.rsplit("/", 1)) for item in line.split()]
        out.append(("".join(w for w, _ in pairs), pairs))
    return out


@functools.cache
def tagged_words(name: str = "words") -> dict[str, list[str]]:
    """Words by tag."""
    rows = (line.split() for line in (HERE / f"{name}.txt").read_text("utf-8").splitlines())
    return {row[0]: row[1:] for row in rows}


@functools.cache
def charset() -> frozenset[str]:
    """The characters the model knows."""
    text = (
        "".join(s for s, _ in handwritten())
        + "".join(w for ws in tagged_words().values() for w in ws)
        + "".join(lecture_lines())
    )
    text += re.sub(r"\{\w+\}|[|\s]", "", TEMPLATES)
    return frozenset(text + PUNCT + DIGITS + "百千万亿点年月日")


def known(words: str) -> list[str]:
    """Those words of a list that hold known characters only."""
    return [w for w in words.split() if charset().issuperset(w)]


@functools.cache
def forbidden() -> tuple[frozenset[str], tuple[str, ...]]:
    """Sentences and longer clauses of the sample lectures, without punctuation."""
    lines = lecture_lines()
    clauses = {c for s in lines for c in re.split(f"[{PUNCT}]", s) if len(c) >= 7}
    return frozenset(map(bare, lines)), tuple(clauses)


def allowed(text: str) -> bool:
    """Whether a text keeps clear of the sample lectures."""
    whole, clauses = forbidden()
    plain = bare(text)
    return plain not in whole and not any(c in plain for c in clauses)


TEMPLATES = """
今天我们来谈一谈{N}。|今天我们来谈一谈{N}和{N}。|这节课我们主要{V2}{N}。|接下来，我们来{V2}{N}的{ABS}。|下面我们来看{N}。|我们先来{V2}{N}的{ABS}。
{CONJ}，{N}的{ABS}{DEG}{ADJ}。|{N}的{ABS}{DEG}{ADJ}。|{N}和{N}有什么{ABS}？|什么是{N}？|{N}到底有什么{ABS}呢？|为什么要{VP}呢？|怎样才能{VP}？|我们怎么{VP}？
首先要{VP}。|其次要{VP}，{VP}。|首先，{P}要{ADV}{VP}。|{P}要{ADV}{VP}。|{P}{ADV}{VP}。|{T}，{P}在{L}{VP}。|{P}在{L}{VP}。|{T}{P}{ADV}{VP}。|{T}，{P}和{P}一起{VP}。
我们应该{ADV}{VP}，{VP}。|请大家{ADV}{VP}。|请{P}{VP}。|只有{VP}，才能{VP}。|如果不{VP}，就不能{VP}。|如果{P}没有{VP}，会怎么样呢？|通过{N}，我们可以{VP}。|为了{VP}，{P}要{VP}。
关于{N}，我想讲{NUM}点。|第{NUM}，{VP}。|第{NUM}点，是{N}的{ABS}。|第{NUM}个{ABS}，就是要{VP}。|大约有{BIG}名{P}参加了{N}。|{P}用了{NUM}天来{VP}。|第{NUM}，{N}来自{N}。|第{NUM}件事，是{VP}。
{N}是{N}的{ABS}。|{N}、{N}和{N}都{DEG}{ADJ}。|{N}不是{N}，而是{N}。|没有{N}，就没有{N}。|{N}对{N}有{DEG}{ADJ}的{ABS}。|{N}离不开{N}。|{N}是{N}，也是{N}。|{N}来自{N}，也来自{N}。
{CONJ}，{P}应该{VP}。|{CONJ}，我们再来{V2}{N}。|不仅要{VP}，而且要{VP}。|既要{VP}，也要{VP}。|虽然{N}{DEG}{ADJ}，但是我们可以{VP}。|只要{VP}，{N}就会{DEG}{ADJ}。
大家想一想，{P}为什么要{VP}？|同学们，你们{VP}了吗？|{P}能不能{VP}？|这就是{N}的{ABS}。|这就是我们要{VP}的{ABS}。|我们要{V2}{N}，{VP}。|{L}的{N}{DEG}{ADJ}。|{VP}是责任，{VP}也是责任。
{YEAR}，{P}{ADV}{VP}。|{YEAR}{MON}，{L}的{P}开始{VP}。|对{P}来说，{N}{DEG}{ADJ}。|{P}告诉我们，要{ADV}{VP}。|{P}说，{N}{DEG}{ADJ}。|在{L}，{P}不能{VP}。|在{L}要{VP}。|从{L}到{L}，都能看到{P}。
{ADJ}的{N}，离不开{ADJ}的{N}。|让我们{ADV}{VP}！|{VP}，是{P}的{ABS}。|{VP}，{VP}，{VP}。|{P}的{N}{DEG}{ADJ}。|他{T}在{L}{VP}。|她想去{L}{VP}。|我{T}要{VP}。|{T}的{N}{DEG}{ADJ}，{P}都很高兴。
{W}{W}{W}。|{W}，{W}，{W}{W}。|{W}和{W}，{W}的{W}。|{W}、{W}和{W}。|{W}是{W}的{W}。|{P}{W}{W}，{W}{N}。|{W}不是{W}。|{W}的{W}在{W}。|{W}{W}的{W}{W}。|把{W}放在{W}的{W}。|有的{W}，有的{W}。|{W}{W}，{W}了{W}。|{W}{W}{W}{W}。
{C}，{C}。|{C}。|{CONJ}，{C}。|{C}，{VP}。|{T}，{C}。|{C}，{C}，{C}。|{C}，{W}{W}。|{C}，{C}？
"""


class Generator:
    """Random sentence source of one split; ``focus`` is the share of words drawn from the sample lectures."""

    def __init__(self, seed: int = 0, split: str = "train", focus: float = 0.0):
        self.rng = random.Random(seed)
        self.split, self.focus = split, focus
        self.topics = [
            {k: known(v) for k, v in TOPICS[t].items()} for t in ("epidemic", "party", "teaching", "research", "life")
        ]
        self.general = {k: known(v) for k, v in GENERAL.items() if k != "MW"}
        self.tags = tagged_words()
        self.hand = [(s, pairs) for s, pairs in handwritten() if hand_split(s) == split]
        self.own = {s for s, _ in self.hand}
        self.others = {s for s, _ in handwritten()} - self.own
        self.patterns = [pairs for s, pairs in handwritten() if hand_split(s) in ("train", split)]
        tagged = [w for ws in self.tags.values() for w in ws]
        self.alike: dict[tuple[str, int], list[str]] = {}
        for t, ws in [*self.tags.items(), *((t, [w]) for pairs in self.patterns for w, t in pairs)]:
            for w in ws:
                self.alike.setdefault((t, len(w)), []).append(w)
        lecture = tagged_words("focus")
        self.phrases = lecture["phrase"]
        self.near: dict[tuple[str, int], list[str]] = {}
        for t, ws in lecture.items():
            for w in ws:
                self.near.setdefault((t, len(w)), []).append(w)
        topical = sorted({w for t in self.topics for ws in t.values() for w in ws} | set(known(COMMON)))
        self.words = sorted(set(tagged) | set(topical))
        count = Counter("".join(self.words) + "".join(s for s, _ in self.hand) * 3)
        rarity = [max(1 / (3 + count[c]) for c in w) * (2 if w in tagged else 1) for w in self.words]
        self.weights = list(itertools.accumulate(rarity))  # words with rare characters come more often
        rows = [r.split("|") for r in TEMPLATES.strip().splitlines()]
        self.templates = [t for r in rows[:-2] for t in r]
        self.word_templates, self.clause_templates = rows[-2], rows[-1]
        self.clauses = sorted({c for s, _ in self.hand for c in re.split(f"[{PUNCT}]", s) if 2 <= len(c) <= 16})

    def slot(self, name: str, topic: dict) -> str:
        """One filling of a template's slot."""
        r = self.rng
        if name in ("N", "VP", "P", "L"):
            if name == "N" and r.random() < 0.4:
                return r.choice(self.tags["n"] + self.tags["vn"] + self.tags["an"])
            return r.choice((r.choice(self.topics) if r.random() < 0.1 else topic)[name])
        if name == "W":
            if r.random() < self.focus:
                return r.choice(self.phrases)
            return r.choices(self.words, cum_weights=self.weights)[0]
        if name == "C":
            return r.choice(self.clauses)
        if name == "NUM":
            return number(r.randint(1, 10) if r.random() < 0.7 else r.randint(11, 99))
        if name == "BIG":
            return number(r.choice([r.randint(20, 999), r.randint(1, 99) * 100, r.randint(1, 9) * 10000]))
        if name == "YEAR":
            return "".join(DIGITS[int(d)] for d in str(r.choice([r.randint(1919, 1999), r.randint(2000, 2021)]))) + "年"
        if name == "MON":
            return number(r.randint(1, 12)) + "月" + (number(r.randint(1, 31)) + "日" if r.random() < 0.4 else "")
        return r.choice(self.general[name])

    def template(self, text: str) -> str:
        """Fill a template."""
        topic = self.rng.choice(self.topics)
        while match := re.search(r"\{(\w+)\}", text):
            text = text[: match.start()] + self.slot(match.group(1), topic) + text[match.end() :]
        return text

    def pattern(self) -> str:
        """A hand-written sentence with content words replaced by others of the same tag and length."""
        r, pairs = self.rng, self.rng.choice(self.patterns)
        share = r.uniform(0.15, 0.8)
        out = []
        for w, t in pairs:
            if t in SWAPPED and r.random() < share:
                near = self.near.get((t, len(w)))
                w = r.choice(near if near and r.random() < self.focus else self.alike[t, len(w)])
            out.append(w)
        return "".join(out)

    def candidate(self) -> str:
        """A sentence that may still be of another split."""
        r = self.rng.random()
        if r < 0.14:
            return self.rng.choice(self.hand)[0]
        if r < 0.46:
            return self.pattern()
        rows = self.word_templates if r < 0.66 else self.clause_templates if r < 0.80 else self.templates
        return self.template(self.rng.choice(rows))

    def sentence(self) -> str:
        """One sentence of this generator's split."""
        while True:
            s = self.candidate()
            if not 4 <= len(s) <= 40 or s in self.others or not allowed(s):
                continue
            if s in self.own or split_of(s) == self.split:
                return s


def main() -> None:
    """Print samples."""
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--show", type=int, default=20)
    ap.add_argument("--split", default="train", choices=["train", "select", "test"])
    ap.add_argument("--seed", type=int, default=0)
    a = ap.parse_args()
    g = Generator(a.seed, a.split)
    print(
        f"# {len(charset())} characters, {len(g.hand)} hand-written sentences, {len(set(g.words))} words, "
        f"{len(g.templates)} templates"
    )
    for _ in range(a.show):
        print(g.sentence())


if __name__ == "__main__":
    main()
