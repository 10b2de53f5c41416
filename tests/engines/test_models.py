import hashlib
from pathlib import Path

import pytest

from pipeline.engines.models import describe_model, find_model, model_folders, models_here, smaller_models
from pipeline.errors import EmptyFileError, NoModelError, NotARegularFileError


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIKE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def put(path: Path, content: bytes = b"weights") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_the_folder_that_was_chosen_comes_first(tmp_path: Path) -> None:
    assert model_folders()[0] == tmp_path / "models"
    assert model_folders()[-1] == tmp_path / "cache" / "whisper"
    put(tmp_path / "cache" / "whisper" / "tiny.pt")
    first = put(tmp_path / "models" / "tiny.pt")
    assert find_model("tiny") == first
    assert len(models_here()) == 2


@pytest.mark.parametrize(
    ("name", "file"), [("turbo", "large-v3-turbo.pt"), ("large", "large-v3.pt"), ("base", "base.pt")]
)
def test_names_stand_for_files(tmp_path: Path, name: str, file: str) -> None:
    assert find_model(name if put(tmp_path / "models" / file) else "") == tmp_path / "models" / file


def test_a_missing_model_names_the_file_and_the_folder(tmp_path: Path) -> None:
    with pytest.raises(NoModelError) as caught:
        find_model("turbo")
    assert caught.value.exit_code == 4
    advice = caught.value.advice.show()
    assert "large-v3-turbo.pt" in advice
    assert str(tmp_path / "models") in advice


def test_a_missing_path_names_itself(tmp_path: Path) -> None:
    with pytest.raises(NoModelError) as caught:
        find_model(str(tmp_path / "somewhere" / "mine.pt"))
    assert "mine.pt" in caught.value.advice.show()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotARegularFileError):
        find_model(str(tmp_path))
    with pytest.raises(EmptyFileError):
        find_model(str(put(tmp_path / "empty.pt", b"")))


def test_a_model_is_known_by_its_content(tmp_path: Path) -> None:
    model = describe_model(str(put(tmp_path / "demo-zh.pt")))
    assert model.sha256 == hashlib.sha256(b"weights").hexdigest()
    assert (model.name, model.is_demo) == ("demo-zh.pt", True)


def test_a_renamed_demo_model_is_still_one(tmp_path: Path) -> None:
    put(tmp_path / "models" / "base.pt", b"w" * 1000)
    large = put(tmp_path / "models" / "small.pt", b"w")
    with large.open("r+b") as file:
        file.truncate(75_000_000)
    assert describe_model("base").is_demo
    assert not describe_model("small").is_demo


def test_smaller_models_are_the_largest_first_and_know_the_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {"large": 90, "medium": 70, "small": 60, "small.en": 65, "tiny": 50, "demo-zh": 55, "scrap": 1}
    for name, size in sizes.items():
        with (tmp_path / f"{name}.pt").open("wb") as file:
            file.truncate(size * 1_000_000)
    monkeypatch.setattr("pipeline.engines.models.models_here", lambda: tuple(tmp_path.glob("*.pt")))
    chosen = describe_model(str(tmp_path / "large.pt"))
    assert [model.name for model in smaller_models(chosen, "zh")] == ["medium", "small", "tiny"]
    assert [model.name for model in smaller_models(chosen, "en")] == ["medium", "small.en", "small", "tiny"]
