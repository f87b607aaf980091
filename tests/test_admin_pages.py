"""Every page of the desk, for every role."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from common.keeping import KeptApart
from common.slugs import remember_slug
from recommendations.models import EntryVersion, Evidence, Recommendation
from tests.desk import sign_in, tree
from tests.factories import make_import, make_recommendation, make_update, make_working_copy
from tests.html import text_of

pytestmark = pytest.mark.django_db

ROOMS = {"common", "sources", "pillars", "cities", "themes", "recommendations", "progress"}
#: Kept by the product itself: seen at the desk, never written there.
READ_ONLY = {
    "recommendations.entryversion",
    "recommendations.evidence",
    "recommendations.import",
    "common.formerslug",
}
#: Begun by an upload, and kept by the product from then on.
UPLOADED = "recommendations.import"
#: Written or shown as a part of something else.
NO_PAGES_OF_THEIR_OWN = {
    "cities.membership",
    "recommendations.bulkchange",
    "recommendations.citylink",
    "recommendations.coverage",
    "recommendations.posting",
    "recommendations.searchtext",
    "recommendations.searchword",
    "recommendations.settledcopy",
    "recommendations.importpiece",
    "recommendations.importrow",
    "common.contentchange",
    "common.contentversion",
    "progress.statuschange",
    "progress.updateeffect",
    "sources.phrasecheck",
}
OURS = {model._meta.label_lower: model for model in admin.site._registry if model._meta.app_label in ROOMS}


def url(label: str, page: str, *args: Any) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{page}", args=args)


@pytest.fixture
def every_state(db: None) -> None:
    """An entry in every state, and one with a pending copy."""
    for state in ("draft", "in-review", "archived", "published"):
        make_recommendation(state=state)
    make_working_copy(make_recommendation(), title_en="Pending")


@pytest.fixture
def everything(content: None, every_state: None) -> None:
    """The real content, entries in every state, an update, a former slug, and an import that is done."""
    make_update(entries=Recommendation.objects.published(), status="adopted")
    remember_slug(instance=make_recommendation(slug="now"), former="before")
    make_import(state="done")


def addresses(label: str) -> dict[str, str]:
    """Page → address, for the first object of a model."""
    first = OURS[label]._default_manager.order_by("pk").values_list("pk", flat=True)[0]
    pages = {"changelist": url(label, "changelist"), "add": url(label, "add")}
    return pages | {page: url(label, page, first) for page in ("change", "history", "delete")}


def test_every_model_has_its_place_at_the_desk():
    models = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
    known = {model._meta.label_lower for model in models if not issubclass(model, KeptApart)}
    assert known == set(OURS) | NO_PAGES_OF_THEIR_OWN


def test_index_and_lists_show_a_role_what_it_may_see_and_no_more(everything):
    def places(role: str) -> set[str]:
        html = sign_in(role).get(reverse("admin:index")).content.decode()
        return set(re.findall(r'href="/admin/(\w+/\w+)/"', html)) - {"password_change"}

    ours = {label.replace(".", "/") for label in OURS}
    assert places("editor") == places("reviewer") == ours
    accounts = {"auth/user", "auth/group", "staff/auditentry"}
    assert places("superuser") == places("administrator") == places("auditor") == ours | accounts
    assert places("nobody") == set()


@pytest.mark.parametrize("role", ["superuser", "editor"])
def test_every_entry_opens_whatever_its_state(every_state, role):
    client = sign_in(role)
    states = set()
    for entry in Recommendation.objects.order_by("pk"):
        response = client.get(url("recommendations.recommendation", "change", entry.pk))
        if entry.working_copy_of_id is None and hasattr(entry, "working_copy") and role == "superuser":
            assert response.url == url("recommendations.recommendation", "change", entry.working_copy.pk)
            continue
        assert response.status_code == 200, entry
        states.add((entry.state, bool(entry.working_copy_of_id)))
    assert states == {
        ("draft", False),
        ("in-review", False),
        ("published", False),
        ("archived", False),
        ("draft", True),
    }


def answers(client: Client) -> list[tuple[str, Any]]:
    """Pages of every kind, with what they answer."""
    found = [reverse("admin:index"), reverse("admin:password_change")]
    for label in OURS:
        left_out = {"delete", "add"} if label in READ_ONLY else {"delete"}
        found += [address for page, address in addresses(label).items() if page not in left_out]
    entries = "recommendations.recommendation"
    copy = Recommendation.objects.get(working_copy_of__isnull=False)
    live = Recommendation.objects.published().filter(working_copy=None).order_by("pk")[0]
    found += [url(entries, page, copy.pk) for page in ("change", "discard")]
    found += [url(entries, "archive", live.pk), addresses("cities.region")["delete"], reverse("admin:auth_user_add")]
    return [(address, client.get(address)) for address in found]


def check_policy(address: str, response: Any, root: Any) -> None:
    """Nothing inline, and nothing from elsewhere."""
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    for name, value in policy.items():
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:"} & set(value.split()), (address, name)
        assert "nonce" not in value, (address, name)
    for element in root.iter():
        names = set(element.attrib)
        assert not {name for name in names if str(name).startswith("on") or name == "style"}, address
        if element.tag in {"script", "style"} and (element.text or "").strip():
            assert element.get("type") == "application/json", address  # data for a script is not run
        loaded = element.get("src") or (element.get("href") if element.tag == "link" else "")
        assert not loaded or loaded.startswith(("/static/", "/admin/")), (address, loaded)


def check_desk(address: str, root: Any) -> None:
    """It is the site's own desk and links back to the site."""
    assert "Guangdong 32" in text_of(next(root.iter("title"))), address
    links = {a.get("href") for a in root.iter("a")}
    if address != reverse("admin:password_change"):  # Django's own page leaves the link out
        assert reverse("recommendations:home") in links, address
    sheets = [link.get("href") for link in root.iter("link") if link.get("rel") == "stylesheet"]
    assert sheets[-1] == "/static/css/admin.css", address


