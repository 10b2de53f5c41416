"""Segment and tag the hand-written sentences and the sample lecture once (needs jieba); training reads the results.

    python prepare.py

writes tagged.txt (training sentences as ``word/tag``, used as patterns), words.txt (words by tag, also of the sample
lectures) and focus.txt (words by tag and two-word phrases of the sample lectures alone, whose sentences and clauses
themselves never reach the training text).
"""

import re
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1]
COMPOUND = """
    微课 大考 担当 答卷 讲稿 志愿者 全译本 志愿服务 入党申请书 入党动机 共产党宣言 火神山
    雷神山 医护人员 疫情防控 传染源 传播途径 易感人群 中国共产党 马克思主义 李文清 示例大学
    党组织 传谣 信谣 早发现 早报告 早隔离 早治疗 第一 第二 第三 第四
"""


def lecture_lines() -> list[str]:
    """Sentences of the sample lectures."""
    out = []
    for path in sorted(SAMPLES.glob("*-lecture.toml")):
        for slide in tomllib.loads(path.read_text("utf-8"))["slide"]:
            out += re.findall(r"[^。？！]+[。？！]", re.sub("[《》]", "", slide["text"].strip()))
    return out


def main() -> None:
    """Write tagged.txt and words.txt."""
    import jieba.posseg

    for word in COMPOUND.split():
        jieba.add_word(word, tag="l" if len(word) > 3 else None)
    sentences = [s for s in (HERE / "sentences.txt").read_text("utf-8").splitlines() if s and not s.startswith("#")]
    words: dict[str, set[str]] = {}
    focus: dict[str, set[str]] = {"phrase": set()}
    tagged = []
    for k, line in enumerate(sentences + lecture_lines()):
        pairs = [(p.word, p.flag) for p in jieba.posseg.cut(line)]
        for w, t in pairs:
            if t != "x" and re.fullmatch(r"[\u4e00-\u9fff]+", w):
                words.setdefault(t, set()).add(w)
                if k >= len(sentences):
                    focus.setdefault(t, set()).add(w)
        if k < len(sentences):
            tagged.append(" ".join(f"{w}/{t}" for w, t in pairs))
        else:
            focus["phrase"].update(
                a + b for (a, s), (b, t) in zip(pairs, pairs[1:]) if "x" not in (s, t) and len(a + b) <= 6
            )
    (HERE / "tagged.txt").write_text("\n".join(tagged) + "\n", "utf-8")
    for name, lists in (("words", words), ("focus", focus)):
        (HERE / f"{name}.txt").write_text(
            "".join(f"{t} {' '.join(sorted(ws))}\n" for t, ws in sorted(lists.items())), "utf-8"
        )


if __name__ == "__main__":
    main()
