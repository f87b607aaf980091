"""The spreadsheet: the whole of a filter, one row an entry, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import tracemalloc
from zipfile import ZipFile

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common.slugs import remember_slug
from recommendations import export, export_files
from recommendations.export import Shape, harmless
from recommendations.export_files import FORMS
from recommendations.filters import RecommendationFilterSet
from recommendations.models import Recommendation
from recommendations.snapshot import TEXT_COLUMNS
from tests.factories import (
    make_area,
    make_city,
    make_entries,
    make_link,
    make_pillar,
    make_recommendation,
    make_term,
    make_vocabulary,
    refresh_all,
)

pytestmark = pytest.mark.django_db


def rows(query="", prefix="/"):
    response = Client().get(f"{prefix}recommendations/export.csv{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    data = b"".join(response.streaming_content)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_row_has_every_part_of_an_entry():
    vocabulary = make_vocabulary(slug="instrument")
    named, covered = make_city(slug="foshan"), make_city(slug="zhuhai")
    make_area(kind="bay-area", members=[covered])
    entry = make_recommendation(
        slug="entry",
        number=7,
        pillar=make_pillar(slug="talent"),
        reach="bay-area",
        reviewed_on=dt.date(2026, 1, 2),
        terms=[make_term(vocabulary=vocabulary, slug="visas"), make_term(vocabulary=vocabulary, slug="housing")],
        cities=[named],
        **{column: f"text, of “{column}”\nin two lines" for column in TEXT_COLUMNS},
    )
    make_link(recommendation=entry, city=make_city(slug="maoming"), basis="editorial")
    refresh_all()
    (row,) = rows()
    assert (row["report"], row["number"], row["slug"], row["pillar"]) == ("the-report", "7", "entry", "talent")
    assert (row["basis"], row["reach"], row["status"]) == ("stated", "bay-area", "no-follow-up-found")
    for column in TEXT_COLUMNS:
        assert row[column] == f"text, of “{column}”\nin two lines"
    assert row["instrument"] == "visas; housing"
    assert (row["cities_named"], row["cities_editorial"], row["cities_bay_area"]) == ("foshan", "maoming", "zhuhai")
    assert row["cities_metropolitan"] == ""
    assert row["evidence"].startswith("the-source S")
    assert row["reviewed_on"] == "2026-01-02"
    assert row["changed_at"].startswith("2026-01-05T")
    assert row["url"] == "http://testserver/recommendations/entry/"
    assert row["licence"] == "CC BY 4.0"
    assert row["provenance"]


def test_file_holds_the_whole_filter_in_its_order():
    make_entries({"basis": "implied" if n % 2 else "stated"} for n in range(45))
    assert [row["slug"] for row in rows("?basis=stated&per_page=10&page=2")] == [f"n{n}" for n in range(0, 45, 2)]
    assert [row["slug"] for row in rows("?sort=-number")] == [f"n{n}" for n in range(44, -1, -1)]
    assert rows("?basis=inferred") == []


def test_more_entries_than_one_batch_are_all_there(monkeypatch):
    monkeypatch.setattr(export, "BATCH", 7)
    make_entries({} for _ in range(20))
    assert [row["slug"] for row in rows()] == [f"n{n}" for n in range(20)]


@pytest.mark.usefixtures("content")
@pytest.mark.parametrize("query", ["", "?pillar=talent", "?city=foshan&include=province", "?q=%E4%BA%BA%E6%89%8D"])
def test_file_and_filter_agree_on_the_32(query):
    found = RecommendationFilterSet(QueryDict(query.removeprefix("?"))).qs
    assert [row["slug"] for row in rows(query)] == [entry.slug for entry in found]


def test_chinese_file_points_to_the_chinese_pages():
    make_recommendation(slug="entry")
    assert rows(prefix="/zh-hans/")[0]["url"] == "http://testserver/zh-hans/recommendations/entry/"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", " =1", "＝1"])
def test_text_that_a_spreadsheet_would_run_is_kept_from_it(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize(("value", "text"), [(None, ""), (7, "7"), ("a=b", "a=b"), ("", ""), ("“=”", "“=”")])
def test_other_text_is_as_it_is(value, text):
    assert harmless(value) == text


def test_formula_in_a_title_is_kept_from_the_spreadsheet():
    entry = make_recommendation()
    Recommendation.objects.filter(pk=entry.pk).update(title_en='=HYPERLINK("http://x")')
    assert rows()[0]["title_en"] == '\'=HYPERLINK("http://x")'


def test_file_has_a_name_and_sets_no_cookie():
    response = Client().get("/recommendations/export.csv")
    assert response["Content-Disposition"].startswith('attachment; filename="')
    assert response["Content-Disposition"].endswith('.csv"')
    assert not response.cookies


def test_file_costs_as_many_queries_however_many_rows(django_assert_num_queries):
    city, term = make_city(), make_term()
    for _ in range(2):
        make_recommendation(cities=[city], terms=[term])
    with CaptureQueriesContext(connection) as few:
        assert len(rows()) == 2
    for _ in range(18):
        make_recommendation(cities=[city, make_city()], terms=[term, make_term(vocabulary=term.vocabulary)])
    with django_assert_num_queries(len(few)):
        assert len(rows()) == 20


@pytest.mark.parametrize("path", ["export.csv", "matrix.csv"])
def test_file_of_an_unknown_value_is_refused_in_words(path):
    make_recommendation()
    response = Client().get(f"/recommendations/{path}?pillar=nonsense&sort=colour&basis=stated&q=%25&piller=talent")
    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "There is no parameter “piller” here; did you mean “pillar”?",
        "“nonsense” is not a value of Pillar.",
        "“colour” is not a way to sort; choose from number, relevance, updated, title, with a minus to turn it round.",
        "“%” has no word to search for.",
    ]
    assert Client().get(f"/recommendations/{path}?colour=blue&q=%25").status_code == 400
    assert Client().get(f"/recommendations/{path}?utm_source=x&page=2&view=table").status_code == 200


@pytest.mark.parametrize("path", ["export.csv", "matrix.csv"])
def test_former_filter_value_leads_a_file_to_the_present_one(path):
    city = make_city(slug="shantou")
    remember_slug(instance=city, former="swatow")
    response = Client().get(f"/zh-hans/recommendations/{path}?city=swatow&q=a")
    assert response.status_code == 301
    assert response["Location"] == f"/zh-hans/recommendations/{path}?city=shantou&q=a"


def test_head_has_the_headers_and_no_body():
    make_recommendation()
    response = Client().head("/recommendations/export.csv?basis=stated")
    assert response.status_code == 200
    assert response["Content-Disposition"].endswith('.csv"')
    assert list(response.streaming_content) == []


def taken(path):
    response = Client().get(f"/recommendations/{path}")
    assert response.status_code == 200, path
    return b"".join(response.streaming_content)


def test_every_form_holds_the_same_entries_in_the_same_order(monkeypatch):
    monkeypatch.setattr(export, "BATCH", 3)
    made = make_entries({"basis": "implied" if n % 2 else "stated"} for n in range(14))
    slugs = [entry.slug for entry in made if entry.basis == "stated"]
    query = "?basis=stated&sort=number"
    assert [row["slug"] for row in rows(query)] == slugs
    whole = json.loads(taken(f"export.json{query}"))
    assert [row["slug"] for row in whole["results"]] == slugs
    assert whole["licence"] == "CC BY 4.0"
    assert whole["provenance"]
    lines = taken(f"export.jsonl{query}").decode().splitlines()
    assert [json.loads(line)["slug"] for line in lines] == slugs
    for kind, mark in (("ris", "UR  - "), ("bib", "url = {"), ("md", "Permalink: <")):
        text = taken(f"export.{kind}{query}").decode()
        found = re.findall(rf"(?m){re.escape(mark)}http://testserver/recommendations/(n\d+)/", text)
        assert found == slugs, kind
        assert "CC BY 4.0" in text
    assert "条目0" in taken("export.ris?lang=zh-Hans").decode()
    ris = taken(f"export.ris{query}")
    assert ris.count(b"\n") == ris.count(b"\r\n")


def test_workbook_is_typed_frozen_filtered_linked_and_runs_no_text():
    entry = make_recommendation(slug="one", number=7, title_en="=1+1", reviewed_on=dt.date(2026, 1, 2))
    book = ZipFile(io.BytesIO(taken("export.xlsx?columns=number,title_en,url,reviewed_on&lang=en")))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert '<pane ySplit="1"' in sheet
    assert "<autoFilter " in sheet
    assert "<v>7</v>" in sheet
    assert "<v>46024</v>" in sheet  # 2 January 2026
    assert '<f>HYPERLINK("http://testserver/recommendations/one/")</f>' in sheet
    assert sheet.count("<f>") == 1
    assert f"<t>{entry.title_en}</t>" in sheet
    assert "CC BY 4.0" in book.read("xl/worksheets/sheet2.xml").decode()
    assert taken("export.xlsx") == taken("export.xlsx")
    assert "<t>cut</t>" not in book.read("xl/worksheets/sheet2.xml").decode()


def test_a_workbook_says_what_it_cannot_hold(monkeypatch):
    monkeypatch.setattr(export_files, "MAX_CELL", 50)
    monkeypatch.setattr(export_files, "MAX_ROWS", 3)
    for _ in range(3):
        make_recommendation(title_en="x" * 51)
    book = ZipFile(io.BytesIO(taken("export.xlsx?columns=title_en&lang=en")))
    mark = "… [cut here: a cell holds no more]"
    sheet, about = (book.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2))
    assert sheet.count(f"<t>{'x' * (50 - len(mark))}{mark}</t>") == 2
    assert "x" * 50 not in sheet
    assert "texts are longer" in about
    assert "A sheet holds no more rows" in about


def test_columns_and_languages_are_chosen_and_unknown_ones_refused():
    make_recommendation(slug="one")
    head = list(rows("?columns=title_zh_hans&columns=number&lang=zh-Hans")[0])
    assert head == ["number", "slug", "title_zh_hans", "provenance", "licence"]
    for query in ("columns=title_en,number&lang=zh-Hans", "lang=zh&lang=en", "sort=title&sort=number"):
        refused = Client().get(f"/recommendations/export.csv?{query}")
        assert (refused.status_code, len(refused.content.decode().splitlines())) == (400, 1), query
    for kind in FORMS:
        refused = Client().get(f"/recommendations/export.{kind}?columns=colour&lang=fr&pillar=nonsense")
        assert refused.status_code == 400
        assert len(refused.content.decode().splitlines()) == 3
    (chinese,) = rows("?lang=zh")
    assert re.search(r"[\u4e00-\u9fff]", chinese["provenance"])
    assert chinese["url"] == "http://testserver/zh-hans/recommendations/one/"
    assert "编辑" in json.loads(taken("export.json?lang=zh-Hans"))["provenance"]
    for kind in ("ris", "bib", "md"):
        refused = Client().get(f"/recommendations/export.{kind}?columns=title_en&lang=both")
        assert (refused.status_code, len(refused.content.decode().splitlines())) == (400, 2), kind
    assert taken("export.csv?columns=title_zh_hans&lang=zh") == taken("export.csv?columns=title_zh_hans&lang=zh-Hans")


def test_a_file_without_entries_says_what_it_is():
    make_recommendation(basis="stated")
    for kind in FORMS:
        if kind not in {"csv", "xlsx", "ris"}:
            assert "CC BY 4.0" in taken(f"export.{kind}?basis=inferred").decode(), kind
    (line,) = taken("export.jsonl?basis=inferred").decode().splitlines()
    assert set(json.loads(line)) == {"title", "provenance", "licence"}
    assert taken("export.ris?basis=inferred") == b""


def test_a_moment_is_written_in_one_way_everywhere():
    moment = dt.datetime(2026, 1, 5, 20, 0, 0, 123_456, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    make_recommendation(slug="one", at=moment)
    said = "2026-01-05T12:00:00.123Z"
    assert Client().get("/api/v1/recommendations/one/").json()["changed_at"] == said
    assert rows()[0]["changed_at"] == said
    assert json.loads(taken("export.jsonl"))["changed_at"] == said
    assert said in Client().get("/recommendations/one.md").content.decode()
    assert said in Client().get("/catalog.jsonld").content.decode()
    book = ZipFile(io.BytesIO(taken("export.xlsx?columns=changed_at")))
    assert re.search(r"<v>46027\.5000014", book.read("xl/worksheets/sheet1.xml").decode())  # noon in UTC
    assert "&quot;UTC&quot;" in book.read("xl/styles.xml").decode()
    assert "in UTC" in book.read("xl/worksheets/sheet2.xml").decode()


@pytest.mark.django_db(transaction=True)
def test_a_file_that_did_not_change_is_not_made_again():
    entry = make_recommendation(slug="one")
    client = Client()
    names = set()
    for path in [f"recommendations/export.{kind}" for kind in FORMS] + ["zh-hans/recommendations/export.csv"]:
        first = client.get(f"/{path}")
        assert first["ETag"].startswith('W/"')
        names.add(first["ETag"])
        again = client.get(f"/{path}", headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.head(f"/{path}")["ETag"] == first["ETag"]
        assert client.get(f"/{path}?basis=stated")["ETag"] != first["ETag"]
    assert len(names) == len(FORMS) + 1
    Recommendation.objects.filter(pk=entry.pk).update(title_en="Another")
    assert client.get(f"/{path}", headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.long
def test_many_rows_take_no_more_memory_than_some():
    make_entries({"summary_en": "A sentence. " * 20} for _ in range(8_000))

    def peak(kind, count):
        entries = Recommendation.objects.published().filter(number__lte=count)
        filterset, data = RecommendationFilterSet(queryset=entries), QueryDict()
        tracemalloc.start()
        for _piece in FORMS[kind].write(filterset, Shape.read(data), "http://testserver"):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    for kind in FORMS:
        peak(kind, 10)  # what is loaded once is no growth
        some = peak(kind, 1_000)
        assert peak(kind, 8_000) < some * 1.1 + 7_000 * 16, kind  # eight bytes an id, and room to grow
