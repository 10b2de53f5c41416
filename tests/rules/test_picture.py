from dataclasses import replace

import pytest

from pipeline.records import Span
from tests.rules.examples import GOOD, finding


@pytest.mark.parametrize(
    ("rule", "field", "limit_ms"),
    [("picture.black", "black", 2000), ("picture.freeze", "frozen", 60_000), ("sound.silence", "silent", 5000)],
)
def test_stretches_count_from_the_limit_on(rule: str, field: str, limit_ms: int) -> None:
    short, long = Span(1000, 1000 + limit_ms - 1), Span(100_000, 100_000 + limit_ms)
    assert finding(rule, replace(GOOD, **{field: (short,)})).kind == "pass"  # type: ignore[arg-type]
    found = finding(rule, replace(GOOD, **{field: (short, long)}))  # type: ignore[arg-type]
    assert (found.kind, found.level, found.spans) == ("fail", "note", (long,))
    assert found.measured == f"{limit_ms / 1000:.1f} (1×)"


def test_flashes_fail_where_they_are() -> None:
    span = Span(4000, 6000)
    found = finding("picture.flash", replace(GOOD, flashes=(span,)))
    assert (found.kind, found.level, found.spans) == ("fail", "advised", (span,))
