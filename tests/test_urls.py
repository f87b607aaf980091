"""Every public page in both languages, with every object of the content: what holds for all of them."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, resolve

from tests.html import LANGUAGES, text_of
from tests.walk import NO_PAGES, OBJECTS, VIEWS, page_names, patterns

# The walk is loaded once a run, by itself; the mark is for pytest-django, which makes no database without one.
pytestmark = pytest.mark.django_db

HAN = re.compile(r"[\u3400-\u9fff]")
#: Pages of the one edition: the list, its own, what changed since, and a record an entry.
EDITIONS = 3 + 32
#: Four English words in a row are a sentence; names and codes are shorter.
ENGLISH = re.compile(r"(?:\b[A-Za-z’']{2,}[ ,]+){3,}[A-Za-z’']{2,}")


def test_every_address_is_known_to_this_walk():
    names = {name for name, _pattern in patterns()}
    assert {name for name in names if ":" in name} == {*page_names(), *NO_PAGES}
    with_slug = {name for name, pattern in patterns() if ":" in name and pattern.pattern.converters}
    assert with_slug == set(OBJECTS)
    assert {"recommendations:home", "recommendations:browse", "pillars:list", "cities:list", "common:about"} <= names
    assert any(getattr(resolver, "namespace", "") == "admin" for resolver in get_resolver().url_patterns)


def test_every_page_answers(walked):
    assert {page.status for page in walked.values()} == {200}
    assert {page.response["Content-Type"] for page in walked.values()} == {"text/html; charset=utf-8"}
    plain = [url for url in walked if "?" not in url]
    assert len(plain) == 2 * (11 + 32 * 2 + 4 + 1 + 23 * 2 + 6 + 46 + 1 + EDITIONS + 1)
    assert len(walked) - len(plain) == 2 * len(VIEWS)


def test_every_page_is_valid_html_with_every_variable_defined(walked):
    for url, page in walked.items():
        assert page.root.tag == "html", url
        assert "⟪undefined" not in page.html, (url, page.html[page.html.index("⟪undefined") :][:80])


def test_every_page_says_its_language(walked):
    for url, page in walked.items():
        assert page.root.get("lang") == LANGUAGES[page.language], url
        assert page.response["Content-Language"] == page.language, url


def test_every_page_names_its_address_in_both_languages(walked):
    for url, page in walked.items():
        path = urlsplit(url).path
        english = path.removeprefix("/zh-hans")
        origin = "http://testserver"
        alternates = {e.get("hreflang"): e.get("href") for e in page.links("alternate") if e.get("hreflang")}
        assert alternates == {
            "en": f"{origin}{english}",
            "zh-Hans": f"{origin}/zh-hans{english}",
            "x-default": f"{origin}{english}",
        }, url
        assert [link.get("href") for link in page.links("canonical")] == [f"{origin}{path}"], url


def test_every_page_says_what_a_link_to_it_shows(walked):
    for url, page in walked.items():
        shown = {e.get("property", ""): e.get("content", "") for e in page.all("meta") if e.get("property")}
        assert page.title.startswith(f"{shown['og:title']} – "), url
        assert [shown["og:description"]] == page.meta("description"), url
        locales = [shown["og:locale"], shown["og:locale:alternate"]]
        assert locales == (["zh_CN", "en_GB"] if page.language == "zh-hans" else ["en_GB", "zh_CN"]), url
        picture = shown["og:image"].removeprefix("http://testserver/static/")
        assert (settings.BASE_DIR / "static" / picture).read_bytes()[:4] == b"\x89PNG", url
        is_about_a_pillar = re.search(r"/(pillars|recommendations)/[a-z]", urlsplit(url).path)
        assert picture.startswith("social/pillar-" if is_about_a_pillar else "social/site.png"), url


def test_every_page_has_its_counterpart_in_the_other_language(plain_pages):
    english = {url for url, page in plain_pages.items() if page.language == "en"}
    chinese = {url for url, page in plain_pages.items() if page.language == "zh-hans"}
    assert chinese == {f"/zh-hans{url}" for url in english}


def test_language_link_leads_to_the_same_page_and_filter(walked):
    for url, page in walked.items():
        link = page.by_id("language")
        here, there = urlsplit(url), urlsplit(link.get("href", ""))
        chinese = here.path.startswith("/zh-hans/")
        assert there.path == (here.path.removeprefix("/zh-hans") if chinese else f"/zh-hans{here.path}"), url
        assert unquote(there.query) == unquote(here.query), url
        assert link.get("lang") == link.get("hreflang") == ("en" if chinese else "zh-Hans")


def test_no_page_sets_a_cookie_or_varies_by_one(walked):
    for url, page in walked.items():
        assert not page.response.cookies, url
        assert "Set-Cookie" not in page.response.headers, url
        varies = {name.strip() for name in page.response.get("Vary", "").split(",")}
        assert not varies & {"Cookie", "Accept-Language"}, url


def test_every_page_has_a_strict_content_security_policy(walked):
    policies = {page.response["Content-Security-Policy"] for page in walked.values()}
    assert len(policies) == 1
    directives = dict(part.strip().split(" ", 1) for part in policies.pop().split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    for name, value in directives.items():
        assert set(value.split()) <= {"'none'", "'self'", "data:"}, name
        assert "data:" not in value or name == "img-src"


def test_every_page_has_the_headers_that_keep_it_safe(walked):
    for url, page in walked.items():
        assert page.response["X-Content-Type-Options"] == "nosniff", url
        assert page.response["X-Frame-Options"] == "DENY", url
        assert page.response["Referrer-Policy"] == "same-origin", url


def test_no_page_has_inline_style_or_script(walked):
    for url, page in walked.items():
        assert page.all("style") == [], url
        for script in page.scripts:
            assert script.get("src", "").startswith("/static/"), url
            assert not (script.text or "").strip(), url
        for element in page.root.iter():
            names = set(element.keys())
            assert not {name for name in names if name.startswith("on") or name in {"style", "hx-on"}}, url
            assert not {name for name in names if name.startswith(("hx-on", "hx-vals"))}, url
            for name in names & {"href", "src", "action"}:
                assert not element.get(name, "").strip().lower().startswith(("javascript:", "data:", "//")), url


def test_no_page_loads_anything_from_elsewhere(walked):
    for url, page in walked.items():
        loaded = [e.get("href", "") for e in page.all("link") if e.get("rel") in {"stylesheet", "icon", "preload"}]
        loaded += [e.get("src", "") for tag in ("img", "iframe", "source") for e in page.all(tag)]
        loaded += [script.get("src", "") for script in page.scripts]
        assert loaded, url
        assert all(address.startswith("/static/") for address in loaded), url


def test_every_id_is_used_once_and_every_reference_has_its_id(walked):
    for url, page in walked.items():
        assert [name for name, count in Counter(page.ids).items() if count > 1] == [], url
        known = set(page.ids)
        for element in page.root.iter():
            for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "form", "data-narrow"):
                assert set(element.get(name, "").split()) <= known, (url, name, element.get(name))


def test_every_page_has_one_main_heading_and_skips_no_level(walked):
    for url, page in walked.items():
        levels = [int(e.tag[1]) for e in page.root.iter() if re.fullmatch(r"h[1-6]", str(e.tag))]
        assert levels.count(1) == 1, url
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), (url, levels)
        assert text_of(page.all("h1")[0]), url


def test_titles_and_descriptions_are_unique_in_each_language(plain_pages):
    for language in LANGUAGES:
        pages = [page for page in plain_pages.values() if page.language == language]
        titles = Counter(page.title for page in pages)
        descriptions = Counter(text for page in pages for text in page.meta("description"))
        assert sum(titles.values()) == sum(descriptions.values()) == len(pages)
        assert [title for title, count in titles.items() if count > 1 or not title.strip()] == []
        assert [text for text, count in descriptions.items() if count > 1 or not text.strip()] == []


def is_data(path):
    """Data has one address for both languages; its documentation is a page like any other."""
    is_file = path in {"/catalog.jsonld", "/sitemap.xml", "/llms.txt"}
    return is_file or (path.startswith("/api/") and path != "/api/v1/docs/")


def test_every_link_within_the_site_leads_somewhere(walked, plain_pages, files):
    other = {address for language in LANGUAGES for address in files[language]}
    checked = 0
    for url, page in walked.items():
        for href in page.hrefs:
            address, fragment = urldefrag(href)
            parts = urlsplit(address)
            if parts.netloc not in {"", "testserver"}:
                assert parts.scheme == "https", (url, href)
                continue
            target = parts.path or urlsplit(url).path
            if is_data(target):
                assert resolve(target).url_name != "api_elsewhere", (url, href)
                continue
            assert target in plain_pages or target in other, (url, href)
            if fragment:
                there = page if not parts.path else plain_pages[target]
                assert fragment in there.ids, (url, href)
            checked += 1
    assert checked > 2000


def test_links_stay_in_the_language_of_the_page(walked):
    for url, page in walked.items():
        for link in page.all("a"):
            parts = urlsplit(link.get("href", ""))
            is_here = parts.path and parts.netloc in {"", "testserver"} and link.get("id") != "language"
            if is_here and not is_data(parts.path):
                assert parts.path.startswith("/zh-hans/") is (page.language == "zh-hans"), (url, parts.path)


def test_every_text_is_marked_with_its_language(walked):
    """No Chinese on an English page, and no English sentence on a Chinese one, without its ``lang``."""
    for url, page in walked.items():
        for lang, text in page.texts_by_language():
            if "q=" in url and ("人才" in text or "數據" in text or "script" in text):
                continue  # the reader's own words, in whatever language
            if lang == "zh-Hans":
                assert not ENGLISH.search(text), (url, text)
            else:
                assert not HAN.search(text), (url, text)


def test_chinese_pages_show_the_chinese_texts(walked):
    page = walked["/zh-hans/recommendations/fintech-sandbox/"]
    shares = Counter(bool(HAN.search(text)) for _lang, text in page.texts_by_language())
    assert shares[True] > shares[False]
    assert not HAN.search(walked["/recommendations/fintech-sandbox/"].main_text)


def test_every_page_has_the_frame(walked):
    for url, page in walked.items():
        assert page.all("a", cls="skip")[0].get("href") == "#main", url
        assert len(page.all("main")) == len(page.all("footer")) == 1, url
        assert [e for e in page.all("meta") if e.get("name") == "viewport"], url
        here = [e for e in page.all("header")[0].iter("a") if e.get("aria-current")]
        assert len(here) == (0 if urlsplit(url).path in {"/", "/zh-hans/"} else 1), url


def test_nothing_typed_gets_into_the_page_as_html(walked):
    attacks = [page for url, page in walked.items() if "%3Cscript" in url]
    assert len(attacks) == 2
    for page in attacks:
        assert "<script>alert" not in page.html
        assert "&lt;script&gt;alert(1)" in page.html
        assert "\x00" not in page.html
        assert not [e for e in page.all("b") if not text_of(e)]


def test_images_and_fields_have_names(walked):
    for url, page in walked.items():
        labels = {label.get("for") for label in page.all("label")}
        for field in page.all("input"):
            assert field.get("type") == "hidden" or field.get("id") in labels, (url, field.attrib)
        for image in page.all("svg"):
            assert image.get("aria-hidden") == "true" or image.get("aria-label"), url
        for element in page.root.iter():
            if element.get("role") == "img":
                assert element.get("aria-label"), url


def test_no_link_or_button_is_without_words(walked):
    for url, page in walked.items():
        for tag in ("a", "button", "summary"):
            for element in page.all(tag):
                assert text_of(element), (url, element.attrib)


@pytest.mark.parametrize("path", ["healthz", "readyz", "robots.txt"])
def test_machines_are_answered_at_the_root_only(path):
    response = Client().get(f"/{path}")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert Client().get(f"/zh-hans/{path}").status_code == 404
