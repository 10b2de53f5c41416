"""Texts: plain, Word, PDF; and the documents that nobody can check."""

import logging
import unicodedata
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.engines.script.documents import DAMAGED, docx_text
from pipeline.engines.script.reading import decode
from pipeline.errors import ScriptFileError
from pipeline.packages.reading import programs
from pipeline.packages.records import Content
from pipeline.texts import N_, Message

if TYPE_CHECKING:
    from pypdf import PdfReader

TEXT_MAX_BYTES = 5_000_000
_PAGES_MAX = 2000
_NAMES_MAX = 5000
_TYPES_MAX_BYTES = 1_000_000
_NO_TEXT = N_("There is no text in it, and no picture.")
_BROKEN = N_("It is incomplete or damaged and does not open.")
_LOCKED = N_("It is locked with a password. Deliver it without one.")
_ACTIVE = N_("The PDF runs a script, starts a program or carries other files. Print it to a plain PDF.")
_OLD = N_("It is an old Office document, which may carry macros and cannot be checked. Save it as .docx or PDF.")
_UNASKED = N_("It is a {form} document. Save it as PDF, or as .docx.")
_RTF = N_("It is an RTF document. Save it as .docx or PDF.")
_PLAIN_SUFFIXES = (".txt", ".md", ".srt", ".vtt", ".ass", ".ssa", ".csv", ".json")
_OFFICE = (("ppt/presentation.xml", "PowerPoint", ".pptx"), ("xl/workbook.xml", "Excel", ".xlsx"))


def read_text(path: Path, head: bytes) -> Content | None:
    """Return what a plain text holds; ``None`` when the bytes are no text in any usual encoding."""
    if head.startswith(b"{\\rtf"):
        return Content("text", "RTF", (".rtf",), Message(_RTF))
    if path.stat().st_size > TEXT_MAX_BYTES:
        return None
    try:
        text, encoding = decode(path, path.read_bytes())
    except ScriptFileError:
        return None
    if not _is_plain(text):
        return None
    problem = None if any(sign.isalnum() for sign in text) else Message(_NO_TEXT)
    return Content("text", "TXT", _PLAIN_SUFFIXES, problem, detail=encoding)


def read_pdf(path: Path, head: bytes) -> Content | None:
    """Return what a PDF holds, every page of it read; ``None`` for anything else."""
    if b"%PDF-" not in head[:1024]:
        return None
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every oddity that it mends
    pages = 0
    try:
        from pypdf import PdfReader

        with path.open("rb") as file:
            reader = PdfReader(file)
            if reader.is_encrypted:
                return Content("text", "PDF", (".pdf",), Message(_LOCKED))
            if _is_active(reader):
                return Content("text", "PDF", (".pdf",), Message(_ACTIVE), is_refused=True)
            pages = len(reader.pages)
            for page in reader.pages[:_PAGES_MAX]:
                contents = page.get_contents()
                if contents is not None:
                    contents.get_data()
    except Exception as error:  # damaged structure surfaces as nearly any exception, recursion among them
        return Content("text", "PDF", (".pdf",), Message(_BROKEN, {"reason": str(error)}))
    problem = None if pages else Message(_BROKEN)
    return Content("text", "PDF", (".pdf",), problem, detail=f"{pages} p.")


def read_packed(path: Path, head: bytes) -> Content | None:
    """Return what a ZIP holds: a Word document, another document, a program or an archive; ``None`` when it is none."""
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return None
    try:
        with zipfile.ZipFile(path) as packed:
            names = set(packed.namelist())
            types = _types(packed) if len(names) <= _NAMES_MAX else b""
    except DAMAGED:
        return _damaged_packed(path)
    if b"macroEnabled" in types or any(name.lower().endswith("vbaproject.bin") for name in names):
        return programs.macros("Office")
    if "word/document.xml" in names:
        return _word(path, names)
    for name, form, suffix in _OFFICE:
        if name in names:
            return Content(None, form, (suffix,), Message(_UNASKED, {"form": form}))
    if {"META-INF/MANIFEST.MF", "AndroidManifest.xml"} & names:
        return programs.program("Java, Android")
    if "mimetype" in names and "content.xml" in names:
        return Content(None, "OpenDocument", (".odt",), Message(_UNASKED, {"form": "OpenDocument"}))
    return programs.archive("ZIP")


def read_old_office(_path: Path, head: bytes) -> Content | None:
    """Return the answer to a compound file, as Office wrote it until 2003; ``None`` for anything else."""
    if not head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return None
    return Content("text", "Office 97–2003", (".doc", ".xls", ".ppt", ".wps"), Message(_OLD), is_refused=True)


def _word(path: Path, names: set[str]) -> Content:
    text = docx_text(path)
    if text is None:
        return Content("text", "Word", (".docx",), Message(_BROKEN))
    has_pictures = any(name.startswith("word/media/") for name in names)
    signs = sum(sign.isalnum() for sign in text)
    problem = None if signs or has_pictures else Message(_NO_TEXT)
    return Content("text", "Word", (".docx",), problem, detail=f"{signs} 字" if signs else "")


def _damaged_packed(path: Path) -> Content:
    if path.suffix.lower() == ".docx":
        return Content("text", "Word", (".docx",), Message(_BROKEN))
    return programs.archive("ZIP")


def _types(packed: zipfile.ZipFile) -> bytes:
    """Return the list of content types of an Office document, empty without one."""
    try:
        info = packed.getinfo("[Content_Types].xml")
    except KeyError:
        return b""
    with packed.open(info) as file:
        return file.read(_TYPES_MAX_BYTES)


def _is_active(reader: "PdfReader") -> bool:
    """Tell whether opening the PDF runs something, or whether it carries other files."""
    root: Any = reader.trailer["/Root"].get_object()
    names = root.get("/Names")
    names = names.get_object() if names is not None else {}
    opening = root.get("/OpenAction")
    opening = opening.get_object() if opening is not None else None
    runs = isinstance(opening, dict) and opening.get("/S") in {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm"}
    return runs or "/AA" in root or "/JavaScript" in names or "/EmbeddedFiles" in names


def _is_plain(text: str) -> bool:
    """Tell whether every sign is one that people write; binary data read as text is full of others."""
    return not any(
        unicodedata.category(sign) in {"Cc", "Cn", "Co", "Cs"} and sign not in "\t\n\r\f\x0b" for sign in set(text)
    )
