import pytest

from pipeline.captions.atoms import find_atoms
from pipeline.captions.words import master_signs
from tests.captions.words_for_tests import words_of


def atoms_of(text: str, max_chars: float = 20) -> list[str]:
    return [atom.text for atom in find_atoms(master_signs(words_of(text)), max_chars)]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("我们学习《共产党宣言》以后", "《共产党宣言》"),
        ("二零二零年的春天", "二零二零年的"),
        ("从2020年6月10日开始", "2020年6月10日"),
        ("增长了3.5%左右", "3.5%"),
        ("大约15—20分钟吧", "15—20分钟"),
        ("全长六千三百多公里", "六千三百多公里"),
        ("由COVID-19引起", "COVID-19"),
        ("显存要 10 GB 才够", "10 GB "),
        ("我们用 Python 3.11 写", "Python 3.11 "),
        ("德国人卡尔·马克思说", "卡尔·马克思"),
        ("听李兰娟院士讲", "李兰娟院士"),
        ("他说“人民是英雄”。", "英雄”。"),
        ("同学们都来了", "同学们"),
        ("早上9:30上课", "9:30"),
        ("我们把损失函数记作J(θ) = a·b + c/2来看", "J(θ) = a·b + "),
        ("设y = ax + b是直线", "y = ax + b"),
        ("当x > 0时成立", "x > 0"),
        ("质能方程E=mc²很有名", "E=mc²"),
        ("大约1.5×10^8公里远", "1.5×10^8公里"),
        ("在10^(-4)和x^(i)之间", "10^(-4)"),
        ("速度是30 km/h左右", "30 km/h"),
        ("百分之三十五点六", "百分之三十五点六"),
        ("按照GB/T 15834-2011写", "GB/T 15834-2011"),
        ("caf\u00e9 和 e\u0301te\u0301 都是法语", "e\u0301te\u0301"),
    ],
)
def test_what_belongs_together_is_one_atom(text: str, whole: str) -> None:
    assert any(whole in atom for atom in atoms_of(text))


def test_a_particle_follows_a_title() -> None:
    assert "《共产党宣言》的" in atoms_of("《共产党宣言》的第一个译本")


def test_atoms_hold_all_the_text_in_order() -> None:
    text = "他在《论语·学而》里读到：“学而时习之，不亦说乎？”2020年，3.5%的人用 C++ 写 don't……对吗？！"
    words = words_of(text)
    atoms = find_atoms(master_signs(words), 20)
    assert "".join(atom.text for atom in atoms) == "".join(word.text for word in words)
    assert [atom.start_ms for atom in atoms] == sorted(atom.start_ms for atom in atoms)


def test_a_title_wider_than_a_line_is_cut_between_words_and_marked() -> None:
    title = "《在疫情防控斗争中彰显中国特色社会主义制度优势的若干思考》"
    atoms = find_atoms(master_signs(words_of("题目是" + title)), 20)
    pieces = [atom for atom in atoms if atom.is_forced]
    assert "".join(atom.text for atom in pieces) == title
    assert len(pieces) == 2
    assert not atoms[0].is_forced


def test_a_title_mark_without_its_partner_binds_nothing() -> None:
    atoms = find_atoms(master_signs(words_of("他读了《共产党宣言以后写下了很长的一段心得和我们大家分享")), 20)
    assert len(atoms) > 8
    assert not any(atom.is_forced for atom in atoms)


def test_an_endless_word_is_cut_to_the_line() -> None:
    pieces = atoms_of("x" * 100, max_chars=20)
    assert "".join(pieces) == "x" * 100
    assert max(map(len, pieces)) <= 40
