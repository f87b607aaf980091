"""The site as files: complete, closed in itself, the same each time, and never written over what is not ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from editions.rewriting import Rewriter
from recommendations.models import Recommendation
from tests.content import Rows, write
from tests.factories import make_city, make_recommendation
from tests.html import Page, parse

LIVE = "https://live.example.org/here"
#: The pages it is made of are walked on both databases (tests/test_urls.py); their rewriting is the same on each.
WALKED = pytest.mark.once


@dataclass
class Edition:
    folder: Path
    slugs: list[str]

    def pages(self) -> Iterator[tuple[str, Page]]:
        for path in sorted(self.folder.rglob("*.html")):
            page = Page(path.relative_to(self.folder).as_posix(), None)
            page.__dict__["html"] = path.read_text()
            yield page.url, page


def export(folder: Path, **options: Any) -> dict[str, Any]:
    """What the marker of a new edition says."""
    call_command("export_site", str(folder), verbosity=0, **options)
    return json.loads((folder / "edition.json").read_text())


@pytest.fixture(scope="session")
def edition(content_rows: Rows, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """An edition of a part of the real content (the browser's tests have all of it) and of a draft."""
    folder = tmp_path_factory.mktemp("edition") / "site"
    with django_db_blocker.unblock(), transaction.atomic():
        write(content_rows)
        kept = Recommendation.objects.published().in_order().values_list("pk", flat=True)[:8]
        Recommendation.objects.exclude(pk__in=list(kept)).delete()
        slugs = list(Recommendation.objects.values_list("slug", flat=True))
        make_recommendation(state="draft", slug="not-yet", title_en="Not yet to be read")
        export(folder, base_url=f"{LIVE}/")
        transaction.set_rollback(True)
    return Edition(folder, slugs)


@WALKED
def test_every_page_is_valid_and_every_link_in_it_leads_to_a_file_and_a_place_of_the_edition(edition: Edition) -> None:
    ids: dict[str, set[str]] = {}
    links: list[tuple[str, str]] = []
    for file, page in edition.pages():
        ids[file] = set(page.ids)
        assert sorted(ids[file]) == sorted(page.ids), file
        elements = [element for tag in ("a", "link", "script", "form", "img") for element in page.all(tag)]
        for element in elements:
            links += [(file, value) for name, value in element.items() if name in {"href", "src", "action"}]
        policies = [e for e in page.all("meta") if e.get("http-equiv") == "Content-Security-Policy"]
        assert len(policies) == 1, file
        assert "hx-" not in page.html
    inside = [(file, link) for file, link in links if not urlsplit(link).scheme]
    assert len(inside) > 3000
    for file, link in inside:
        assert not link.startswith("/"), f"{file}: {link}"
        parts = urlsplit(urljoin(f"http://x/{file}", link))
        target = unquote(parts.path.lstrip("/"))
        assert (edition.folder / target).is_file(), f"{file}: {link}"
        assert not parts.fragment or parts.fragment in ids.get(target, set()), f"{file}: {link}"


@WALKED
def test_both_languages_hold_every_entry_and_no_draft(edition: Edition) -> None:
    for slug in edition.slugs:
        for prefix in ("", "zh-hans/"):
            page = (edition.folder / prefix / "recommendations" / slug / "index.html").read_text()
            twin = "../../zh-hans/" if not prefix else "../../../"
            assert f'href="{twin}recommendations/{slug}/index.html" lang="' in page
            assert f'rel="canonical" href="{LIVE}/{prefix}recommendations/{slug}/"' in page
            assert f"{LIVE}/{prefix}recommendations/{slug}/" in page.partition('id="cite"')[2][:600]
    everything = [path.read_bytes() for path in edition.folder.rglob("*") if path.is_file()]
    assert not any(
        b"Not yet to be read" in body or b"localhost" in body or b"testserver" in body for body in everything
    )
    table = edition.folder / "zh-hans/recommendations/-view=table,per_page=100/index.html"
    assert all(slug in table.read_text() for slug in edition.slugs)
    csv = (edition.folder / "recommendations/export.csv").read_text()
    assert csv.count(f"{LIVE}/recommendations/") == len(edition.slugs) == 8


@WALKED
def test_every_page_says_which_edition_it_is(edition: Edition) -> None:
    content = json.loads((edition.folder / "edition.json").read_text())["content"]
    for file, page in edition.pages():
        assert content in page.html, file
        assert ("离线版" if file.startswith("zh-hans/") else "Offline edition") in page.html, file
        assert LIVE in page.html, file


@WALKED
def test_the_single_file_is_small_and_holds_all_of_it(edition: Edition) -> None:
    text = (edition.folder / "guangdong32.html").read_text()
    assert len(text.encode()) < 1_000_000
    parse(text)
    assert all(f'id="{part}-{slug}"' in text for part in ("en", "zh-hans") for slug in edition.slugs)
    assert "<link" not in text
    assert 'src="' not in text


def test_an_edition_is_the_same_again_and_without_a_live_site_names_none(db: None, tmp_path: Path) -> None:
    empty = export(tmp_path / "empty")
    assert empty["changed_at"] is None
    make_recommendation(slug="one", cities=[make_city(slug="here")])
    first = export(tmp_path / "one")
    assert first["content"] != empty["content"]
    assert export(tmp_path / "one") == first
    page = (tmp_path / "one/recommendations/one/index.html").read_text()
    assert "canonical" not in page
    assert "hreflang" in page
    assert "localhost" not in page
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "one"]


def test_what_is_not_an_edition_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/letter.txt").write_text("mine")
    (tmp_path / "added").mkdir()
    (tmp_path / "added/edition.json").write_text('{"files": {}}')
    (tmp_path / "added/letter.txt").write_text("mine")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/edition.json").write_text("{")
    for name, reason in [
        ("file", "is a file"),
        ("full", "was not made by export_site"),
        ("added", "holds letter.txt"),
        ("broken", "cannot be read"),
        ("file/below", "cannot write"),
    ]:
        with pytest.raises(CommandError, match=reason) as refused:
            export(tmp_path / name)
        assert "\n" not in str(refused.value)
    assert [p.read_text() for p in sorted(tmp_path.rglob("letter.txt"))] == ["mine", "mine"]
    assert len(list(tmp_path.iterdir())) == 4
    with pytest.raises(CommandError, match="--base-url"):
        export(tmp_path / "new", base_url="live.example.org")


def test_static_files_are_wanted_before_anything_is_written(tmp_path: Path, settings: Any) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    settings.STATIC_ROOT = tmp_path / "none"
    with pytest.raises(CommandError, match="collectstatic"):
        export(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_writing_a_page_again_changes_nothing_but_what_it_is_told() -> None:
    html = (
        '<!doctype html>\n<p CLASS=a title="&lt;&amp;">1 &lt; 2 &#8211; <br/><a href="/x?a=1&amp;b">x</a><!-- c --></p>'
        '<script>if (a < b && "</p>") {}</script>'
    )
    same = Rewriter(html, tag=lambda _tag, attrs: attrs, text=str, after={}, before={})
    assert same.html == html
    other = Rewriter(
        html,
        tag=lambda tag, attrs: [("href", '?"&')] if tag == "a" else attrs,
        text=lambda text: text.replace("x", "y"),
        after={"a": "*"},
        before={"p": "!"},
    )
    assert '<a href="?&quot;&amp;">*y</a><!-- c -->!</p>' in other.html
