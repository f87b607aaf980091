"""What a page of the desk sends, in words: what people gave by its label, the rest as a number.

Rooms above say what their own pages send; fields of a model are called what the model calls them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from django.core.exceptions import FieldDoesNotExist
from django.urls import Resolver404, resolve

#: What a field says: its label and its value as people read it; no label where the page gives it by itself.
Said = tuple[str, str]
#: Takes the name of a field and its value; ``None`` where it does not know the field.
Teller = Callable[[str, str], Said | None]

#: Each makes a teller for one page, so that what it reads for it is read once.
_makers: list[Callable[[], Teller]] = []


def register(maker: Callable[[], Teller]) -> None:
    """Have the teller that ``maker`` makes asked for what is sent. Registering it again changes nothing."""
    if maker not in _makers:
        _makers.append(maker)


def told(path: str, fields: Iterable[tuple[str, str]]) -> tuple[list[Said], int]:
    """What ``fields`` sent to ``path`` say, and how many more there are that nobody typed."""
    tellers = [make() for make in _makers]
    shown: list[Said] = []
    silent = 0
    for name, value in fields:
        answers = (tell(name, value) for tell in tellers)
        label, said = next((answer for answer in answers if answer is not None), (_of_model(path, name), value))
        if label and said:
            shown.append((label, said))
        else:
            silent += bool(value)
    return shown, silent


def _of_model(path: str, name: str) -> str:
    """What the model whose page is at ``path`` calls its field; nothing where it has no such field."""
    try:
        admin = getattr(resolve(urlsplit(path).path).func, "model_admin", None)
        label = admin.model._meta.get_field(name).verbose_name if admin else ""
    except (Resolver404, FieldDoesNotExist, AttributeError):
        return ""
    return f"{label[:1].upper()}{label[1:]}"
