"""A made-up report as long as one likes: rows of the import format, in the shape and the words of the 32.

An entry has as much text as those have on average, two passages and, two times of three, a city: 3.7 rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

Row = dict[str, Any]

WORDS_OF = Path(__file__).resolve().parent.parent / "fixtures" / "recommendations.json"
REPORT = "made-up"
PILLARS, CITIES, SECTIONS, TERMS = 4, 21, 5, 12
VOCABULARIES = ("made-up-actor", "made-up-sector", "made-up-means")
#: Of a text: English words, and Chinese characters.
LENGTHS = {
    "title": (7, 14), "summary": (19, 33), "problem": (46, 87), "action": (64, 121), "outcome": (20, 35),
    "measure": (15, 26),
}  # fmt: skip


def things() -> Iterator[Row]:
    """What the entries rest on."""
    yield {"kind": "format", "version": 1}
    yield {"kind": "source", "slug": REPORT, "kind_of": "other", "title_en": "Made-up text", "language": "en"}
    for n in range(SECTIONS):
        yield {"kind": "section", "source": REPORT, "code": f"M{n}", "title_en": f"Section {n}"}
    yield {"kind": "report", "slug": REPORT, "source": REPORT, "title_en": "A made-up report", "body_en": "Nobody"}
    for n in range(PILLARS):
        said = {"name_en": f"Made-up pillar {n}", "short_name_en": f"Pillar {n}"}
        yield {"kind": "pillar", "report": REPORT, "number": n + 1, "slug": f"made-up-pillar-{n}"} | said
    for vocabulary in VOCABULARIES:
        yield {"kind": "vocabulary", "slug": vocabulary, "name_en": vocabulary}
        for n in range(TERMS):
            yield {"kind": "term", "vocabulary": vocabulary, "slug": f"value-{n}", "label_en": f"Value {n}"}
    yield {"kind": "region", "slug": "made-up-coast", "name_en": "Made-up coast"}
    for n in range(CITIES):
        said = {"name_en": f"Made-up town {n}", "name_zh_hans": f"虚构{n}镇"}
        yield {"kind": "city", "slug": f"made-up-town-{n}", "region": "made-up-coast"} | said
    yield {"kind": "area", "slug": "made-up-area", "kind_of": "metropolitan-area", "name_en": "Made-up area"}
    for n in range(5):
        said = {"role": "member", "extent": "full"}
        yield {"kind": "membership", "area": "made-up-area", "city": f"made-up-town-{n}"} | said


def entries(count: int, *, seed: int = 32, of: int = 0) -> Iterator[Row]:
    """``count`` entries, each with the rows of its parts under it; related are some above and some below.

    They are the first ones of a report of ``of`` entries, where that is said.
    """
    random = Random(seed)  # noqa: S311 - made-up data, the same for the same seed
    english, chinese = _words()
    for number in range(1, count + 1):
        yield {
            "kind": "recommendation", "report": REPORT, "number": number, "slug": f"made-up-{number}",
            "pillar": f"made-up-pillar-{number % PILLARS}", "basis": random.choice(["stated", "implied", "inferred"]),
            "reach": random.choice(["province", "metropolitan", "city", "city"]),
            "terms": [f"{name}/value-{n}" for name in VOCABULARIES for n in random.sample(range(TERMS), 3)],
            "related": [f"made-up-{n}" for n in sorted(_related(number, of or count))],
            **_texts(random, english, chinese),
        }  # fmt: skip
        for n in random.sample(range(SECTIONS), 2):
            phrase = " ".join(random.choices(english, k=5))[:100]
            said = {"paragraph": f"¶{n + 1}", "key_phrase": phrase, "supports": "inferred"}
            yield {"kind": "evidence", "source": REPORT, "section": f"M{n}"} | said
        if number % 3:
            yield {"kind": "city_link", "city": f"made-up-town-{random.randrange(CITIES)}", "basis": "editorial"}


def _related(number: int, of: int) -> set[int]:
    """One before; of every third entry also the next, and one as far from the end as this is from the beginning."""
    found = {number - 1, number // 2} if number % 3 else {number - 1, number + 1, of + 1 - number}
    return {n for n in found if 1 <= n <= of and n != number}


def rows(count: int) -> Iterator[Row]:
    """The file of at least ``count`` rows, to the end of an entry."""
    above = list(things())
    yield from above
    left, number = count - len(above), 0
    while left > 0:
        number += 1
        left -= 4 if number % 3 else 3
    yield from entries(number)


def write(path: Path, count: int) -> int:
    """Write :func:`rows` as JSON Lines; returns how many."""
    written = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows(count):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            written += 1
    return written


def _words() -> tuple[list[str], list[str]]:
    """The English words and the Chinese runs of the 32, as often as they stand there."""
    found = [row["fields"] for row in json.loads(WORDS_OF.read_text(encoding="utf-8"))]
    texts = [" ".join(str(fields.get(f"action_{suffix}", "")) for fields in found) for suffix in ("en", "zh_hans")]
    return re.findall(r"[A-Za-z]+", texts[0]), re.findall(r"[\u4e00-\u9fff]{2,8}", texts[1])


def _texts(random: Random, english: list[str], chinese: list[str]) -> Row:
    said = {}
    for name, (words, characters) in LENGTHS.items():
        said[f"{name}_en"] = " ".join(random.choices(english, k=words)).capitalize()
        runs = ["".join(random.choices(chinese, k=2)) for _ in range(max(characters // 9, 1))]
        said[f"{name}_zh_hans"] = "，".join(runs)
    return said
