"""What the opening says."""

from pipeline.presets import Preset
from pipeline.records import Kind, Measurements, Opening, Span
from pipeline.rules.registry import Verdict, rule
from pipeline.texts import N_, Message

_DOUBTFUL = 0.5
"""A text that was read this well may be there, misread."""


@rule("title.card")
def title_card(measurements: Measurements, preset: Preset) -> Verdict:
    """The opening names title, speakers and unit as registered, and is over in time.

    Source: 教育部精品视频公开课拍摄制作技术标准, 2011.
    """
    opening = measurements.opening
    if opening is None:
        return Verdict("notApplicable", detail=Message(N_("No title and no speaker is registered.")))
    limit_s, enough = preset.limits.opening_max_s, preset.limits.read_back_similarity_min
    missing = [text for text in opening.texts if text.similarity < enough]
    total = len(opening.texts)
    measured, expected = f"{total - len(missing)}/{total}", f"{total}/{total}, ≤ {limit_s:g} s"
    if missing:
        kind: Kind = "review" if all(text.similarity >= _DOUBTFUL for text in missing) else "fail"
        values = {"texts": "、".join(text.text for text in missing)}
        detail = Message(N_("Not read in the opening: {texts}"), values)
        return Verdict(kind, measured, expected, spans=(Span(0, int(limit_s * 1000)),), detail=detail)
    if _is_long(opening, limit_s):
        said = N_("All of it still stands there after {limit} s: right for a slide, too long for an opening.")
        detail = Message(said, {"limit": f"{limit_s:g}"})
        return Verdict("review", f"{measured}, > {limit_s:g} s", expected, detail=detail)
    return Verdict("pass", measured, expected)


def _is_long(opening: Opening, limit_s: float) -> bool:
    return opening.last_ms is not None and opening.last_ms > limit_s * 1000
