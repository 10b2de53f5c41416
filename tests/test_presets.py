from pathlib import Path

import pytest

from pipeline.errors import BrokenPresetError, UnknownPresetError
from pipeline.presets import DEFAULT_PRESET, REGISTER_RULE_IDS, RULE_IDS, load_preset, preset_ids


def test_default_comes_first() -> None:
    assert preset_ids() == ("seu-2020", "moe-2020", "mooc")
    assert load_preset().id == DEFAULT_PRESET


@pytest.mark.parametrize("name", preset_ids())
def test_every_rule_has_a_level_and_a_source(name: str) -> None:
    preset = load_preset(name)
    assert set(preset.levels) == set(preset.sources) == {*RULE_IDS, *REGISTER_RULE_IDS}
    assert all(preset.sources.values())


def test_the_notice_is_held_word_for_word() -> None:
    preset = load_preset("seu-2020")
    assert "时长15—20分钟，分辨率1920×1080，视频格式MP4（h.264），文件大小建议不超过1G，配字幕" in preset.notice
    assert (preset.limits.duration_min_s, preset.limits.duration_max_s) == (900, 1200)
    assert (preset.limits.size_max_bytes, preset.limits.size_grey_bytes) == (10**9, 2**30)


def test_presets_differ_where_their_notices_do() -> None:
    moe, mooc = load_preset("moe-2020"), load_preset("mooc")
    assert (moe.limits.duration_min_s, moe.limits.duration_max_s) == (0, 1800)
    assert moe.levels["duration.range"] == "required"
    assert not mooc.captions.burn
    assert mooc.levels["subtitle.sidecar"] == "required"
    assert mooc.limits.height_px == 720


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[limits]\nduration_mx_s = 3.0", "limits.duration_mx_s: unknown key, did you mean duration_max_s?"),
        ("[limit]\nx = 1", "limit: unknown key, did you mean limits?"),
        ('[levels]\n"size.cup" = "note"', "levels.size.cup: unknown key, did you mean size.cap?"),
        ("[encoder]\ncrf = 'high'", "encoder.crf: Input should be a valid number"),
        ("[levels]\n'size.cap' = 'must'", "levels.size.cap"),
        ("not toml", "line 2"),
        ("extends = 'nobody'", "nobody"),
    ],
)
def test_a_typo_is_refused_with_the_nearest_right_name(tmp_path: Path, text: str, hint: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text if "extends" in text else f"extends = 'seu-2020'\n{text}", "utf-8")
    with pytest.raises((BrokenPresetError, UnknownPresetError)) as caught:
        load_preset(str(path))
    assert hint in caught.value.message.show()
    assert caught.value.exit_code == 2


def test_a_persons_preset_extends_a_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text("extends = 'seu-2020'\nid = 'ours'\n[limits]\nduration_min_s = 60.0\n", "utf-8")
    preset = load_preset(str(path))
    assert preset.id == "ours"
    assert preset.limits.duration_min_s == 60
    assert preset.limits.duration_max_s == 1200


@pytest.mark.parametrize("name", ["nobody", "missing.toml", "../seu-2020"])
def test_unknown_preset_names_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownPresetError, match=name):
        load_preset(name)


def test_a_preset_that_extends_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop.toml"
    path.write_text(f"extends = '{path}'\n", "utf-8")
    with pytest.raises(BrokenPresetError):
        load_preset(str(path))
