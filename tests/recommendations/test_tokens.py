"""The words that text is found by."""

import pytest

from recommendations.tokens import (
    GAP,
    MAX_POSITIONS,
    MAX_REPEATS,
    Phrase,
    fold,
    index_texts,
    spans,
    surface_words,
    tokens,
)


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
        ("數據孤島", "数据孤岛"),
        ("醫療與後臺", "医疗与后台"),
        ("乾著龘", "干著龘"),
        ("Ａ２ 。", "a2 。"),
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
        ("⑴ ½ ﷺ", ["1", "12", "صلىاللهعليهوسلم"]),
        ("x" * 100, ["x" * 64]),
        ("遠程醫療", ["远程医疗"]),
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


def test_index_has_words_and_characters_in_order_and_pairs_of_each_run():
    assert index_texts(["Open data"], [""], ["数据开放，共享"]) == [
        "open data",
        "",
        f"数 据 开 放 {GAP} 共 享 {GAP} 数据 据开 开放 {GAP} 共享",
    ]
    assert index_texts(["建设5G网"], ["a", "", "b"]) == [f"建 设 5g 网 {GAP} 建设", f"a {GAP} b"]
    assert index_texts(["", "…"]) == [""]
    assert index_texts() == []


def test_index_holds_no_more_than_both_databases_can():
    title, body = index_texts(["quay " * (MAX_REPEATS - 5)], ["quay harbour " * 10])
    assert title.split().count("quay") + body.split().count("quay") == MAX_REPEATS
    assert body.split()[10:14] == [GAP, "harbour", GAP, "harbour"]
    first, second, third = index_texts(["a b c"], [" ".join(f"w{n}" for n in range(MAX_POSITIONS))], ["d"])
    assert (first, third) == ("a b c", "")
    assert len(second.split()) == MAX_POSITIONS - 5


@pytest.mark.parametrize(
    ("parts", "terms"),
    [
        (("harbour", "light"), ("harbour", "light")),
        (("数",), ("数",)),
        (("数据孤岛",), ("数据", "据孤", "孤岛")),
        (("5g", "网络"), ("5g", "网", "络")),
        (("数据", "开放"), ("数", "据", "开", "放")),
    ],
)
def test_phrase_is_adjacent_terms_of_the_index(parts, terms):
    assert Phrase(parts).terms == terms


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("Open data, open Data", ("open", "data"), ["Open data", "open Data"]),
        ("Open the data", ("open", "data"), []),
        ("打破數據孤島", ("数据孤岛",), ["數據孤島"]),
        ("数据，孤岛", ("数据孤岛",), []),
        ("建设5G网络", ("5g", "网络"), ["5G网络"]),
        ("data data data", ("data", "data"), ["data data data"]),
        ("", ("data",), []),
        ("data", (), []),
    ],
)
def test_spans_are_where_a_phrase_stands(text, phrase, expected):
    assert [text[start:end] for start, end in spans(text, [Phrase(phrase)])] == expected


def test_words_as_written_are_kept_for_did_you_mean():
    assert surface_words("Licensing a 5G lab in 2030", "打破數據，人") == {"licensing", "lab", "打破", "破数", "数据"}
