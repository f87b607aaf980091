"""Chinese as it is set: its stops bring their own room, its brackets are full, its quotation marks alternate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest

from tests.html import Page

pytestmark = [pytest.mark.once, pytest.mark.django_db]

#: What stands on a line of its own, so that spaces around it are not seen.
BLOCKS = {
    "article", "aside", "body", "button", "dd", "div", "dl", "dt", "figure", "footer", "h1", "h2", "h3", "h4", "header",
    "li", "main", "nav", "ol", "option", "p", "section", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
#: Not set as running text: code, files, and citations whose form is laid down elsewhere.
APART = {"pre", "script", "style", "svg"}
HAN = "[\u4e00-\u9fff]"
WRONG = {
    "a space after a stop": re.compile(r"[。，、；：？！] (?=\S)"),
    "a space before a stop": re.compile(r"\S [。，、；：？！）]"),
    "half brackets around Chinese": re.compile(rf"\({HAN}|{HAN} ?\("),
    "a half comma or colon after Chinese": re.compile(rf"{HAN}[,;:?!]"),
    "the same quotation marks within each other": re.compile(r"“[^”]*“"),
}


def lines(element: Element) -> Iterator[str]:
    """The text of each block in ``element`` as a reader sees it, inline elements and all."""
    found: list[str] = [""]

    def walk(inner: Element) -> None:
        if inner.get("lang") == "en" or inner.tag == "code":  # English keeps English marks, and code its own
            found[-1] += "x"
            return
        if inner.tag in APART or "cite" in inner.get("class", "").split():
            return
        is_block = inner.tag in BLOCKS
        found.extend([""] if is_block else [])
        found[-1] += inner.text or ""
        for child in inner:
            walk(child)
            found[-1] += child.tail or ""
        found.extend([""] if is_block else [])

    walk(element)
    yield from (" ".join(text.split()) for text in found if text.strip())


@pytest.fixture(scope="module")
def chinese(walked: dict[str, Page]) -> dict[str, list[str]]:
    """Each line of the Chinese pages with the addresses that have it, their titles and descriptions too."""
    found: dict[str, list[str]] = {}
    for url, page in walked.items():
        if page.language == "zh-hans" and "/api/" not in url:
            for line in [*lines(page.root.find("body")), page.title, *page.meta("description")]:  # type: ignore[arg-type]
                found.setdefault(line, []).append(url)
    return found


@pytest.mark.parametrize("rule", WRONG)
def test_chinese_is_set_as_chinese(chinese: dict[str, list[str]], rule: str) -> None:
    wrong = {line: urls[0] for line, urls in chinese.items() if WRONG[rule].search(line)}
    assert wrong == {}


def test_lines_are_read_as_a_reader_sees_them() -> None:
    page = Element("div")
    page.text = "一。"
    bold = Element("b")
    bold.text, bold.tail = " 二", "三"
    block = Element("p")
    block.text = "四"
    page.extend([bold, block])
    assert list(lines(page)) == ["一。 二三", "四"]
    assert WRONG["a space after a stop"].search("一。 二三")
