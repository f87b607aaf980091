"""The parameters of an address: which ones it does not know, and which one was probably meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from django.http import QueryDict
from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

#: How many unknown values of one parameter, or unknown parameters, are named; the others are counted.
MAX_NAMED = 5
#: The orders to choose from.
SORT_KEYS = ("number", "relevance", "updated", "title")
#: How many values a parameter for *all of* takes: each is a search of its own.
MAX_ALL_OF = 12
#: What others hang on a link to see where its readers come from. It asks for nothing, so that it stops nothing.
TRACKING = re.compile(r"(utm|mtm|pk|hsa|mc|_hs\w+)_\w+|[a-z]{1,8}clid|_g[al]|_ke|igsh(id)?|spm|share_\w+")
#: How alike (of 100) a parameter must be to be offered.
ALIKE = 70


def plain(text: str) -> str:
    """``text`` on one line, without control characters: what may be shown. Of nothing else, one mark is left."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shown or ("\ufffd" if text.strip() else "")


def unknown_parameters(given: Iterable[str], known: Collection[str]) -> list[str]:
    """The names in ``given`` that are not ``known``, a sentence each, with the nearest one that is."""
    return list(_told([name for name in given if name not in known and not TRACKING.fullmatch(name)], known))


def repeated(given: QueryDict, names: Iterable[str]) -> list[str]:
    """Those of ``names``, which take one value, that have several in ``given``: a sentence each."""
    said = _("“%(name)s” is given more than once; it takes one value.")
    return [said % {"name": name} for name in names if len(set(given.getlist(name))) > 1]


def _told(strange: list[str], known: Collection[str]) -> Iterator[str]:
    for name in strange[:MAX_NAMED]:
        said = {"name": plain(name)[:80]}
        near = process.extractOne(name[:80].lower(), sorted(known), scorer=fuzz.ratio, score_cutoff=ALIKE)
        if near:
            yield _("There is no parameter “%(name)s” here; did you mean “%(near)s”?") % (said | {"near": near[0]})
        else:
            yield _("There is no parameter “%(name)s” here.") % said
    if len(strange) > MAX_NAMED:
        yield _("There are %(count)s more parameters that are not known here.") % {"count": len(strange) - MAX_NAMED}
