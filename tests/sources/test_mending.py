"""An editor who added a source puts it right as long as nothing that readers see rests on it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from recommendations.models import Recommendation
from tests.desk import Form, open_form, sign_in
from tests.factories import make_evidence, make_recommendation, make_section, make_source, make_update

pytestmark = pytest.mark.django_db


def address(thing):
    return reverse(f"admin:sources_{thing._meta.model_name}_change", args=[thing.pk])


def test_an_editor_puts_a_new_source_right_until_something_published_rests_on_it():
    section = make_section(source=make_source(title_en="Harbor news"))
    source = section.source
    entry = make_recommendation(state="draft")
    make_evidence(recommendation=entry, section=section)
    editor = sign_in("editor")
    form = open_form(editor, address(source))
    form["title_en"], form["sections-0-title_en"] = "Harbour news", "Quays"
    assert form.press("_save").status_code == 302
    source.refresh_from_db()
    section.refresh_from_db()
    assert (source.title_en, section.title_en) == ("Harbour news", "Quays")
    assert "_save" in open_form(editor, address(section)).buttons
    form = open_form(editor, address(source))
    form["title_en"] = "Harbour press"
    Recommendation.objects.filter(pk=entry.pk).update(state="archived")  # readers saw it
    for _again in range(2):
        form = Form(editor, form.url, form.press("_save"))
        assert "rests on it by now" in form.errors[0]
        assert form["title_en"] == "Harbour press"
    source.refresh_from_db()
    assert source.title_en == "Harbour news"
    assert "_save" not in open_form(editor, address(source)).buttons
    assert "_save" not in open_form(editor, address(section)).buttons
    assert editor.post(address(source), {"title_en": "Other"}).status_code == 403
    assert "_save" in open_form(sign_in("reviewer"), address(source)).buttons
    assert "_save" not in open_form(sign_in("auditor"), address(make_source())).buttons


def test_a_published_update_rests_on_its_source_and_a_draft_does_not():
    draft, shown = make_update(is_published=False, source=make_source()), make_update()
    assert (draft.source.is_relied_on, shown.source.is_relied_on) == (False, True)
