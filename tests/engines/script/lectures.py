"""Lectures made up for tests: true words with times, as a recogniser of some quality would hear them."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pypinyin import lazy_pinyin

from pipeline.engines.script import Script
from pipeline.engines.script.reading import find_asides
from pipeline.records import Span, Word

SYLLABLE_MS, PAUSE_MS = 220, 500
SENTENCES = tuple(
    re.findall(
        r"[^。？！]+[。？！]",
        "春天的校园里，老师带着学生观察一棵老槐树。它的根扎得很深，叶子却长得很慢。"
        "有人问它活了多少年，谁也答不上来。图书馆的档案里记着一行字，写明了种树的日期。"
        "那一年学校刚刚搬到江边，教室还是木板搭的。师生们一边上课，一边修路。"
        "下雨的时候，屋顶漏水，大家就把书抱在怀里。后来的校舍越盖越高，这棵树却没有动过地方。"
        "我们今天讲的第一个概念，叫作时间的尺度。地质学家用百万年来量石头。"
        "历史学家用一个朝代来量制度。而一个普通人，用一辈子来量自己的选择。"
        "尺度不同，看到的东西也就不同。举一个例子，河流改道在一代人眼里是灾难。"
        "放到一千年里看，它造出了最肥沃的平原。所以判断一件事，先要问问用的是哪把尺子。"
        "第二个概念是变化的速度。冰川每天只移动几厘米，山谷却被它磨平了。"
        "一种观念的传播，有时候比火车还快。快和慢都会骗人，因为我们只记得突然的事情。"
        "请同学们回想一下，上个月哪一天和别的日子不一样。多数人会说起考试，或者一次争吵。"
        "没有人提到每天早晨的豆浆。可是身体记得豆浆，性格也是这样养成的。"
        "第三个概念，是边界和联系。细胞有膜，国家有海关，学科也有自己的门槛。"
        "门槛保护里面的人，也挡住外面的风。好的研究者知道什么时候该跨过去。"
        "数学给了物理学语言，物理学又给数学出了难题。两个邻居互相借东西，日子才过得下去。"
        "最后我想请大家做一份作业。找一位年纪最大的亲戚，听他讲小时候的冬天。"
        "把温度、食物和声音记下来，不要加自己的评论。下星期我们把这些记录放在一起比较。"
        "也许会发现，同一个冬天在南方和北方并不一样。这就是材料，学问要从材料里长出来。",
    )
)
"""Thirty-odd sentences about nothing in particular."""
PARAGRAPH = 6
_SIMILAR = "是时事市试识十石食失使始师诗适式室视世势士实拾知只之直值职植指纸止至志制治质智在再载才财材菜采彩"


@dataclass(frozen=True)
class Told:
    """A lecture as it was given."""

    words: tuple[Word, ...]
    """As recognised."""
    starts_ms: tuple[int, ...]
    """True start of each sentence."""
    speech: tuple[Span, ...]


def script_of(sentences: Sequence[str]) -> Script:
    paragraphs = ["".join(sentences[n : n + PARAGRAPH]) for n in range(0, len(sentences), PARAGRAPH)]
    text = "\n".join(paragraphs)
    return Script(Path("lecture.txt"), "0" * 64, "utf-8", text, find_asides(text))


def tell(sentences: Sequence[str], noise: float = 0.0, seed: int = 1) -> Told:
    """Return sentences as heard with a share of wrong characters: most of them similar ones, some lost or new."""
    draw = random.Random(f"{seed} {noise}")
    words: list[Word] = []
    starts, speech, clock = [], [], 800
    for sentence in sentences:
        starts.append(clock)
        for sign in sentence:
            if not sign.isalnum():
                words[-1:] = [_marked(words[-1], sign)] if words else []
                continue
            begin, clock = clock, clock + SYLLABLE_MS
            heard, probability = _heard(sign, noise, draw)
            shift = draw.randint(-40, 40) if noise else 0
            if heard:
                words.append(Word(heard, begin + shift, clock + shift, probability))
        speech.append(Span(starts[-1], clock))
        clock += PAUSE_MS
    return Told(tuple(words), tuple(starts), tuple(speech))


def _heard(sign: str, noise: float, draw: random.Random) -> tuple[str, float]:
    if draw.random() >= noise:
        return sign, round(draw.uniform(0.9, 0.99) if noise < 0.2 else draw.uniform(0.5, 0.99), 3)
    probability = round(draw.uniform(0.1, 0.6), 3)
    way = draw.random()
    if way < 0.6:
        return _similar(sign, draw), probability
    if way < 0.8:
        return draw.choice("".join(SENTENCES).replace("，", "").replace("。", "")), probability
    return ("", 0.0) if way < 0.92 else (sign + draw.choice(_SIMILAR), probability)


def _similar(sign: str, draw: random.Random) -> str:
    sound = lazy_pinyin(sign)[0]
    same = [each for each in _ALL if each != sign and lazy_pinyin(each)[0] == sound]
    near = [each for each in _ALL if each != sign and lazy_pinyin(each)[0][-2:] == sound[-2:]]
    return draw.choice(same or near or list(_SIMILAR))


def _marked(word: Word, mark: str) -> Word:
    return Word(word.text + mark, word.start_ms, word.end_ms, word.probability)


_ALL = sorted({sign for sign in "".join(SENTENCES) + _SIMILAR if sign.isalnum()})
