"""Cutting a text into the passages that locators name, and proving phrases in them."""

import json

import pytest

from progress.models import Checkpoint
from recommendations.models import Evidence
from sources.models import SourceSection
from sources.passages import (
    UnreadableSource,
    citations_of,
    is_proved,
    passages,
    phrase_digest,
    plain,
    proofs,
    read_proofs,
    text_digest,
    unproved,
)
from tests.factories import make_checkpoint, make_evidence, make_recommendation, make_section, make_source

TEXT = """\
A harbour town writes to its council
Photo: the old quay

The town has sent its council “three wishes” for the year. Fishermen wrote them down.
A second paragraph ends in a question, does it not?

1. Boats  and berths
Boats need berths; berths need stone.
• Repair the northern quay
* Dredge the channel
- Light the mole
A caption without a full stop
The channel is two metres deep.

What comes after
Work begins when the ice has gone.
"""

SECTIONS = (("L", ""), ("S1", "Boats and"), ("S2", "What comes after"))


def sections(*pairs):
    return [SourceSection(code=code, heading=heading) for code, heading in pairs or SECTIONS]


def cite(code, paragraph, phrase):
    return Evidence(section=SourceSection(code=code), paragraph=paragraph, key_phrase=phrase)


def test_text_is_cut_at_its_headings_into_paragraphs_and_bullets():
    assert passages(TEXT, sections()) == {
        ("L", "¶1"): 'The town has sent its council "three wishes" for the year. Fishermen wrote them down.',
        ("L", "¶2"): "A second paragraph ends in a question, does it not?",
        ("S1", "¶1"): "Boats need berths; berths need stone.",
        ("S1", "b1"): "• Repair the northern quay",
        ("S1", "b2"): "* Dredge the channel",
        ("S1", "b3"): "- Light the mole",
        ("S1", "¶2"): "The channel is two metres deep.",
        ("S2", "¶1"): "Work begins when the ice has gone.",
    }


def test_title_and_captions_are_no_passages():
    found = " ".join(passages(TEXT, sections()).values())
    assert "harbour town" not in found
    assert "Photo" not in found
    assert "caption" not in found


def test_what_stands_before_the_first_heading_is_left_out_where_no_section_is_for_it():
    found = passages(TEXT, sections(("S1", "Boats and berths"), ("S2", "What comes after")))
    assert {code for code, _paragraph in found} == {"S1", "S2"}


def test_sentence_that_starts_like_a_heading_is_not_the_heading():
    text = "Title\nWork begins early.\nWork begins\nThe heading was the line above.\n"
    found = passages(text, sections(("L", ""), ("S1", "Work begins")))
    assert found == {("L", "¶1"): "Work begins early.", ("S1", "¶1"): "The heading was the line above."}


def test_missing_heading_is_named():
    with pytest.raises(UnreadableSource, match="no heading “Nets and ropes” \\(section S9\\)"):
        passages(TEXT, sections(("L", ""), ("S9", "Nets and ropes")))


def test_headings_out_of_order_are_missing():
    with pytest.raises(UnreadableSource, match="Boats and"):
        passages(TEXT, sections(("S2", "What comes after"), ("S1", "Boats and")))


def test_chinese_sentence_ends_count():
    found = passages("标题\n数据要流动起来。\n图片说明\n“人才”是关键！”\n", sections(("L", "")))
    assert found == {("L", "¶1"): "数据要流动起来。", ("L", "¶2"): '"人才"是关键！"'}


def test_phrases_are_compared_with_straight_quotes_and_single_spaces():
    assert plain("  the “old”\n ‘quay’ ") == "the \"old\" 'quay'"
    found = passages(TEXT, sections())
    assert unproved([cite("L", "¶1", "council  “three wishes” for")], found) == []


def test_phrase_in_another_place_is_named_with_that_place():
    found = passages(TEXT, sections())
    assert unproved([cite("S1", "¶1", "northern quay")], found) == ["S1 ¶1 “northern quay”: not there; it is in S1 b1"]


def test_phrase_in_no_place_is_said_to_be_nowhere():
    found = passages(TEXT, sections())
    lines = unproved([cite("S1", "¶1", "a lighthouse"), cite("S7", "¶1", "the ice has gone")], found)
    assert lines == [
        "S1 ¶1 “a lighthouse”: not there; it is nowhere in this text",
        "S7 ¶1 “the ice has gone”: not there; it is in S2 ¶1",
    ]


def test_phrase_is_matched_letter_for_letter():
    found = passages(TEXT, sections())
    assert len(unproved([cite("S1", "b1", "repair the northern quay")], found)) == 1
    assert unproved([cite("S1", "b1", "Repair the northern quay")], found) == []


def test_digest_of_a_text_ignores_line_ends_and_space_around_it():
    assert text_digest("a\r\nb  \r\n\n") == text_digest("\n\na\nb") != text_digest("a b")


@pytest.mark.parametrize(
    "other",
    [cite("S1", "¶1", "two wishes"), cite("S1", "¶2", "three wishes"), cite("S2", "¶1", "three wishes")],
)
def test_digest_of_a_phrase_belongs_to_its_words_and_place(other):
    one = cite("S1", "¶1", "three wishes")
    assert phrase_digest("text", one) != phrase_digest("text", other)
    assert phrase_digest("text", one) != phrase_digest("another text", one)
    assert phrase_digest("text", one) == phrase_digest("text", cite("S1", "¶1", "three  wishes"))


@pytest.mark.django_db
def test_citations_of_a_source_are_found_in_every_room():
    section = make_section()
    elsewhere = make_section(source=make_source())
    entry = make_recommendation()
    evidence = make_evidence(recommendation=entry, section=section)
    foreign = make_evidence(recommendation=entry, section=elsewhere)
    step = make_checkpoint(section=section)
    found = citations_of(section.source)
    assert evidence in found
    assert step in found
    assert foreign not in found
    assert {type(citation) for citation in found} == {Evidence, Checkpoint}
    assert citations_of(elsewhere.source) == [foreign]


@pytest.mark.django_db
def test_proofs_hold_a_digest_a_phrase_and_no_text():
    source = make_source(slug="harbour")
    cited = [cite("L", "¶1", "three wishes"), cite("L", "¶1", "three wishes"), cite("S1", "b2", "Dredge")]
    document = proofs(source, text_digest(TEXT), cited)
    assert (document["source"], document["text_sha256"]) == ("harbour", text_digest(TEXT))
    assert len(document["phrases"]) == 2
    assert all(is_proved(citation, document) for citation in cited)
    assert not is_proved(cite("L", "¶2", "three wishes"), document)
    assert "wishes" not in json.dumps(document)


def test_proofs_of_another_schema_are_refused(tmp_path):
    path = tmp_path / "harbour.json"
    path.write_text('{"schema": 99}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"harbour\.json: schema 99; this reads schema 1"):
        read_proofs(path)
    path.write_text('{"schema": 1, "phrases": []}', encoding="utf-8")
    assert read_proofs(path) == {"schema": 1, "phrases": []}
