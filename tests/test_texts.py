import string

import pytest

from pipeline import errors
from pipeline.texts import Message, _, language, speaking
from tests.catalogues import LANGUAGES, load, missing, po_path


@pytest.mark.parametrize("name", LANGUAGES)
def test_no_message_is_missing(name: str) -> None:
    assert missing(name) == []


def _fields(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


def test_translations_keep_the_placeholders() -> None:
    catalogue = load(po_path("zh_CN"), "zh_CN")
    wrong = [str(m.id) for m in catalogue if m.string and _fields(str(m.id)) != _fields(str(m.string))]
    assert wrong == []


def test_compiled_catalogue_is_up_to_date() -> None:
    catalogue = load(po_path("zh_CN"), "zh_CN")
    with speaking("zh_CN"):
        assert [m.id for m in catalogue if m.id and m.string and _(str(m.id)) != m.string] == []


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"WEIKE_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "zh_CN"),
        ({"LANG": "fr_FR.UTF-8"}, "zh_CN"),
    ],
)
def test_language(environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WEIKE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


def test_a_message_waits_for_its_language() -> None:
    message = Message("The file {path} does not exist.", {"path": "a.mp4"})
    assert message.show() == "The file a.mp4 does not exist."
    with speaking("zh_CN"):
        assert message.show() == "文件 a.mp4 不存在。"


def _reasons(base: type[errors.WeikeError]) -> list[type[errors.WeikeError]]:
    return [c for sub in base.__subclasses__() for c in ([sub] if sub.what else []) + _reasons(sub)]


def test_every_reason_has_an_id_a_sentence_and_advice() -> None:
    reasons = _reasons(errors.WeikeError)
    assert len({reason.id for reason in reasons}) == len(reasons) > 20
    assert all(reason.what and reason.remedy for reason in reasons)
    assert {reason.exit_code for reason in reasons} <= {2, 3, 4, 5, 6, 130}
