"""``docs/errors.md``: every reason to stop, from the classes themselves.

``make messages`` writes it; a test compares.
"""

from collections.abc import Iterator
from pathlib import Path

from pipeline import errors
from pipeline.errors import WeikeError
from pipeline.texts import _, speaking

PAGE = Path(__file__).parent.parent / "docs" / "errors.md"
HEAD = """# 出错编号 / Reasons to stop

Weike 停下来时，会说明出了什么事、涉及哪个文件、该怎么办，并在方括号里给出编号。下表列出全部编号，按退出码排列。
Whenever Weike stops it says what happened, to which file, and what to do, with one of these ids in brackets.
Exit code 0 means compliant, 10 finished with a required rule missed; 1 is never used.

| 编号 id | 退出码 exit code | 说明 what happened | 怎么办 what to do |
| --- | --- | --- | --- |
"""


def reasons() -> list[type[WeikeError]]:
    """Every class that is one reason, by exit code and id."""
    found = [kind for kind in _below(WeikeError) if "id" in vars(kind)]
    return sorted(found, key=lambda kind: (kind.exit_code, kind.id))


def page() -> str:
    """The whole of ``docs/errors.md``."""
    return HEAD + "".join(row(kind) + "\n" for kind in reasons())


def row(kind: type[WeikeError]) -> str:
    """One reason in both languages."""
    return f"| `{kind.id}` | {kind.exit_code} | {_both(kind.what)} | {_both(kind.remedy)} |"


def _both(text: str) -> str:
    shown = []
    for language in ("zh_CN", "en"):
        with speaking(language):
            shown.append(_(text).replace("|", "\\|"))
    return "<br>".join(shown)


def _below(kind: type[WeikeError]) -> Iterator[type[WeikeError]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from _below(child)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
