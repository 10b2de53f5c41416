import pytest

from pipeline.errors import WeikeError
from tests.error_table import PAGE, page, reasons, row


@pytest.mark.parametrize("kind", reasons(), ids=lambda kind: kind.id)
def test_each_reason_has_its_row(kind: type[WeikeError]) -> None:
    assert row(kind) in PAGE.read_text("utf-8"), "run `make messages`"


def test_the_page_holds_nothing_else() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `make messages`"


def test_ids_are_unique_and_no_reason_ends_as_a_crash() -> None:
    ids = [kind.id for kind in reasons()]
    assert len(ids) == len(set(ids))
    assert all(kind.exit_code in {2, 3, 4, 5, 6, 130} for kind in reasons())


@pytest.mark.parametrize("kind", reasons(), ids=lambda kind: kind.id)
def test_each_reason_says_what_to_do(kind: type[WeikeError]) -> None:
    assert kind.what
    assert kind.remedy
    assert kind.what.endswith((".", "}"))
