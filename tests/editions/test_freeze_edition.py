"""Editions: whole, of what readers saw and nothing else, and the same for good, whatever happens to the entries."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from importlib import import_module
from unittest.mock import MagicMock

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from cities.models import City
from common import frozen
from common.slugs import remember_slug
from editions import actions as freezing
from editions import contents
from editions.actions import CannotFreeze, freeze
from editions.models import Edition, EditionFile, EditionPiece, EditionSeal
from editions.verify import faults
from pillars.models import Report
from recommendations import actions
from recommendations.models import Recommendation
from tests.factories import make_city, make_recommendation, make_term, make_update, make_working_copy, moment
from tests.html import fetch, parse, text_of
from themes.models import Term

pytestmark = pytest.mark.django_db


def downloaded(name: str, file: str) -> bytes:
    response = Client().get(f"/editions/{name}/{file}")
    assert response.status_code == 200, file
    return b"".join(response.streaming_content) if response.streaming else response.content


def files_of(edition: Edition) -> dict[str, bytes]:
    return {row["name"]: downloaded(edition.name, row["name"]) for row in edition.facts["files"]}


def make_some() -> list[Recommendation]:
    """Three public entries, and what readers must not see: a draft, and a pending edit."""
    city = make_city()
    draft = make_recommendation(state="draft", slug="zeppelin", title_en="A secret draft")
    entries = [make_recommendation(slug=f"e{n}", title_en=f"Title {n}", cities=[city]) for n in range(3)]
    entries[0].related.set([draft, entries[1]])
    make_working_copy(entries[2], title_en="Only pending")
    return entries


def test_an_edition_holds_what_readers_see_in_three_forms_and_no_draft():
    make_some()
    edition = freeze(name="2026-11", frozen_at=moment(30))
    files = files_of(edition)
    assert sorted(files) == ["guangdong32.html", "recommendations.csv", "recommendations.json"]
    records = json.loads(files["recommendations.json"])
    assert records["edition"] == "2026-11"
    assert [row["slug"] for row in records["recommendations"]] == ["e0", "e1", "e2"]
    assert records["recommendations"][0]["document"]["related"] == ["e1"]
    table = list(csv.DictReader(io.StringIO(files["recommendations.csv"].decode("utf-8-sig"))))
    assert [row["slug"] for row in table] == ["e0", "e1", "e2"]
    assert table[1]["title_zh_hans"] == Recommendation.objects.get(slug="e1").title_zh_hans
    page = parse(files["guangdong32.html"].decode())
    assert {e.get("id") for e in page.iter("article")} >= {"en-e0", "zh-hans-e2"}
    for name, body in files.items():
        for secret in (b"zeppelin", b"A secret draft", b"Only pending"):
            assert secret not in body, name


def test_every_file_has_the_checksum_that_the_manifest_and_the_sums_say():
    make_some()
    edition = freeze(name="2026-11", frozen_at=moment(30))
    manifest = downloaded("2026-11", "manifest.json")
    assert hashlib.sha256(manifest).hexdigest() == edition.digest
    lines = downloaded("2026-11", "sha256sums.txt").decode().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert sums.pop("manifest.json") == edition.digest
    for row in json.loads(manifest)["files"]:
        body = downloaded("2026-11", row["name"])
        assert (len(body), hashlib.sha256(body).hexdigest()) == (row["size"], row["sha256"])
        assert sums.pop(row["name"]) == row["sha256"]
    assert sums == {}


def test_equal_content_gives_equal_bytes():
    make_some()
    first, second = (freeze(name=name, frozen_at=moment(30)) for name in ("2026-11", "2026-11-again"))
    one, two = files_of(first), files_of(second)
    assert one["recommendations.csv"] == two["recommendations.csv"]
    assert [body.replace(b"2026-11-again", b"2026-11") for body in two.values()] == list(one.values())


def test_an_edition_verifies_and_reads_the_same_after_every_entry_is_changed(capsys):
    entries = make_some()
    edition = freeze(name="2026-11", frozen_at=moment(30))
    files = files_of(edition)
    for n, entry in enumerate(entries):
        Recommendation.objects.filter(pk=entry.pk).update(title_en=f"Other {n}", slug=f"other-{n}", basis="inferred")
        actions.publish(entry=Recommendation.objects.get(pk=entry.pk), at=moment(31))
    Report.objects.update(title_en="Another report")
    actions.archive(entry=Recommendation.objects.get(pk=entries[1].pk), at=moment(32))
    entries[2].refresh_from_db()
    entries[2].delete()
    call_command("verify_edition", "2026-11", sha256=edition.digest)
    assert "2026-11: as it was frozen (3 files, 3 entries" in capsys.readouterr().out
    assert files_of(Edition.objects.get()) == files
    assert "Title 2" in fetch(Client(), "/editions/2026-11/e2/").main_text


@pytest.mark.parametrize("model", [Edition, EditionFile, EditionPiece, EditionSeal])
def test_the_database_refuses_to_change_or_delete_what_is_frozen(model):
    make_recommendation()
    freeze(name="2026-11", frozen_at=moment(30))
    row = model.objects.order_by("pk").first()
    table = model._meta.db_table
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table} WHERE id = {row.pk}"):
        with pytest.raises(IntegrityError, match="neither changed nor deleted"), transaction.atomic():
            connection.cursor().execute(statement)
    with pytest.raises(IntegrityError, match="neither changed nor deleted"), transaction.atomic():
        row.save()
    if connection.vendor == "postgresql":
        connection.check_constraints()  # what is deferred would refuse before the trigger is asked
        with pytest.raises(IntegrityError, match="neither changed nor deleted"), transaction.atomic():
            connection.cursor().execute(f"TRUNCATE {table} CASCADE")
    if connection.vendor == "sqlite":
        # A program that does not ask for recursive triggers, as most do not.
        connection.cursor().execute("PRAGMA recursive_triggers=OFF")
        try:
            columns = ", ".join(field.column for field in model._meta.concrete_fields)
            for pk in ("id", "id + 900"):
                values = columns.replace("id", pk, 1)
                replace = f"REPLACE INTO {table} ({columns}) SELECT {values} FROM {table} WHERE id = {row.pk}"
                with pytest.raises(IntegrityError, match="neither changed nor deleted"), transaction.atomic():
                    connection.cursor().execute(replace)
        finally:
            connection.cursor().execute("PRAGMA recursive_triggers=ON")
    assert list(faults(Edition.objects.get())) == []


def test_what_was_tampered_with_is_told():
    make_recommendation()
    edition = freeze(name="2026-11", frozen_at=moment(30))
    file = edition.files.get(name="recommendations.csv")
    EditionPiece.objects.create(file=file, position=900, body=b"more")
    EditionFile.objects.create(edition=edition, name="more.csv", content_type="text/csv", size=0, digest="")
    told = list(faults(edition))
    assert told[0] == "more.csv was added"
    assert told[1].startswith("recommendations.csv has ")
    assert len(told) == 2
    with pytest.raises(CommandError, match="1 of 1 editions differ"):
        call_command("verify_edition")


def test_an_edition_that_says_another_day_or_holds_what_cannot_be_read_is_told():
    make_recommendation()
    edition = freeze(name="2026-11", frozen_at=moment(30))
    edition.frozen_at = moment(1)
    assert [fault[:20] for fault in faults(edition)] == ["it was frozen as 202"]
    edition.frozen_at = moment(30)
    records = edition.records().get().file
    EditionPiece.objects.create(file=records, position=900, body=b"x", entry=9, slug="forged", digest="")
    assert "the record of forged cannot be read" in list(faults(edition))
    edition.manifest = "{}"
    assert list(faults(edition)) == ["the manifest is not the one that was frozen"]


def test_an_edition_that_was_taken_away_is_missed(capsys):
    make_recommendation()
    for name in ("2026-10", "2026-11"):
        freeze(name=name, frozen_at=moment(30))
    taken = Edition.objects.get(name="2026-10")
    with frozen.lifted():
        EditionPiece.objects.filter(file__edition=taken).delete()
        taken.files.all().delete()
        taken.delete()
        with pytest.raises(CommandError, match="1 editions are gone; the database does not keep them as they are"):
            call_command("verify_edition")
        assert "frozen_editions_edition_update is missing or off" in capsys.readouterr().out
    for asked in ((), ("2026-10",)):
        with pytest.raises(CommandError, match=r"^1 editions are gone$"):
            call_command("verify_edition", *asked)
    assert "2026-10: it was frozen with the manifest " in capsys.readouterr().out
    call_command("verify_edition", "2026-11")
    with pytest.raises(CannotFreeze, match="there was an edition 2026-10"):
        freeze(name="2026-10", frozen_at=moment(31))
    with frozen.lifted():
        EditionSeal.objects.all().delete()
    with pytest.raises(CommandError, match="1 of 1 editions differ"):
        call_command("verify_edition")


def test_a_name_is_given_once_and_is_a_month():
    make_recommendation()
    now = f"{timezone.localdate():%Y-%m}"
    call_command("freeze_edition", now, verbosity=0)
    for name in (now, "2026-13", "november", f"{now}/", f"../{now}", f"{now}-", ""):
        with pytest.raises(CommandError):
            call_command("freeze_edition", name, other_month=True)
    with pytest.raises(CommandError, match=f"2031-10 is not this month, {now}.*--other-month"):
        call_command("freeze_edition", "2031-10")
    assert Edition.objects.count() == 1
    call_command("freeze_edition", f"{now}-second", verbosity=0)
    call_command("freeze_edition", "2031-10", verbosity=0, other_month=True)
    assert Edition.objects.count() == 3
    with pytest.raises(CommandError, match="no edition 2020-01"):
        call_command("verify_edition", "2020-01")


def test_nothing_is_kept_of_an_edition_that_could_not_be_made_whole(monkeypatch):
    with pytest.raises(CannotFreeze, match="nothing is published"):
        freeze(name="2026-11", frozen_at=moment(30))
    entry = make_recommendation()
    table = contents._table

    def changing():
        Recommendation.objects.filter(pk=entry.pk).update(number=entry.number + 1)
        entry.number += 1
        return table()

    monkeypatch.setattr(contents, "_table", changing)
    with pytest.raises(CannotFreeze, match="meanwhile"):
        freeze(name="2026-11", frozen_at=moment(30))
    monkeypatch.setattr(freezing, "_write", lambda *_: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(OSError, match="no space"):
        freeze(name="2026-11", frozen_at=moment(30))
    assert [model.objects.count() for model in (Edition, EditionFile, EditionPiece)] == [0, 0, 0]


# Pages


def test_what_changed_is_told_against_today_and_between_any_two():
    first, second, third = make_some()
    freeze(name="2026-10", frozen_at=moment(30))
    Recommendation.objects.filter(pk=first.pk).update(title_en="Title renamed", slug="renamed")
    actions.archive(entry=second, at=moment(31))
    make_recommendation(slug="new", title_en="Quite new")
    freeze(name="2026-11", frozen_at=moment(32))
    make_update(entries=[third], status="adopted", recorded_at=moment(33))
    between = fetch(Client(), "/editions/2026-10/changes/?to=2026-11")
    turned = fetch(Client(), "/editions/2026-11/changes/?to=2026-10")
    (told,), (told_turned,) = ([text_of(e) for e in p.all("ol", cls="versions")] for p in (between, turned))
    assert told == told_turned
    counts = [dd.text for dd in between.all("dd")][:4]
    assert counts == ["1", "1", "1", "1"]
    assert {"/editions/2026-11/renamed/", "/editions/2026-11/new/", "/editions/2026-10/e1/"} <= set(between.hrefs)
    assert "renamed" in [e.text for e in between.all("ins")]
    today = fetch(Client(), "/editions/2026-11/changes/")
    assert [dd.text for dd in today.all("dd")][:4] == ["1", "0", "0", "2"]
    assert "Adopted" in today.main_text
    assert "/recommendations/e2/" in today.hrefs
    assert "Nothing: all" not in today.main_text


@pytest.mark.parametrize("prefix", ["", "zh-hans/"])
def test_there_is_no_comparison_with_what_is_not_there(prefix):
    make_recommendation()
    freeze(name="2026-11", frozen_at=moment(30))
    for given in ("nope", "2020-01", "2026-11"):
        page = fetch(Client(), f"/{prefix}editions/2026-11/changes/?to={given}")
        assert (page.status, f"“{given}”" in page.main_text, page.all("dd")) == (404, True, [])
    page = fetch(Client(), f"/{prefix}editions/2026-11/changes/?tos=today")
    assert (page.status, "“to”" in page.main_text) == (200, True)


def test_a_new_slug_changes_no_neighbour_and_names_are_told_as_they_were():
    city, term = make_city(slug="here", name_en="Here"), make_term(slug="tax", label_en="Tax", label_zh_hans="税")
    one, two, three = (
        make_recommendation(slug=slug, cities=[city], terms=terms)
        for slug, terms in (("one", [term]), ("two", []), ("three", []))
    )
    two.related.set([one])
    freeze(name="2026-10", frozen_at=moment(30))
    Recommendation.objects.filter(pk=one.pk).update(slug="uno")
    Term.objects.filter(pk=term.pk).update(label_zh_hans="税收")
    City.objects.filter(pk=city.pk).update(name_en="There")
    one.terms.clear()
    three.terms.set([term])
    freeze(name="2026-11", frozen_at=moment(31))
    City.objects.filter(pk=city.pk).update(name_en="Nowhere")
    Term.objects.filter(pk=term.pk).update(label_en="Levy")
    page = fetch(Client(), "/editions/2026-10/changes/?to=2026-11")
    assert [dd.text for dd in page.all("dd")][:5] == ["2", "0", "0", "2", "1"]
    assert {"/editions/2026-10/one/", "/editions/2026-10/three/"} <= set(page.hrefs)
    assert "/editions/2026-10/two/" not in page.hrefs
    assert [text_of(e) for e in page.all("del")][-1] == "Here"
    assert [text_of(e) for e in page.all("ins")][-2:] == ["收", "There"]
    assert "Tax" in page.main_text
    assert "Nowhere" not in page.main_text
    assert "Levy" not in page.main_text
    neighbour = fetch(Client(), "/editions/2026-10/two/").main_text
    assert "It has changed since" in neighbour  # the city of both is called otherwise today
    assert "Nowhere" in neighbour
    City.objects.filter(pk=city.pk).update(name_en="Here")
    assert "It says the same today" in fetch(Client(), "/editions/2026-10/two/").main_text


def test_a_permalink_names_an_edition():
    entry = make_recommendation(slug="one", title_en="As it was", title_zh_hans="原来")
    freeze(name="2026-11", frozen_at=moment(30))
    Recommendation.objects.filter(pk=entry.pk).update(title_en="As it is", slug="two")
    page = fetch(Client(), "/editions/2026-11/one/")
    assert page.title.startswith(f"{entry.number}. As it was (edition 2026-11)")
    assert "It has changed since" in page.main_text
    assert "/recommendations/two/" in page.hrefs
    assert "http://testserver/editions/2026-11/one/" in page.main_text
    assert "原来" in fetch(Client(), "/zh-hans/editions/2026-11/one/").main_text
    redirect = Client().get("/zh-hans/recommendations/one/?edition=2026-11")
    assert (redirect.status_code, redirect["Location"]) == (302, "/zh-hans/editions/2026-11/one/")
    for path in ("/recommendations/two/?edition=x", "/editions/2026-11/none/", "/editions/2026-12/", "/editions/x/"):
        assert Client().get(path).status_code == 404, path
    twice = Client().get("/recommendations/two/?edition=2026-11&edition=2026-12")
    assert (twice.status_code, "“edition” is given more than once" in twice.content.decode()) == (400, True)
    assert "“to” is given more than once" in fetch(Client(), "/editions/2026-11/changes/?to=x&to=today").main_text


def test_a_permalink_that_names_an_edition_outlives_a_change_of_its_slug():
    entry = make_recommendation(slug="one")
    draft = make_recommendation(slug="secret", state="draft")
    freeze(name="2026-10", frozen_at=moment(30))
    Recommendation.objects.filter(pk=entry.pk).update(slug="two")
    remember_slug(instance=Recommendation.objects.get(pk=entry.pk), former="one")
    freeze(name="2026-11", frozen_at=moment(31))
    for slug, edition, then in (("two", "2026-10", "one"), ("one", "2026-10", "one"), ("one", "2026-11", "two")):
        response = Client().get(f"/recommendations/{slug}/?edition={edition}", follow=True)
        assert response.status_code == 200
        assert response.request["PATH_INFO"] == f"/editions/{edition}/{then}/", (slug, edition)
    assert Client().get(f"/recommendations/{draft.slug}/?edition=2026-10", follow=True).status_code == 404


@pytest.mark.once
def test_an_entry_called_as_a_page_is_named_before_the_constraint_fails():
    migration = import_module("recommendations.migrations.0008_changes_is_no_slug")
    apps = MagicMock()
    found = apps.get_model.return_value.objects.using.return_value.filter.return_value.values_list.return_value
    found.first.return_value = 7
    with pytest.raises(CommandError, match="recommendation 7 has the slug “changes”"):
        migration.name_who_has_it(apps, MagicMock())


def test_an_edition_and_its_records_say_what_they_are_to_programs(settings):
    settings.SITE_URL = "https://open.example"
    make_recommendation(slug="one", title_zh_hans="原来", terms=[make_term(label_zh_hans="税")])
    edition = freeze(name="2026-11", frozen_at=moment(30))
    for path, kind in (("/zh-hans/editions/2026-11/", "Dataset"), ("/zh-hans/editions/2026-11/one/", "CreativeWork")):
        page = fetch(Client(), path)
        (block,) = [e for e in page.all("script") if e.get("type") == "application/ld+json"]
        found = {node["@type"]: node for node in json.loads(block.text)["@graph"]}
        assert found[kind]["@id"] == f"https://open.example{path}"
        assert found["BreadcrumbList"]["itemListElement"][-1]["item"] == found[kind]["url"]
        assert found[kind]["creditText"] in page.main_text
        assert page.meta("citation_author") == page.meta("DCTERMS.creator") == [found[kind]["author"]["name"]]
        assert page.meta("citation_public_url") == [found[kind]["url"]]
        assert page.meta("citation_publication_date") == ["2026/02/04"]
        if kind == "Dataset":
            sums = {part["name"]: part["sha256"] for part in found[kind]["distribution"]}
            assert sums == {row["name"]: row["sha256"] for row in edition.facts["files"]}
            assert found[kind]["identifier"] == f"sha256:{edition.digest}"
        else:
            assert (found[kind]["name"].endswith("原来"), found[kind]["about"]) == (True, ["税"])
            assert found[kind]["isPartOf"]["@id"] == "https://open.example/zh-hans/editions/2026-11/"


def test_the_page_of_an_edition_says_how_to_cite_it_in_both_languages(settings):
    settings.SITE_URL = "https://open.example"
    make_recommendation()
    edition = freeze(name="2026-11", frozen_at=moment(30))
    cited = {e.get("lang", "en"): e.text for e in fetch(Client(), "/editions/2026-11/").all("p", cls="cite")}
    assert set(cited) == {"en", "zh-Hans"}
    assert cited["en"].endswith(". https://open.example/editions/2026-11/")
    assert cited["zh-Hans"].endswith("https://open.example/zh-hans/editions/2026-11/")
    assert all(edition.digest[:16] in text for text in cited.values())
    assert "/editions/2026-11/" in fetch(Client(), "/editions/").hrefs


def test_a_file_is_asked_for_again_for_nothing():
    make_recommendation()
    freeze(name="2026-11", frozen_at=moment(30))
    first = Client().get("/editions/2026-11/recommendations.json")
    assert first["Content-Type"] == "application/json"
    assert first["Content-Disposition"] == 'attachment; filename="recommendations.json"'
    again = Client().get("/editions/2026-11/recommendations.json", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    head = Client().head("/editions/2026-11/recommendations.json")
    assert int(head["Content-Length"]) == len(b"".join(first.streaming_content))
    assert Client().get("/editions/2026-11/more.json").status_code == 404


def test_editions_are_in_the_sitemap_the_catalogue_and_llms_txt():
    make_recommendation()
    edition = freeze(name="2026-11", frozen_at=moment(30))
    assert "http://testserver/editions/2026-11/" in Client().get("/sitemap.xml").content.decode()
    assert "- [2026-11](http://testserver/editions/2026-11/): frozen on 2026-02-04" in (
        Client().get("/llms.txt").content.decode()
    )
    catalogue = Client().get("/catalog.jsonld").json()
    (found,) = [data for data in catalogue["dcat:dataset"] if data.get("dct:identifier") == "2026-11"]
    for part, row in zip(found["dcat:distribution"], edition.facts["files"], strict=True):
        assert part["spdx:checksum"]["spdx:checksumValue"] == row["sha256"]
        assert Client().get(part["dcat:downloadURL"]["@id"].removeprefix("http://testserver")).status_code == 200
    (service,) = catalogue["dcat:service"]
    assert Client().get(service["dcat:endpointURL"]["@id"].removeprefix("http://testserver")).status_code == 200
