"""What a package leaves behind: the list in two forms, and the ZIP."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ChangedWhilePackedError, NothingToPackError, PackageNotAskedError, VerificationError
from pipeline.events import silent
from pipeline.output import MARKER
from pipeline.packages import archive
from pipeline.packages.manifest import manifest_as_json
from pipeline.packages.names import safe_places
from pipeline.packages.package import Wanted, deliver, examine
from pipeline.packages.records import Package
from pipeline.presets import Preset, load_preset
from pipeline.store import Store, file_sha256
from tests.packages import making


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """What was measured of the lecture, for the session."""
    return Store(tmp_path_factory.getbasetemp() / "package-cache")


@pytest.fixture
def delivered(look: Callable[[], Package], tmp_path: Path) -> Path:
    return deliver(look(), tmp_path / "out", zipped=True)


def test_the_zip_holds_every_file_under_its_part(delivered: Path, folder: Path) -> None:
    with zipfile.ZipFile(delivered / f"{folder.name}.zip") as packed:
        names = packed.namelist()
        assert packed.testzip() is None
        assert packed.read("工作案例/网格化管理的一天.txt").decode("gb18030") == "早上六点，网格员上岗。"
        assert all(info.flag_bits & 0x800 for info in packed.infolist() if not info.filename.isascii())
    assert names[:-2] == sorted(names[:-2])
    assert {"manifest.json", "manifest.xlsx", "党课/疫情大考中的责任与担当.mp4"} < set(names)
    assert len(names) == 13


def test_the_same_package_gives_the_same_bytes(
    delivered: Path, look: Callable[[], Package], tmp_path: Path, folder: Path
) -> None:
    first = file_sha256(delivered / f"{folder.name}.zip")
    shutil.rmtree(tmp_path / "out")
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)  # other times, another order on the disk
    shutil.rmtree(folder)
    copy.rename(folder)
    again = deliver(look(), tmp_path / "out", zipped=True)
    assert file_sha256(again / f"{folder.name}.zip") == first


def test_the_list_has_every_file_and_every_rule(delivered: Path, folder: Path) -> None:
    manifest = json.loads((delivered / "manifest.json").read_text("utf-8"))
    assert manifest["verdict"] == "compliant"
    for file in manifest["files"]:
        path = folder / file["given_as"]
        assert (file["sha256"], file["size_bytes"]) == (file_sha256(path), path.stat().st_size)
    assert {rule["rule"]: rule["kind"] for rule in manifest["rules"]}["package.names"] == "pass"
    assert all(rule["source"] for rule in manifest["rules"])
    assert str(folder.parent) not in json.dumps(manifest, ensure_ascii=False)
    book = openpyxl.load_workbook(delivered / "manifest.xlsx")
    assert [sheet.max_row for sheet in book] == [12, 11]
    assert [cell.value for cell in book.worksheets[0]["B"]][:2] == ["Part", "Lecture"]


def test_a_package_that_misses_a_rule_has_a_list_and_no_zip(
    folder: Path, look: Callable[[], Package], tmp_path: Path
) -> None:
    shutil.rmtree(folder / "工作案例")
    delivered = deliver(look(), tmp_path / "out", zipped=True)
    assert {path.name for path in delivered.iterdir()} == {"manifest.json", "manifest.xlsx", MARKER}
    assert json.loads((delivered / "manifest.json").read_text())["verdict"] == "noncompliant"


def test_a_file_that_changes_meanwhile_stops_the_zip(folder: Path, look: Callable[[], Package], tmp_path: Path) -> None:
    package = look()
    (folder / "工作案例" / "网格化管理的一天.txt").write_text("另一篇")
    with pytest.raises(ChangedWhilePackedError):
        deliver(package, tmp_path / "out", zipped=True)
    assert not list((tmp_path / "out").iterdir())


def test_a_zip_that_does_not_read_back_never_has_its_name(
    look: Callable[[], Package], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = archive._verify

    def damage_first(path: Path, *args: object) -> None:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        verify(path, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(archive, "_verify", damage_first)
    with pytest.raises(VerificationError):
        deliver(look(), tmp_path / "out", zipped=True)
    assert not list((tmp_path / "out").iterdir())


def test_the_lecture_s_report_is_used_again_while_all_is_as_delivered(
    folder: Path, small: Preset, store: Store, make_clip: making.MakeClip
) -> None:
    from pipeline.lecture import judge_file
    from pipeline.output import staged
    from pipeline.stages.report import write_report

    whole = folder / "党课" / "疫情大考中的责任与担当"
    video = folder / "党课" / f"{whole.name}.mp4"
    with staged(whole) as stage:
        shutil.move(video, stage / video.name)
        report = judge_file(stage / video.name, None, small, store, silent)
        write_report(report, small, stage, silent)
    package = examine(Wanted("一", folder), small, store, silent)
    assert package.lecture is not None
    assert (package.lecture.is_reused, package.lecture.is_compliant) == (True, True)
    assert package.is_compliant, "report.html is the product's own"
    path = whole / "report.json"
    path.write_text(path.read_text("utf-8") + " ", "utf-8")
    package = examine(Wanted("一", folder), small, store, silent)
    assert package.lecture is not None
    assert not package.lecture.is_reused, "a report that somebody edited proves nothing"


def test_parts_can_be_named_one_by_one(folder: Path, small: Preset, store: Store, tmp_path: Path) -> None:
    elsewhere = making.word(tmp_path / "邮箱里的材料" / "封控小区的菜篮子.docx", "菜送到了。")
    package = examine(Wanted("二", folder, {"case": [elsewhere]}), small, store, silent)
    assert [item.place for item in package.items if item.entry.part == "case"] == ["工作案例/封控小区的菜篮子.docx"]
    assert package.is_compliant
    alone = examine(Wanted("三", None, {"case": [elsewhere]}), small, store, silent)
    assert [rule["rule"] for rule in manifest_as_json(alone)["rules"] if rule["kind"] == "fail"] == [
        "package.lecture",
        "package.stories",
        "package.pieces",
    ]


@pytest.mark.parametrize("name", ["moe-2020", "mooc"])
def test_a_preset_may_ask_for_no_package(name: str, folder: Path, store: Store) -> None:
    with pytest.raises(PackageNotAskedError):
        examine(Wanted("四", folder), load_preset(name), store, silent)


def test_a_folder_of_nothing_is_told(small: Preset, store: Store, tmp_path: Path) -> None:
    (tmp_path / "空" / "党课").mkdir(parents=True)
    with pytest.raises(NothingToPackError):
        examine(Wanted("五", tmp_path / "空"), small, store, silent)


PART = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30)


@given(st.lists(st.lists(PART, min_size=1, max_size=4).map(tuple), max_size=12))
def test_places_are_safe_on_every_system_and_unlike_each_other(places: list[tuple[str, ...]]) -> None:
    made = safe_places(places)
    assert len({place.casefold() for place in made}) == len(places)
    for place in made:
        for part in place.split("/"):
            assert part.strip(" .") == part
            assert part not in {"", ".", ".."}
            assert not set(part) & set('<>:"\\|?*')
            assert not any(ord(sign) < 32 for sign in part)
            assert len(part.encode()) <= 255
            assert part.lower().split(".")[0] not in {"con", "prn", "aux", "nul", "com1", "lpt9"}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for place in made:
            packed.writestr(archive_info(place), b"")
    with zipfile.ZipFile(archive) as packed:
        assert packed.namelist() == list(made)


def archive_info(place: str) -> zipfile.ZipInfo:
    return archive._info(place, 0)
