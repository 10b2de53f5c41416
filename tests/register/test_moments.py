from datetime import date, datetime

import pytest

from pipeline.register.moments import moment_of


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2020-07-10", datetime(2020, 7, 10)),
        ("2020/7/10 14:30", datetime(2020, 7, 10, 14, 30)),
        ("2020.7.10", datetime(2020, 7, 10)),
        ("2020年7月10日", datetime(2020, 7, 10)),
        ("2020年7月10日前", datetime(2020, 7, 10)),
        ("2020年6月15日中午12时", datetime(2020, 6, 15, 12)),
        ("2020年6月15日中午", datetime(2020, 6, 15, 12)),
        ("2020年6月15日下午3点半", datetime(2020, 6, 15, 15, 30)),
        ("2020年6月15日 上午 9：05", datetime(2020, 6, 15, 9, 5)),
        ("2020-06-15T23:59:59", datetime(2020, 6, 15, 23, 59)),
        ("2020-06-15 12:30 am", datetime(2020, 6, 15, 0, 30)),
        (datetime(2020, 7, 10, 8), datetime(2020, 7, 10, 8)),
        (date(2020, 7, 10), datetime(2020, 7, 10)),
        (44022, datetime(2020, 7, 10)),
        (44022.5, datetime(2020, 7, 10, 12)),
    ],
)
def test_moments_as_people_write_them(written: object, meant: datetime) -> None:
    assert moment_of(written) == meant


@pytest.mark.parametrize(
    "written",
    ["7月10日", "2020-13-01", "2020-02-30", "下周", "2020", 2020, True, "2020-07-10 25:00", "2020-07-10 ?"],
)
def test_what_is_no_moment(written: object) -> None:
    assert moment_of(written) is None
