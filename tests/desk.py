"""Editors at their desk: signed-in clients, and forms filled in and sent as a browser would."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from recommendations.models import Recommendation
from tests.factories import make_staff, make_user
from tests.html import classes, text_of

ROLES = {
    "editor": ["Editors"],
    "reviewer": ["Reviewers"],
    "administrator": ["Administrators"],
    "auditor": ["Auditors"],
}


def make_colleague(role: str, **overrides: Any) -> User:
    """A member of staff: a role, ``superuser``, or ``nobody`` who is in no group."""
    if role == "superuser":
        return make_user(is_staff=True, is_superuser=True, **overrides)
    user = make_staff(**overrides)
    if role in ROLES:
        call_command("make_groups", verbosity=0)
        user.groups.set(Group.objects.filter(name__in=ROLES[role]))
    return user


def sign_in(role: str, **overrides: Any) -> Client:
    """The browser of a colleague."""
    client = Client()
    client.force_login(make_colleague(role, **overrides))
    return client


def tree(html: str) -> Element:
    """The tree of a page of the desk, read as leniently as browsers do: Django's own pages are not all strict."""
    root: Element = html5lib.parse(html, namespaceHTMLElements=False)
    return root


def admin_url(page: str, *args: Any) -> str:
    """The address of a page of entries at the desk: ``change``, ``add``, ``preview`` …"""
    return reverse(f"admin:recommendations_recommendation_{page}", args=args)


@dataclass
class Form:
    """A form as it stands on a page; ``fields`` is what pressing a button would send."""

    client: Client
    url: str
    response: Any
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = tree(self.response.content.decode())
        found = [form for form in self.root.iter("form") if form.get("id", "").endswith("_form")]
        assert found, text_of(self.root)[:500]
        for element in found[0].iter():
            self._read(element)

    def _read(self, element: Element) -> None:
        name = element.get("name", "")
        kind = element.get("type", "text")
        if element.tag == "input" and kind == "submit":
            self.buttons[name] = element.get("value", "")
        elif element.tag == "input" and name and (kind not in {"checkbox", "radio"} or "checked" in element.attrib):
            self.fields.setdefault(name, []).append(element.get("value", "on" if kind == "checkbox" else ""))
        elif element.tag == "textarea" and name:
            # The first line break after the tag is not part of the text.
            self.fields.setdefault(name, []).append((element.text or "").removeprefix("\n"))
        elif element.tag == "select" and name:
            options = list(element.iter("option"))
            chosen = [option.get("value", "") for option in options if "selected" in option.attrib]
            if not chosen and "multiple" not in element.attrib and options:
                chosen = [options[0].get("value", "")]
            if chosen:
                self.fields[name] = chosen

    def __getitem__(self, name: str) -> str:
        return self.fields[name][0]

    def __setitem__(self, name: str, value: Any) -> None:
        self.fields[name] = [str(v) for v in value] if isinstance(value, list) else [str(value)]

    def add_row(self, prefix: str, **values: Any) -> None:
        """Fill in one more row, as the page's script adds it."""
        total = int(self[f"{prefix}-TOTAL_FORMS"])
        for name in [name for name in self.fields if name.startswith(f"{prefix}-__prefix__-")]:
            self.fields[name.replace("__prefix__", str(total))] = self.fields[name]
        for name, value in values.items():
            self[f"{prefix}-{total}-{name}"] = value
        self[f"{prefix}-TOTAL_FORMS"] = total + 1

    def press(self, button: str) -> Any:
        """Send the form; raises where the page has no such button."""
        if button not in self.buttons:
            raise LookupError(f"no button {button}: {sorted(self.buttons)}")
        data = {name: values for name, values in self.fields.items() if "__prefix__" not in name}
        return self.client.post(self.url, data | {button: [self.buttons[button]]})

    def press_again(self, button: str) -> tuple[Form, Any]:
        """Send the form that comes back after a refusal; returns it with what the second answer is."""
        form = Form(self.client, self.url, self.press(button))
        return form, form.press(button)

    @property
    def errors(self) -> list[str]:
        return [text_of(item) for e in self.root.iter("ul") if "errorlist" in classes(e) for item in e.iter("li")]


def open_form(client: Client, url: str) -> Form:
    """The form at ``url``, a redirect followed."""
    response: Any = client.get(url, follow=True)
    assert response.status_code == 200, response.status_code
    return Form(client, response.redirect_chain[-1][0] if response.redirect_chain else url, response)


def open_entry(client: Client, entry: Recommendation) -> Form:
    """The form of an entry."""
    return open_form(client, admin_url("change", entry.pk))


def messages_of(response: Any) -> list[str]:
    """What the desk says after ``response``."""
    return [str(message) for message in response.wsgi_request._messages]