def test_every_page_is_the_sites_own_desk_under_a_strict_policy(everything):
    for address, response in [*answers(sign_in("superuser")), ("login", Client().get(reverse("admin:login")))]:
        if address == addresses("recommendations.entryversion")["change"]:
            assert "/compare/?to=" in response.url  # it is read among the versions of its entry
            continue
        assert response.status_code == 200, address
        root = tree(response.content.decode())
        check_policy(address, response, root)
        check_desk(address, root)


def test_desk_speaks_the_language_the_browser_wishes():
    client = sign_in("editor")
    for wish, lang in (("zh-CN,zh;q=0.9,en;q=0.1", "zh-hans"), ("en", "en")):
        root = tree(client.get(reverse("admin:index"), headers={"accept-language": wish}).content.decode())
        assert root.get("lang") == lang


def test_lists_cost_the_same_queries_however_many_rows(everything, django_assert_max_num_queries):
    client = sign_in("editor")
    for label in OURS:
        # Session, account, permissions (twice), the counts, the rows, the filters' choices.
        with django_assert_max_num_queries(16):
            assert client.get(url(label, "changelist")).status_code == 200


def test_texts_in_two_languages_say_which_they_are_in(everything):
    root = tree(sign_in("superuser").get(addresses("cities.city")["change"]).content.decode())
    langs = {e.get("name"): e.get("lang") for e in root.iter("input") if e.get("name")}
    assert (langs["name_en"], langs["name_zh_hans"], langs["slug"]) == ("en", "zh-Hans", None)


# What the product keeps by itself ------------------------------------------------------------------------------


def test_versions_and_evidence_are_not_written_at_the_desk(everything):
    client = sign_in("superuser")
    before = [(model, model._default_manager.count()) for model in (EntryVersion, Evidence, User)]
    for label in READ_ONLY:
        for page in {"add", "change", "delete"} - ({"add"} if label == UPLOADED else set()):
            assert client.post(addresses(label)[page], {"post": "yes"}).status_code == 403, (label, page)
        client.post(url(label, "changelist"), {"action": "delete_selected", "_selected_action": ["1"], "post": "yes"})
    assert [(model, model._default_manager.count()) for model, _count in before] == before


def test_evidence_of_working_copies_is_not_listed_twice(everything):
    response = sign_in("editor").get(url("recommendations.evidence", "changelist"), {"all": ""})
    entries = {row.recommendation for row in response.context["cl"].queryset}
    assert entries
    assert not [entry for entry in entries if entry.working_copy_of_id]
