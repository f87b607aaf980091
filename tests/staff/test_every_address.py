"""Every address of the desk against every role: what each may open, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from common.slugs import remember_slug
from staff import audit
from staff.choices import Act
from tests import factories
from tests.desk import make_colleague, sign_in

pytestmark = pytest.mark.django_db

ROLES = ("editor", "reviewer", "administrator", "auditor", "superuser", "nobody")
WRITERS = {"editor", "reviewer", "administrator", "superuser"}
EVERYBODY = set(ROLES)
READERS = EVERYBODY - {"nobody"}
DECIDERS = {"reviewer", "administrator", "superuser"}
OFFICE = {"administrator", "auditor", "superuser"}

#: Model → verb → who may. Anything else follows ``SHOWN``: readers see it at once, so that to change it is to publish.
SHOWN = {"view": READERS, "add": DECIDERS, "change": DECIDERS, "delete": {"superuser"}}
#: To cite: a new one changes nothing that is published. An update is drafted; the one here readers see.
ADDED = SHOWN | {"add": WRITERS}
KEPT = {"view": READERS, "add": set(), "change": set(), "delete": set()}
MODELS: dict[str, dict[str, set[str]]] = {
    "recommendations_recommendation": {"view": READERS, "add": WRITERS, "change": WRITERS, "delete": set()},
    "sources_source": ADDED,
    "sources_sourcesection": ADDED,
    "progress_update": ADDED,
    "recommendations_entryversion": KEPT,
    "recommendations_evidence": KEPT,
    "recommendations_import": KEPT | {"add": WRITERS},  # the page of an upload
    "common_formerslug": KEPT,
    "staff_auditentry": KEPT | {"view": OFFICE},
    "auth_user": {
        "view": OFFICE,
        "add": {"administrator", "superuser"},
        "change": {"administrator", "superuser"},
        "delete": {"superuser"},
    },
    "auth_group": {"view": OFFICE, "add": {"superuser"}, "change": {"superuser"}, "delete": {"superuser"}},
}
VERBS = {"changelist": "view", "change": "view", "history": "view", "add": "add", "delete": "delete"}

#: What only the one who uploaded a file does with it.
OWNERS_ACTS = ("map", "confirm", "mend", "mended", "cancel", "continue", "rejects", "take-out")
#: Address → who may open it, where it is none of a model's five.
OTHERS = {
    "recommendations_recommendation_start-copy": WRITERS,
    "recommendations_recommendation_discard": DECIDERS,  # or who made it
    "recommendations_recommendation_archive": DECIDERS,
    "recommendations_recommendation_unarchive": DECIDERS,
    "recommendations_recommendation_schedule": DECIDERS,
    "recommendations_recommendation_preview": READERS,
    "recommendations_recommendation_review": READERS,
    "recommendations_recommendation_compare": READERS,
    "recommendations_recommendation_restore": WRITERS,
    "recommendations_recommendation_check": WRITERS,
    "recommendations_recommendation_share": WRITERS,
    "recommendations_recommendation_bulk": WRITERS,
    "recommendations_recommendation_bulk_done": WRITERS,
    "recommendations_import_undo": WRITERS,
    "recommendations_import_template": WRITERS,
    "recommendations_import_entries": WRITERS,
    **{f"recommendations_import_{act}": set() for act in OWNERS_ACTS},  # it is somebody else's
    "auth_user_password_change": {"administrator", "superuser"},
    "auth_user_reset_factor": {"administrator", "superuser"},
}
#: What every member of staff may open, for it is about themselves or shows by itself only what they may see.
OWN = {
    *("admin:index", "admin:login", "admin:logout", "admin:password_change", "admin:password_change_done"),
    *("admin:jsi18n", "admin:autocomplete", "admin:app_list", "admin:view_on_site"),
    *("staff:account", "staff:verify", "staff:set_up", "staff:qr", "staff:remove", "staff:new_codes", "staff:end"),
    "staff:language",
}
#: Answered only when something is sent.
SENT = {
    *("admin:recommendations_recommendation_start-copy", "staff:end"),
    "admin:recommendations_recommendation_bulk",
    *(f"admin:recommendations_import_{act}" for act in OWNERS_ACTS if act != "rejects"),
}
REFUSED = 403


def names() -> list[str]:
    """The name of every address under the desk that has one."""
    return sorted(set(_named(get_resolver().url_patterns, "")))


def _named(found: list[URLPattern | URLResolver], namespace: str) -> Iterator[str]:
    for pattern in found:
        if isinstance(pattern, URLResolver):
            yield from _named(pattern.url_patterns, pattern.namespace or namespace)
        elif namespace in {"admin", "staff"} and pattern.name:
            yield f"{namespace}:{pattern.name}"


def parts(name: str) -> tuple[str, str] | None:
    """The model and the page that ``name`` is of, where it is one of a model's five."""
    model, _, page = name.removeprefix("admin:").rpartition("_")
    return (model, page) if page in VERBS and model.count("_") == 1 and name.startswith("admin:") else None


def test_who_may_open_it_is_known_of_every_address():
    unknown = [n for n in names() if not parts(n) and n not in OWN and n.removeprefix("admin:") not in OTHERS]
    assert unknown == [], "say in OTHERS or OWN who may open it"
    assert {name.removeprefix("admin:") for name in names()} > set(OTHERS)


