"""The message catalogues: collects what the sources say, updates and compiles them.

``python -m tests.catalogues`` does it for ``make messages``; the tests ask the same functions what is missing.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent / "pipeline"
LANGUAGES = ("zh_CN", "en")
KEYWORDS = {"_": None, "N_": None, "gettext": None}
METHODS = [("**/templates/**.j2", "jinja2"), ("**.py", "python")]


def po_path(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "weike.po"


def collect() -> set[str]:
    """Every message that the sources and templates say."""
    found = extract_from_dir(ROOT, METHODS, {"**/templates/**.j2": {"encoding": "utf-8"}}, KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def load(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def missing(language: str) -> list[str]:
    """Messages of the sources without a translation."""
    catalogue = load(po_path(language), language)
    return sorted(text for text in collect() if not (text in catalogue and catalogue[text].string))


def update(language: str, extra: list[Path]) -> list[str]:
    """Rewrite one catalogue from the sources; ``extra`` PO files give translations. Returns what is still missing."""
    path = po_path(language)
    known = [load(path, language), *(load(part, language) for part in extra)]
    fresh = Catalog(locale=language, project="weike", version="", header_comment=f"# Weike, {language}", fuzzy=False)
    for text in sorted(collect()):
        candidates = (
            [text] if language == "en" else [str(k[text].string) for k in known if text in k and k[text].string]
        )
        fresh.add(text, candidates[-1] if candidates else "")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, fresh, omit_header=False, sort_output=True, width=120)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, fresh)
    return missing(language)


if __name__ == "__main__":
    for name in LANGUAGES:
        for text in update(name, [Path(part) for part in sys.argv[1:]]):
            print(f"{name}: no translation of {text!r}")
