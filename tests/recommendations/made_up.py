"""A made-up body of entries in every combination, and filters to ask of it."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from recommendations import derive
from recommendations.choices import Basis, Reach, State, Status
from recommendations.models import CityLink, Evidence, Recommendation
from tests.factories import (
    make_area,
    make_city,
    make_membership,
    make_pillar,
    make_report,
    make_section,
    make_source,
    make_term,
    make_vocabulary,
    moment,
)
from tests.recommendations.reference import Pairs, World

WORDS = ["harbour", "quays", "boating", "stone", "light", "data", "talent", "network", "services", "regulated"]
RUNS = ["人才", "数据孤岛", "数据", "高端人才", "5G网络", "网络", "服务业", "金融"]
QUERIES = [
    *WORDS[:6],
    "services",
    "人",
    "数据",
    "孤岛",
    "才",
    "金融 stone",
    "data 数据",
    "harbour light",
    "harbor",
    "stoone",
    '"stone light"',
    "-harbour 数据",
    "-数据",
    "數據孤島",
    '"5G网络"',
    "金融数据",
    "zeppelin",
    "%",
]


def sentence(random: Random) -> str:
    return " ".join(random.choice(WORDS) for _ in range(random.randint(1, 5))).capitalize()


def chinese(random: Random) -> str:
    return "，".join(random.choice(RUNS) for _ in range(random.randint(0, 4)))


def make_world(seed: int, entries: int = 60) -> None:
    """Fill the database: every state, reach, kind of membership; texts of few words, so that many match."""
    random = Random(seed)  # noqa: S311 - made-up data, the same for the same seed
    reports = [make_report() for _ in range(2)]
    pillars = [make_pillar(report=report) for report in reports for _ in range(3)]
    cities = [make_city(name_en=f"{random.choice(WORDS)} {n}", name_zh_hans=f"{n}金融城") for n in range(9)]
    for n in range(5):
        area = make_area(kind="bay-area" if n == 0 else "metropolitan-area")
        for city in random.sample(cities, random.randint(0, 5)):
            make_membership(area=area, city=city, extent=random.choice(["full", "partial", "linked"]))
    vocabularies = [make_vocabulary(slug=f"made-up-{n}") for n in range(3)]
    # The same slugs in two vocabularies must not be taken for one another.
    terms = [make_term(vocabulary=v, slug=f"value-{n}") for v in vocabularies for n in range(4)]
    sections = [make_section(source=make_source()) for _ in range(3)]
    for n in range(entries):
        pillar = random.choice(pillars)
        fields = {
            "report": pillar.report,
            "pillar": pillar,
            "number": n + 1,
            "slug": f"made-up-{n}",
            "title_en": sentence(random),
            "title_zh_hans": chinese(random),
            "summary_en": sentence(random),
            "summary_zh_hans": chinese(random),
            "action_en": sentence(random),
            "measure_zh_hans": chinese(random),
            "basis": random.choice(Basis.values),
            "reach": random.choice(Reach.values),
            "state": random.choice([*State.values, "published", "published", "published", "published"]),
            "status": random.choice(Status.values),
            "published_at": moment(0),
            "changed_at": moment(random.randint(0, 9)),
        }
        entry = Recommendation.objects.create(**fields)
        entry.terms.set(random.sample(terms, random.randint(0, 6)))
        for city in random.sample(cities, random.choice([0, 0, 1, 3])):
            basis = random.choice(["named", "editorial"])
            CityLink.objects.create(recommendation=entry, city=city, basis=basis)
        for section in random.sample(sections, random.randint(0, 3)):
            phrase = sentence(random)
            Evidence.objects.create(
                recommendation=entry, section=section, paragraph="¶1", key_phrase=phrase, supports="stated"
            )
        if entry.state == State.PUBLISHED and random.random() < 0.2:
            fields |= {"slug": None, "number": None, "state": "draft", "working_copy_of": entry}
            Recommendation.objects.create(**fields).terms.set(terms)
    derive.refresh()


def filters(world: World, queries: list[str]) -> st.SearchStrategy[Pairs]:
    """Filters over the values of ``world``, unknown ones and unknown parameters among them."""
    values = [(name, slug) for name, slugs in sorted(world.options.items()) for slug in sorted(slugs)]
    modes = st.sampled_from(["", "", "", ".all", ".not"])
    chosen = st.builds(lambda pair, mode: (f"{pair[0]}{mode}", pair[1]), st.sampled_from(values), modes)
    names = [("pillar", "nonsense"), ("made-up-1.all", "nonsense"), ("city.none", "atlantis"), ("city", "atlantis")]
    strange = st.sampled_from([*names, ("colour", "blue"), ("basis", "")])
    keys = ["number", "title", "updated", "relevance", "alphabet"]
    orders = st.sampled_from([*keys, *(f"-{key}" for key in keys)])

    def maybe(name: str, choice: st.SearchStrategy[str]) -> st.SearchStrategy[Pairs]:
        return st.lists(choice.map(lambda value: (name, value)), max_size=1)

    return st.builds(
        lambda *parts: [pair for part in parts for pair in part],
        st.lists(chosen, max_size=5, unique=True),
        st.lists(strange, max_size=1),
        maybe("q", st.sampled_from(queries)),
        maybe("include", st.just("province")),
        maybe("sort", orders),
    )
