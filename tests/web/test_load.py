"""Many people at once, in small; ``make test-load`` is the whole of it."""

from collections.abc import Callable

import pytest

from tests.web.conftest import Server
from tests.web.load import run


@pytest.mark.slow
def test_many_people_at_once_lose_nothing(serve: Callable[..., Server]) -> None:
    found = run(serve, uploads=6, size=(3 << 20) + 7, viewers=10, block=1 << 20)
    assert found.told >= found.viewers
    assert found.memory_mb < 250
