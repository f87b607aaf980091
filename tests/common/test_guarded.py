"""Two people at one form of what entries rest on: the second to save writes over nobody's words, unseen."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from cities.models import City
from common.overtaken import unpacked
from progress.models import Checkpoint, Update
from tests.desk import Form, make_colleague, open_form
from tests.factories import (
    MOMENT,
    make_area,
    make_checkpoint,
    make_city,
    make_glossary_entry,
    make_pillar,
    make_recommendation,
    make_report,
    make_section,
    make_source,
    make_term,
    make_update,
    make_vocabulary,
    make_word_group,
)
from tests.html import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Client:
    return client_of(make_colleague("reviewer", username="ada"))


@pytest.fixture
def ben() -> Client:
    return client_of(make_colleague("reviewer", username="ben"))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(thing: Model) -> str:
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])


def saved(client: Client, thing: Model, **typed: Any) -> None:
    """Somebody opens the form of ``thing``, types and saves."""
    form = open_form(client, address(thing))
    for name, value in typed.items():
        form[name.replace("__", "-")] = value
    assert form.press("_save").status_code == 302


def parts(form: Form) -> dict[str, list[str]]:
    """Field → it was, saved meanwhile, you typed."""
    found = {}
    for section in form.root.iter("section"):
        if section.get("class") == "compared":
            sides = [text_of(p) for p in section.iter("p") if "choices" not in (p.get("class") or "")]
            found[text_of(next(section.iter("h3")))] = sides
    return found


def test_second_to_save_is_shown_field_by_field_and_keeps_what_they_typed(ada, ben):
    city = make_city(name_en="Guangzhou", name_zh_hans="广州", code="4401")
    form = open_form(ben, address(city))
    saved(ada, city, name_en="Canton", code="440100")
    form["name_en"] = "Guangzhou City"
    form["full_name_zh_hans"] = "广州市"
    answer = Form(ben, form.url, form.press("_save"))
    assert City.objects.get(pk=city.pk).name_en == "Canton"
    assert "ada saved this while you were editing it" in answer.errors[0]
    nothing = "Nothing here: the form has what was saved."
    assert parts(answer) == {
        "Name (English)": ["Guangzhou", "Canton", "Guangzhou City"],
        "Code": ["4401", "440100", nothing],
    }
    assert (answer["name_en"], answer["code"], answer["full_name_zh_hans"]) == ("Guangzhou City", "440100", "广州市")
    assert answer.press("_save").status_code == 302  # once seen, theirs is the word
    city.refresh_from_db()
    assert (city.name_en, city.code, city.full_name_zh_hans) == ("Guangzhou City", "440100", "广州市")


def test_what_was_saved_is_taken_by_a_press_that_saves_nothing(ada, ben):
    city = make_city(name_en="Guangzhou")
    form = open_form(ben, address(city))
    saved(ada, city, name_en="Canton")
    form["name_en"] = "Guangzhou City"
    answer = Form(ben, form.url, form.press("_save"))
    answer.buttons["_take"] = "name_en"
    taken = Form(ben, form.url, answer.press("_take"))
    assert taken["name_en"] == "Canton"
    assert "Nothing is saved yet" in taken.errors[0]
    assert parts(taken)["Name (English)"][:2] == ["Guangzhou", "Canton"]
    saved(ada, city, name_en="Third")
    assert taken.press("_save").status_code == 200  # and a third save is not written over either
    assert City.objects.get(pk=city.pk).name_en == "Third"


def test_rows_of_a_thing_are_kept_and_shown_like_its_fields(ada, ben):
    stays, goes, comes, mine = (make_recommendation(title_en=name) for name in ("Stays", "Goes", "Comes", "Mine"))
    update = make_update(entries=[stays, goes], status="adopted")
    form = open_form(ben, address(update))
    theirs = open_form(ada, address(update))
    theirs["effects-0-status"] = "in-progress"
    theirs["effects-1-DELETE"] = "on"
    theirs.add_row("effects", recommendation=comes.pk, status="set-aside")
    assert theirs.press("_save").status_code == 302
    form["summary_en"] = "Typed by Ben"
    form.add_row("effects", recommendation=mine.pk, status="implemented")
    again, answer = form.press_again("_save")
    assert f"Effect of an update ({update}: {stays}): Status after it" in parts(again)
    assert len(parts(again)) == 5  # one changed, two of the row that went, two of the one that came
    assert answer.status_code == 302
    rows = {effect.recommendation.title_en: effect.status for effect in update.effects.all()}
    assert rows == {"Stays": "in-progress", "Comes": "set-aside", "Mine": "implemented"}
    assert Update.objects.get(pk=update.pk).summary_en == "Typed by Ben"


def test_a_row_that_was_taken_out_meanwhile_comes_back_where_something_was_typed_in_it(ada, ben):
    entry = make_recommendation()
    update = make_update(entries=[entry], status="adopted")
    form = open_form(ben, address(update))
    saved(ada, update, effects__0__DELETE="on")
    form["effects-0-status"] = "implemented"
    _again, answer = form.press_again("_save")
    assert answer.status_code == 302
    assert update.effects.get().status == "implemented"


def test_several_choices_and_ticks_follow_too(ada, ben):
    one, two = make_recommendation(), make_recommendation()
    step = make_checkpoint()
    step.recommendations.set([one])
    form = open_form(ben, address(step))
    saved(ada, step, recommendations=[one.pk, two.pk], state="done")
    form["title_en"] = "Typed"
    again, answer = form.press_again("_save")
    assert parts(again)["Recommendations"][:2] == [str(one), f"{one}, {two}"]
    assert answer.status_code == 302
    step = Checkpoint.objects.get(pk=step.pk)
    assert (step.recommendations.count(), step.state, step.title_en) == (2, "done", "Typed")


def test_no_form_is_refused_where_nobody_else_saved(ada):
    """Whatever it is of, and also where the language was changed while it was open."""
    things = [
        *(
            make_report(published_on=MOMENT.date()),
            make_pillar(),
            make_vocabulary(),
            make_term(),
            make_glossary_entry(),
        ),
        *(make_city(latitude=23.1, longitude=113), make_area(members=[make_city()]), make_word_group(words="a\nb")),
        *(make_source(retrieved_on=MOMENT.date()), make_section(), make_checkpoint()),
        make_update(entries=[make_recommendation()], summary_en="Two\r\n\r\nparagraphs"),
    ]
    for thing in things:
        form = open_form(ada, address(thing))
        answer = ada.post(form.url, form.fields, headers={"accept-language": "zh-CN"})
        assert answer.status_code == 302, thing


def test_a_name_in_both_languages_keeps_both(ada):
    city = make_city(name_en="Guangzhou", name_zh_hans="广州")
    form = open_form(ada, address(city))
    form["name_zh_hans"] = ""
    assert Form(ada, form.url, form.press("_save")).errors == ["Readers need it in both languages."]
    new = open_form(ada, reverse("admin:themes_term_add"))
    new["vocabulary"], new["label_en"], new["slug"] = make_vocabulary().pk, "Grants", "grants"
    assert Form(ada, new.url, new.press("_save")).errors == ["Readers need it in both languages."]
    loaded = make_city(name_zh_hans="")  # what came without one is edited like anything else
    saved(ada, loaded, code="1")


def test_accounts_and_groups_are_guarded_and_no_digest_of_a_password_is_carried_along():
    chief, other = (client_of(make_colleague("superuser", username=name)) for name in ("chief", "other"))
    account = make_colleague("editor")
    form = open_form(chief, address(account))
    assert account.password not in form["opened"]
    saved(other, account, groups=[])
    form["first_name"] = "Eve"
    again, answer = form.press_again("_save")
    assert parts(again)["Groups"][:2] == ["Editors", "–"]
    assert answer.status_code == 302
    account.refresh_from_db()
    assert (account.first_name, account.groups.count()) == ("Eve", 0)
    group = Group.objects.get(name="Editors")
    assert "permissions" in unpacked(open_form(chief, address(group))["opened"])


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_moment_one_is_refused():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite's test database is in memory and shared: its threads take turns by an error, not a wait")
    update = make_update(entries=[make_recommendation()], status="adopted")
    clients = [client_of(make_colleague("reviewer", username=f"at-once-{n}")) for n in range(2)]
    forms = [open_form(client, address(update)) for client in clients]
    start, codes = threading.Barrier(len(forms)), []

    def save(form: Form, status: str) -> None:
        form["effects-0-status"] = status
        start.wait(timeout=30)
        codes.append(form.press("_save").status_code)
        connection.close()

    threads = [
        threading.Thread(target=save, args=pair) for pair in zip(forms, ("in-progress", "implemented"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(codes) == [200, 302]
