"""The Chinese catalogue holds what the program says, all of it and nothing else. Reads files only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib
import pytest
from django.template.base import Lexer, TokenType
from django.utils.translation import trim_whitespace

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[1]
ROOMS = sorted(
    path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name not in {"tests", "workshop", "bench"}
)

#: (msgctxt, msgid, msgid_plural), each empty where there is none.
Message = tuple[str, str, str]

#: Function → which of its arguments are context, message and plural.
CALLS: dict[str, tuple[int | None, int, int | None]] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (None, 0, None)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (None, 0, 1)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (0, 1, None)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (0, 1, 2)),
}

QUOTED = r"""(?:"([^"]*)"|'([^']*)')"""
TRANSLATE = re.compile(rf"""^(?:translate|trans)\s+{QUOTED}""")
CONTEXT = re.compile(rf"""\bcontext\s+{QUOTED}""")
FILTERED = re.compile(rf"""_\({QUOTED}\)""")


def quoted(match: re.Match[str] | None) -> str:
    return next((group for group in match.groups() if group is not None), "") if match else ""


def in_python(path: Path) -> Iterator[Message]:
    """Every literal message of one module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in CALLS:
            texts = [a.value if isinstance(a, ast.Constant) else None for a in node.args]
            found = tuple("" if place is None else texts[place] for place in CALLS[name])
            if all(isinstance(text, str) for text in found):
                yield found  # type: ignore[misc]


def in_template(path: Path) -> Iterator[Message]:
    """Every message of one template, as Django's own extraction would name it."""
    block: list[str] | None = None
    context, singular, trimmed = "", "", False
    for token in Lexer(path.read_text()).tokenize():
        words = token.contents
        if token.token_type == TokenType.BLOCK and words.startswith(("blocktranslate", "blocktrans")):
            block, singular, context, trimmed = [], "", quoted(CONTEXT.search(words)), " trimmed" in words
        elif block is not None and token.token_type == TokenType.BLOCK and words == "plural":
            singular, block = "".join(block), []
        elif block is not None and token.token_type == TokenType.BLOCK and words.startswith("endblocktrans"):
            texts = (singular, "".join(block)) if singular else ("".join(block), "")
            yield context, *(trim_whitespace(text) if trimmed else text for text in texts)  # type: ignore[misc]
            block = None
        elif block is not None:
            block.append(f"%({words.strip()})s" if token.token_type == TokenType.VAR else words.replace("%", "%%"))
        elif token.token_type in {TokenType.BLOCK, TokenType.VAR}:
            if match := TRANSLATE.search(words):
                yield quoted(CONTEXT.search(words)), quoted(match), ""
            yield from (("", quoted(match), "") for match in FILTERED.finditer(words))


@cache
def said() -> frozenset[Message]:
    """Everything the program says through gettext."""
    modules = [path for room in ROOMS for path in room.rglob("*.py") if "migrations" not in path.parts]
    found = {message for path in modules for message in in_python(path)}
    found |= {message for path in (ROOT / "templates").rglob("*.html") for message in in_template(path)}
    return frozenset(found)


@cache
def catalogue() -> polib.POFile:
    return polib.pofile(str(ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"))


def in_catalogue() -> dict[Message, polib.POEntry]:
    return {(e.msgctxt or "", e.msgid, e.msgid_plural or ""): e for e in catalogue() if not e.obsolete}


def test_every_word_of_the_program_is_in_the_catalogue():
    assert len(said()) > 200
    known = {(context, text) for context, text, _plural in in_catalogue()}
    assert sorted(message for message in said() if message[:2] not in known) == []


def test_every_plural_of_the_program_is_a_plural_of_the_catalogue():
    plurals = {message for message in said() if message[2]}
    assert plurals
    assert sorted(plurals - set(in_catalogue())) == []


def test_nothing_in_the_catalogue_is_unsaid():
    spoken = {message[:2] for message in said()}
    assert sorted(message[1] for message in in_catalogue() if message[:2] not in spoken) == []


def test_every_translation_is_there_and_certain():
    for message, entry in in_catalogue().items():
        texts = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        assert all(texts), message
        assert "fuzzy" not in entry.flags, message
    assert [entry.msgid for entry in catalogue() if entry.obsolete] == []
    assert len(in_catalogue()) == len(catalogue())


def test_every_translation_fills_in_what_its_message_does():
    """Chinese has one form for all numbers, so a number may be left out only where the form says it in words."""
    places = re.compile(r"%\(\w+\)s|%s|%d")
    for message, entry in in_catalogue().items():
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            asked = set(places.findall(message[1])) | set(places.findall(message[2]))
            assert set(places.findall(text)) <= asked, message


def test_scripts_say_nothing_of_their_own():
    """What a script says stands in the page, in the page's language: no script has a sentence."""
    sentence = re.compile(r"""["'`][A-Z][a-z]+(?: [a-z]+)+[^"'`]*["'`]""")
    for path in (ROOT / "static" / "js").glob("*.js"):
        code = re.sub(r"//.*", "", path.read_text())
        assert sentence.findall(code) == [] or ".min." in path.name, path.name


ELSEWHERE = {code: ROOT / "locale" / "elsewhere" / code / "LC_MESSAGES" / "django.po" for code in ("en", "zh_Hans")}
#: Words that are true of Guangdong and of the article alone. “province” in quotes is the value of a parameter.
OF_GUANGDONG = re.compile(r"(?<!“)[Pp]rovince(?!”)|Bay Area|[Tt]he article|Hong Kong|省|大湾区|报道")
#: A kind of source that there may be anywhere.
ANYWHERE = {"News article"}


@pytest.mark.parametrize("code", ELSEWHERE)
def test_a_site_about_another_territory_has_words_of_its_own_for_all_that_is_said_of_this_one(code):
    other = {(e.msgctxt or "", e.msgid): e for e in polib.pofile(str(ELSEWHERE[code]))}
    known = in_catalogue()
    local = {
        message[:2]
        for message, entry in known.items()
        if message[1] not in ANYWHERE
        and OF_GUANGDONG.search(" ".join([message[1], message[2], entry.msgstr, *entry.msgstr_plural.values()]))
    }
    assert sorted(local - set(other)) == []
    assert sorted(set(other) - {message[:2] for message in known}) == []
    for message, entry in other.items():
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            assert text, message
            assert OF_GUANGDONG.search(text) is None, message
            places = re.findall(r"%\(\w+\)s", text)
            assert set(places) <= set(re.findall(r"%\(\w+\)s", message[1] + entry.msgid_plural)), message
