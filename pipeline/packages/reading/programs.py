"""Programs, scripts, archives and disks: nothing of them is opened, and none is delivered."""

from pathlib import Path

from pipeline.packages.records import Content
from pipeline.texts import N_, Message

_PROGRAM = N_("It is a program ({form}), which is never delivered.")
_MACROS = N_("A document of this kind ({form}) carries macros. Save it as .docx or PDF.")
_ARCHIVE = N_("It is an archive ({form}). Deliver the files in it themselves.")
_MAGICS: tuple[tuple[bytes, str, str], ...] = (
    (b"MZ", "Windows", _PROGRAM),
    (b"\x7fELF", "ELF", _PROGRAM),
    (b"\xfe\xed\xfa\xce", "Mach-O", _PROGRAM),
    (b"\xfe\xed\xfa\xcf", "Mach-O", _PROGRAM),
    (b"\xce\xfa\xed\xfe", "Mach-O", _PROGRAM),
    (b"\xcf\xfa\xed\xfe", "Mach-O", _PROGRAM),
    (b"\xca\xfe\xba\xbe", "Mach-O, Java", _PROGRAM),
    (b"\xca\xfe\xba\xbf", "Mach-O", _PROGRAM),
    (b"dex\n", "Android", _PROGRAM),
    (b"#!", "#!", _PROGRAM),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "Windows LNK", _PROGRAM),
    (b"Rar!\x1a\x07", "RAR", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", "7z", _ARCHIVE),
    (b"\x1f\x8b", "gzip", _ARCHIVE),
    (b"BZh", "bzip2", _ARCHIVE),
    (b"\xfd7zXZ\x00", "xz", _ARCHIVE),
    (b"\x28\xb5\x2f\xfd", "Zstandard", _ARCHIVE),
    (b"MSCF", "CAB", _ARCHIVE),
)
"""Source: the formats' own specifications; the first bytes of a file."""
_PROGRAM_SUFFIXES = frozenset({
    ".exe", ".com", ".scr", ".pif", ".cpl", ".dll", ".sys", ".msi", ".msix", ".bat", ".cmd", ".ps1", ".psm1", ".vbs",
    ".vbe", ".js", ".jse", ".mjs", ".wsf", ".wsh", ".hta", ".lnk", ".url", ".reg", ".jar", ".class", ".apk", ".ipa",
    ".app", ".dmg", ".pkg", ".deb", ".rpm", ".so", ".dylib", ".sh", ".command", ".py", ".pyw", ".rb", ".pl", ".php",
    ".scf", ".chm", ".iso", ".img", ".html", ".htm", ".mht", ".mhtml", ".xhtml", ".svg", ".swf",
})  # fmt: skip
"""What a double click runs, or a browser runs scripts of."""
_MACRO_SUFFIXES = frozenset([".docm", ".dotm", ".xlsm", ".xltm", ".xlam", ".xlsb", ".pptm", ".potm", ".ppsm", ".ppam"])
_TAR_MAGIC_AT = 257


def read(path: Path, head: bytes) -> Content | None:
    """Return the refusal of a file that runs, or that packs others; ``None`` for anything else."""
    suffix = path.suffix.lower()
    if suffix in _MACRO_SUFFIXES:
        return refused(_MACROS, suffix)
    for magic, form, reason in _MAGICS:
        if head.startswith(magic) and not (magic == b"MZ" and 0 not in head[:64]):
            return refused(reason, form)
    if head[_TAR_MAGIC_AT : _TAR_MAGIC_AT + 5] == b"ustar":
        return refused(_ARCHIVE, "tar")
    return refused(_PROGRAM, suffix) if suffix in _PROGRAM_SUFFIXES else None


def refused(reason: str, form: str) -> Content:
    """Return the content of a file that is never delivered."""
    return Content(None, form, problem=Message(reason, {"form": form}), is_refused=True)


def macros(form: str) -> Content:
    """Return the content of a document with macros."""
    return refused(_MACROS, form)


def archive(form: str) -> Content:
    """Return the content of an archive."""
    return refused(_ARCHIVE, form)


def program(form: str) -> Content:
    """Return the content of a program."""
    return refused(_PROGRAM, form)
