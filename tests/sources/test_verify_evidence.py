"""The command an editor proves key phrases with."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from sources.management.commands.verify_evidence import proofs_path
from sources.passages import is_proved, read_proofs
from tests.factories import make_evidence, make_recommendation, make_section, make_source
from tests.sources.test_passages import SECTIONS, TEXT

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    made = make_source(slug="harbour")
    for code, heading in SECTIONS:
        make_section(source=made, code=code, heading=heading)
    return made


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "harbour.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def cite(source):
    entry = make_recommendation()

    def add(code, paragraph, phrase):
        section = source.sections.get(code=code)
        return make_evidence(recommendation=entry, section=section, paragraph=paragraph, key_phrase=phrase)

    return add


def verify(path, output=None, source="harbour"):
    out = StringIO()
    call_command("verify_evidence", str(path), source=source, output=output, stdout=out)
    return out.getvalue()


def test_phrases_that_are_where_they_should_be_are_proved(cite, text_file, tmp_path):
    cited = [cite("L", "¶1", "three wishes"), cite("S1", "b3", "Light the mole"), cite("S2", "¶1", "the ice")]
    output = tmp_path / "new" / "proofs.json"
    assert verify(text_file, output) == f"3 phrases checked, each where its locator says; proofs in {output}\n"
    document = read_proofs(output)
    assert all(is_proved(citation, document) for citation in cited)
    assert "wishes" not in output.read_text(encoding="utf-8")
    assert text_file.read_text(encoding="utf-8") == TEXT


def test_phrase_in_the_wrong_place_is_named_and_nothing_is_written(cite, text_file, tmp_path):
    cite("L", "¶1", "three wishes")
    cite("S1", "¶1", "Light the mole")
    cite("S2", "¶1", "a lighthouse")
    output = tmp_path / "proofs.json"
    with pytest.raises(CommandError) as refused:
        verify(text_file, output)
    assert str(refused.value).splitlines() == [
        "2 of 3 phrases are not where they should be:",
        "S1 ¶1 “Light the mole”: not there; it is in S1 b3",
        "S2 ¶1 “a lighthouse”: not there; it is nowhere in this text",
    ]
    assert not output.exists()


def test_text_without_a_heading_is_refused_by_its_name(cite, tmp_path):
    cite("L", "¶1", "three wishes")
    path = tmp_path / "other.txt"
    path.write_text(TEXT.replace("Boats  and berths", "Fish and chips"), encoding="utf-8")
    with pytest.raises(CommandError, match=r"other\.txt is not the text of harbour: no heading “Boats and”"):
        verify(path, tmp_path / "proofs.json")
    assert not (tmp_path / "proofs.json").exists()


def test_missing_file_is_named(source, tmp_path):
    with pytest.raises(CommandError, match=r"cannot read .*nowhere\.txt"):
        verify(tmp_path / "nowhere.txt")


def test_file_that_is_no_utf_8_text_is_refused(source, tmp_path):
    path = tmp_path / "image.png"
    path.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(CommandError, match=r"cannot read .*image\.png"):
        verify(path)


def test_unknown_source_is_refused_and_the_known_ones_named(source, text_file):
    make_source(slug="quay")
    with pytest.raises(CommandError, match="no source “atlantis”; known: harbour, quay"):
        verify(text_file, source="atlantis")


def test_unknown_source_in_an_empty_database_is_refused(text_file):
    with pytest.raises(CommandError, match="no source “atlantis”; known: none"):
        verify(text_file, source="atlantis")


def test_proofs_are_kept_among_the_fixtures_by_default(cite, text_file, settings, tmp_path):
    settings.BASE_DIR = tmp_path
    cite("L", "¶1", "three wishes")
    verify(text_file)
    assert proofs_path("harbour") == Path(tmp_path) / "fixtures" / "proofs" / "harbour.json"
    assert len(read_proofs(proofs_path("harbour"))["phrases"]) == 1
