"""The words that text is found by."""

import pytest

from recommendations.tokens import fold, index_text, tokens


def words(text):
    return [token.word for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ABC", "abc"),
        ("Straße", "strasse"),
        ("Café", "cafe"),
        ("cafe\u0301", "cafe"),
        ("５Ｇ", "5g"),
        ("ﬁnance", "finance"),
        ("İzmir", "izmir"),
        ("\uf9dc", "\u9686"),
        ("数据", "数据"),
    ],
)
def test_fold_drops_case_width_and_accent(text, expected):
    assert fold(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\uff9e", []),
        ("  …%_'\"\\ \x00—·", []),
        ("Licences licensed LICENSING", ["licenc", "licens", "licens"]),
        ("a 5G sandbox", ["a", "5g", "sandbox"]),
        ("résumé re\u0301sume\u0301", ["resum", "resum"]),
        ("snake_case", ["snake", "case"]),
        ("数据孤岛", ["数据孤岛"]),
        ("数据，孤岛。", ["数据", "孤岛"]),
        ("建设5G网络platform平台", ["建设", "5g", "网络", "platform", "平台"]),
        ("\U00020000字", ["\U00020000字"]),
        ("全角ＡＩ服务", ["全角", "ai", "服务"]),
        ("1.5 GHz", ["1", "5", "ghz"]),
    ],
)
def test_words_are_stemmed_and_chinese_runs_are_whole(text, expected):
    assert words(text) == expected


def test_chinese_runs_are_told_from_words():
    assert [(token.word, token.is_han) for token in tokens("AI 人才 5")] == [
        ("ai", False),
        ("人才", True),
        ("5", False),
    ]


@pytest.mark.parametrize("text", ["The Café’s 数据孤岛, licensing!", "ﬁne re\u0301sume\u0301 ５Ｇ", "İstanbul 人才"])
def test_places_are_those_of_the_text_as_given(text):
    found = list(tokens(text))
    assert found
    for token in found:
        assert words(text[token.start : token.end]) == [token.word]
    assert [token.start for token in found] == sorted(token.start for token in found)


def test_plural_and_verb_forms_share_a_stem():
    assert words("service services") == ["servic", "servic"]
    assert len(set(words("regulate regulated regulating regulates"))) == 1
    assert words("universe")[0] != words("city")[0]


def test_index_text_is_one_line_of_words_between_spaces():
    assert index_text("Open data", "", "数据开放，共享") == " open data 数据开放 共享 "
    assert index_text("", "…") == ""
    assert index_text() == ""
