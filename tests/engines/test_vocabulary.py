import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engines.vocabulary import read_vocabulary

TEXTS = [
    "同学们，大家好！今天我们来讲《矛盾论》第 3 章。",
    " It's Wi-Fi 6,  isn't it?\n\tYes — 100%.",
    "𠮷🙂é ９５％ …… 「好」",
    " 以下是一段普通话微党课。",
]


@pytest.mark.parametrize(("multilingual", "languages"), [(True, 99), (True, 100), (False, 99)])
def test_texts_are_cut_as_whispers_own_tokenizer_cuts_them(multilingual: bool, languages: int) -> None:
    from whisper.tokenizer import get_tokenizer

    vocabulary, whisper = read_vocabulary(multilingual, languages), get_tokenizer(multilingual, num_languages=languages)
    tokenizer = vocabulary.tokenizer()
    for text in TEXTS:
        tokens = tokenizer.encode(text, add_special_tokens=False).ids
        assert tokens == whisper.encode(text)
        assert tokenizer.decode(tokens) == text
    for name in ("<|endoftext|>", "<|startoftranscript|>", "<|transcribe|>", "<|nospeech|>", "<|0.00|>", "<|30.00|>"):
        assert tokenizer.token_to_id(name) == whisper.special_tokens[name]
        assert vocabulary.tokens[whisper.special_tokens[name]] == name
    assert len(vocabulary.tokens) == whisper.encoding.n_vocab


def test_any_text_is_cut_alike() -> None:
    from whisper.tokenizer import get_tokenizer

    whisper, tokenizer = get_tokenizer(True), read_vocabulary(True, 99).tokenizer()
    tokenizer.encode_special_tokens = True

    @settings(max_examples=200, deadline=None)
    @given(st.text(max_size=40))
    def check(text: str) -> None:
        assert tokenizer.encode(text, add_special_tokens=False).ids == whisper.encode(text, disallowed_special=())

    check()
