"""Templates of the pages, and the files that stand beside them."""

import hashlib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from fastapi import Request

from pipeline.reporting.html import templates
from pipeline.reporting.palette import COLOURS
from pipeline.texts import language

_HERE = Path(str(files("pipeline.web")))
BUILT = _HERE / "static"
"""What ``make setup`` builds of ``island/``."""


def render(template: str, request: Request, **values: object) -> str:
    """Return a page in the language in force; everything in it is escaped."""
    shown = "zh-CN" if language() == "zh_CN" else "en"
    here = str(request.url.path)
    return templates("pipeline.web").get_template(template).render(lang=shown, here=here, asset=asset_url, **values)


def has_scripts() -> bool:
    """Tell whether the pages' scripts are built."""
    return (BUILT / "page.js").is_file()


@lru_cache
def assets() -> dict[str, tuple[bytes, str]]:
    """Return the files beside the pages, with their types; the font is served by itself."""
    colours = "".join(f"--{name}:{value};" for name, value in COLOURS.items())
    styles = {path.name: path.read_text("utf-8") for path in (_HERE / "styles").glob("*.css")}
    styles["page.css"] = f":root{{{colours}}}\n{styles['page.css']}"
    found = {name: (style.encode(), "text/css; charset=utf-8") for name, style in sorted(styles.items())}
    for path in sorted(BUILT.glob("*.js")):
        found[path.name] = (path.read_bytes(), "text/javascript; charset=utf-8")
    return found


def asset_url(name: str) -> str:
    """Return the address of a file beside the pages, which changes with its content."""
    data = assets().get(name, (b"", ""))[0]
    return f"/assets/{name}?v={hashlib.sha256(data).hexdigest()[:12]}"