@pytest.fixture
def objects(db: None) -> dict[str, Any]:
    """One object of each model that has pages."""
    entry = factories.make_recommendation(state="draft")
    factories.make_evidence(recommendation=entry)
    live = factories.make_recommendation()
    region = factories.make_region()
    city = factories.make_city(region=region)
    remember_slug(instance=live, former="former")
    section = factories.make_section()
    factories.make_evidence(recommendation=live, section=section)  # or an editor could put it right
    return {
        "recommendations_recommendation": entry,
        "recommendations_entryversion": live.versions.get(),
        "recommendations_evidence": entry.evidence.first(),
        "recommendations_import": factories.make_import(state="done", versions_made=1),
        "pillars_report": entry.report,
        "pillars_pillar": entry.pillar,
        "cities_region": region,
        "cities_city": city,
        "cities_area": factories.make_area(members=[]),
        "themes_vocabulary": factories.make_vocabulary(),
        "themes_term": factories.make_term(),
        "themes_glossaryentry": factories.make_glossary_entry(),
        "themes_wordgroup": factories.make_word_group(),
        "sources_source": section.source,
        "sources_sourcesection": section,
        "progress_checkpoint": factories.make_checkpoint(),
        "progress_update": factories.make_update(entries=[live], status="adopted"),
        "common_formerslug": apps.get_model("common.FormerSlug").objects.get(),
        "auth_user": make_colleague("editor"),
        "auth_group": Group.objects.get(name="Editors"),
        "staff_auditentry": audit.record(actor=None, act=Act.IMPORT, at=timezone.now()),
        "copy": factories.make_working_copy(factories.make_recommendation(), title_en="Other"),
        "live": live,
        "archived": factories.make_recommendation(state="archived"),
        "bulk": apps.get_model("recommendations.BulkChange").objects.create(kind="reviewed"),
    }


def address(name: str, objects: dict[str, Any]) -> str:
    """The address ``name`` for one of the objects."""
    plain = name.removeprefix("admin:")
    if page := parts(name):
        return reverse(name, args=[objects[page[0]].pk] if page[1] in {"change", "history", "delete"} else [])
    if plain.startswith("recommendations_recommendation_"):
        which = {"discard": "copy", "archive": "live", "start-copy": "live", "preview": "copy", "restore": "live"}
        act = plain.removeprefix("recommendations_recommendation_")
        if act in {"bulk", "bulk_done"}:
            return reverse(name, args=[objects["bulk"].pk] if act == "bulk_done" else [])
        which |= {"unarchive": "archived", "review": "copy", "compare": "live", "share": "copy"}
        pk = objects[which.get(act, "recommendations_recommendation")].pk
        return reverse(name, args=[pk, objects["live"].versions.get().number] if act == "restore" else [pk])
    if plain.startswith("recommendations_import_"):
        form = {"template": ["csv"], "entries": ["csv"], "rejects": [objects["recommendations_import"].pk, "csv"]}
        return reverse(name, args=form.get(plain.rpartition("_")[2], [objects["recommendations_import"].pk]))
    return reverse(name, args=[objects["auth_user"].pk])


def send(client: Client, name: str, where: str) -> Any:
    return client.post(where) if name in SENT else client.get(where)


@pytest.fixture
def _unrendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are empty: whether they are given is asked here, and other tests read them."""
    monkeypatch.setattr(TemplateResponse, "rendered_content", "")


@pytest.mark.usefixtures("_unrendered")
@pytest.mark.parametrize("role", ROLES)
def test_every_address_opens_to_those_who_may_and_to_nobody_else(objects, role):
    client = sign_in(role)
    wrong = []
    for name in set(names()) - OWN:
        page = parts(name)
        allowed = MODELS.get(page[0], SHOWN)[VERBS[page[1]]] if page else OTHERS[name.removeprefix("admin:")]
        status = send(client, name, address(name, objects)).status_code
        if (status != REFUSED) != (role in allowed) or status == 404:
            wrong.append((name, status))
        if page and page[1] in {"add", "change"}:
            may_write = role in MODELS.get(page[0], SHOWN)[page[1]]
            status = client.post(address(name, objects), {}).status_code
            if (status != REFUSED) != may_write:
                wrong.append((f"POST {name}", status))
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_what_is_about_oneself_opens_to_all_staff(db, role):
    client = sign_in(role)
    for name in OWN - {"admin:app_list", "admin:view_on_site", "admin:autocomplete"}:
        status = client.get(reverse(name)).status_code
        assert status in {200, 302, 404, 405}, name  # 404: no secret is being set up; 405: only ever sent
    for app in ("recommendations", "auth", "staff"):
        sees = role in (READERS if app == "recommendations" else OFFICE)
        assert client.get(reverse("admin:app_list", args=[app])).status_code == (200 if sees else 404)


def test_strangers_are_led_to_the_sign_in_from_everywhere(objects):
    client = Client()
    for name in set(names()) - {
        "admin:login",
        "admin:logout",
        "admin:app_list",
        "admin:view_on_site",
        "staff:language",
    }:
        where = reverse(name) if name in OWN else address(name, objects)
        answer: Any = send(client, name, where)
        assert answer.status_code == 302, name
        assert answer.url.startswith("/admin/login/"), name
