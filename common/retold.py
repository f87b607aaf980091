"""Sentences that the product wrote into histories, in the language its author worked in: told in the reader's own.

What people typed is left as they typed it: a sentence is told anew only where it is, whole, one that the product says.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext as _

from common.translation import sentence_gap

KNOWN = (
    gettext_noop("Version %(number)s restored."),
    gettext_noop("loaded"),
    gettext_noop("discarded"),
    gettext_noop("imported from %(name)s"),
    gettext_noop("undone: %(name)s"),
    gettext_noop("%(created)s created, %(changed)s changed"),
    gettext_noop("%(undone)s undone, %(left)s left"),
    gettext_noop("Changed with others."),
    gettext_noop("Changed with others: %(what)s."),
    gettext_noop("Taken back: %(what)s."),
    gettext_noop("As it was before."),
    gettext_noop("As planned."),
    gettext_noop("Made a pending copy."),
    gettext_noop("Discarded the pending copy."),
    gettext_noop("Returned to its editor."),
    gettext_noop("Approved and published."),
    gettext_noop("Archived."),
    gettext_noop("Taken out of the archive."),
    gettext_noop("It is published on %(when)s."),
    gettext_noop("It is withdrawn on %(when)s."),
    gettext_noop("Nothing is planned for “%(name)s” any more."),
    gettext_noop("Whoever planned it may no longer publish."),
    gettext_noop("Whoever planned it may no longer archive."),
    gettext_noop("It was changed after it was planned: look at it again, then plan it anew."),
    gettext_noop("It has a pending copy: publish or discard that first."),
)
#: What “%(what)s” may be: the acts that many entries take together, in the words of the catalogue.
ACTS = ("Add terms", "Remove terms", "Set the date of review", "Send for review", "Back to draft", "Publish", "Archive")
PLACE = re.compile(r"%\((\w+)\)s")

STOP = re.compile(r"(?<=[.。])\s*(?=\S)")


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each known sentence as it reads in each language; only a name that it is filled with may hold a stop."""
    found = []
    for sentence in KNOWN:
        for language, _name in settings.LANGUAGES:
            with override(language):
                parts = PLACE.split(gettext(sentence))
            filled = r"(?P<%s>.+)" if "name" in sentence else r"(?P<%s>[^.。]+)"
            said = "".join(filled % part if i % 2 else re.escape(part) for i, part in enumerate(parts))
            found.append((re.compile(said), sentence))
    return tuple(found)


@cache
def _acts() -> dict[str, str]:
    """What an act is called in any language → what the catalogue calls it."""
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found |= {gettext(act): act for act in ACTS}
    return found


def _retold_whole(text: str) -> str:
    """``text`` where it is one known sentence; empty where it is none."""
    for pattern, sentence in _patterns():
        if match := pattern.fullmatch(text):
            words = match.groupdict()
            if (act := _acts().get(words.get("what", ""))) is not None:
                words["what"] = gettext(act)
            return gettext(sentence) % words
    return ""


def _opening(text: str) -> str:
    """``text`` where it is one that a comment may follow: filled with a number, a day or an act; empty where not."""
    is_filled = re.search(r"\d", text) or any(text[:-1].endswith(act) for act in _acts())
    return _retold_whole(text) if is_filled else ""


def retold(text: str) -> str:
    """``text`` in the language in force where the product said it; as it stands where a person did."""
    if whole := _retold_whole(text):
        return whole
    # A plan may have two sentences; after a version restored, or an act taken back, come its author's own words.
    first, *rest = STOP.split(text, maxsplit=1)
    told = _opening(first) if rest else ""
    return f"{told}{sentence_gap()}{_retold_whole(rest[0]) or rest[0]}" if told else text


def told_log(message: str) -> str:
    """What a line of the desk's own log says, in the language in force; ``message`` is what the log keeps."""
    try:
        acts = json.loads(message) if message.startswith("[") else None
    except json.JSONDecodeError:
        acts = None
    if acts is None:
        return retold(message)
    return sentence_gap().join(_told_act(act) for act in acts) or gettext("No fields changed.")


def _told_act(act: dict[str, Any]) -> str:
    """One act of Django's log: what was added, changed or deleted."""
    ((kind, words),) = act.items()
    words = {**words, "name": gettext(words["name"])} if "name" in words else words
    if kind == "changed":
        fields = _(", ").join(_field(name) for name in words["fields"])
        sentence = _("Changed {fields} for {name} “{object}”.") if "name" in words else _("Changed {fields}.")
        return str(sentence.format(**{**words, "fields": fields}))
    if kind == "added":
        return str((_("Added {name} “{object}”.") if "name" in words else _("Added.")).format(**words))
    return _("Deleted {name} “{object}”.").format(**words)


def _field(name: str) -> str:
    """What the log calls a field begins with a capital, which its name in the catalogue does not."""
    for said in (name, name[:1].lower() + name[1:]):
        if gettext(said) != said:
            return gettext(said)
    return name
