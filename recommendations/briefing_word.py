"""A briefing as a Word document: real styles, fonts for Chinese, links, and a language on every run."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from common.site import site_name
from common.translation import Text, sentence_gap, site_language

if TYPE_CHECKING:
    from recommendations.briefing import Briefing, Part, Told

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: Language of a run, as Word names it.
WORD_LANG = {"en": "en-GB", "zh-hans": "zh-CN"}
#: Fonts that a reader's machine has: for Latin letters and for Chinese characters.
LATIN, CHINESE, CHINESE_HEADING = "Calibri", "SimSun", "Microsoft YaHei"
INK, LINK = RGBColor(0x16, 0x22, 0x3D), RGBColor(0x1E, 0x43, 0x82)
#: Characters that XML has no place for.
NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def word_document(briefing: Briefing) -> bytes:
    """The whole file, in the language in force."""
    document = Document()
    _page(document)
    _styles(document)
    _properties(document, briefing)
    _opening(document, briefing)
    for part in briefing.parts:
        _part(document, part)
    if not briefing.parts:
        _line(document, _("No published recommendation concerns this city yet."))
    _sources(document, briefing)
    _footer(document, briefing)
    file = io.BytesIO()
    document.save(file)
    return _undated(file)


def _undated(file: io.BytesIO) -> bytes:
    """The same archive without the moment it was packed at: equal content, equal bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name), source.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


# Its frame


def _page(document: Any) -> None:
    """A4 with margins to write in."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.top_margin = section.bottom_margin = Cm(2)


def _styles(document: Any) -> None:
    """Word's own styles, so that its outline and its table of contents work, in fonts that know Chinese."""
    sizes = {"Normal": 10.5, "Title": 24, "Heading 1": 16, "Heading 2": 12.5, "List Bullet": 10, "List Number": 9.5}
    for name, size in sizes.items():
        style = document.styles[name]
        is_heading = name.startswith(("Title", "Heading"))
        style.font.name, style.font.size = LATIN, Pt(size)
        if is_heading:
            style.font.color.rgb = INK
        _east_asian(style.element.get_or_add_rPr(), CHINESE_HEADING if is_heading else CHINESE)
    document.styles["Normal"].paragraph_format.space_after = Pt(5)
    quiet = document.styles.add_style("Note", WD_STYLE_TYPE.PARAGRAPH)
    quiet.base_style, quiet.font.size = document.styles["Normal"], Pt(9)
    quiet.font.color.rgb = RGBColor(0x4B, 0x54, 0x68)
    link = document.styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb, link.font.underline = LINK, True


def _east_asian(properties: Any, font: str) -> None:
    """Name the font for Chinese characters, over the theme's, and the language of the text."""
    fonts = properties.get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    fonts.set(qn("w:ascii"), LATIN)
    fonts.set(qn("w:hAnsi"), LATIN)
    fonts.set(qn("w:eastAsia"), font)
    _language(properties, site_language())


def _language(properties: Any, language: str) -> None:
    for former in properties.findall(qn("w:lang")):
        properties.remove(former)
    element = OxmlElement("w:lang")
    element.set(qn("w:val"), WORD_LANG[language])
    element.set(qn("w:eastAsia"), "zh-CN")
    properties.append(element)


def _properties(document: Any, briefing: Briefing) -> None:
    """What the file says of itself."""
    core = document.core_properties
    core.title, core.author, core.subject = _clean(briefing.title), site_name(), _clean(briefing.city.name)
    core.language = WORD_LANG[site_language()]
    core.comments, core.keywords = _clean(briefing.address), ""
    core.created = core.modified = dt.datetime.combine(briefing.made_on, dt.time(), tzinfo=dt.UTC)
    core.last_modified_by = site_name()


def _footer(document: Any, briefing: Briefing) -> None:
    """Title, date and page number at the foot of every page."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.style = document.styles["Note"]
    _run(paragraph, f"{briefing.title} · {date_format(briefing.made_on)} · ")
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


# What it says


def _opening(document: Any, briefing: Briefing) -> None:
    _line(document, briefing.title, "Title")
    made = _("As of %(date)s, from %(site)s:") % {"date": date_format(briefing.made_on), "site": site_name()}
    _link(_line(document, f"{made}{sentence_gap()}", "Note"), briefing.address, briefing.address)
    for sentence in counted(briefing):
        _line(document, sentence)
    for provenance in briefing.provenance:
        _line(document, provenance)
    _line(
        document,
        _("Each entry is an editorial reading and says how firmly its source supports it."),
        "Note",
    )


def counted(briefing: Briefing) -> list[str]:
    """How many entries concern the city, a sentence for each way."""
    touching, everywhere = briefing.touching, briefing.everywhere
    parts = [
        ngettext(
            "%(count)s recommendation touches the city itself.",
            "%(count)s recommendations touch the city itself.",
            touching,
        )
        % {"count": touching}
    ]
    if everywhere:
        words = ngettext(
            "%(count)s more applies here only as in the whole province.",
            "%(count)s more apply here only as in the whole province.",
            everywhere,
        )
        parts.append(words % {"count": everywhere})
    return parts


def _part(document: Any, part: Part) -> None:
    _line(document, f"{part.heading} · {part.count}", "Heading 1")
    _line(document, str(part.meaning), "Note")
    for told in part.entries:
        _entry(document, told)
    if part.more:
        _line(document, _("%(count)s more are on the site.") % {"count": part.more}, "Note")


def _entry(document: Any, told: Told) -> None:
    entry = told.entry
    heading = _paragraph(document, "Heading 2")
    _run(heading, f"{entry.number}. ")
    _run(heading, entry.title)
    facts = [entry.pillar.short_name, entry.get_basis_display(), entry.get_reach_display()]
    line = _paragraph(document, "Note")
    for place, fact in enumerate(facts):
        _run(line, " · " if place else "")
        _run(line, fact)
    _line(document, entry.summary)
    if entry.action:
        paragraph = _paragraph(document)
        _run(paragraph, f"{_('What would be done')}{pgettext('list', ': ')}").bold = True
        _run(paragraph, Text(" ".join(entry.action.split()), entry.action.lang))
    for row in entry.evidence.all():
        bullet = _paragraph(document, "List Bullet")
        _run(bullet, f"{row.locator} ")
        language = "zh-hans" if row.section.source.language.startswith("zh") else "en"
        _run(bullet, Text(f"“{row.key_phrase}”", language))
        _run(bullet, f" · {row.get_supports_display()}")


def _sources(document: Any, briefing: Briefing) -> None:
    if briefing.sources:
        _line(document, _("Sources"), "Heading 1")
    for source in briefing.sources:
        paragraph = _paragraph(document, "List Bullet")
        _run(paragraph, source.title)
        if source.publisher:
            _run(paragraph, f"{pgettext('citation', '. ')}")
            _run(paragraph, source.publisher)
        if source.published_on:
            _run(paragraph, f"{pgettext('citation', ', ')}{date_format(source.published_on)}")
        if source.url:
            _run(paragraph, f"{pgettext('citation', '. ')}")
            _link(paragraph, source.url, source.url)
    if briefing.told:
        _line(document, _("How to cite each entry"), "Heading 1")
    for told in briefing.told:
        words, _space, address = told.citation.rpartition("http")
        paragraph = _line(document, words, "Note")
        _link(paragraph, f"http{address}", f"http{address}")


# Its letters


def _clean(text: str) -> str:
    return NOT_XML.sub("", str(text))


def _paragraph(document: Any, style: str = "Normal") -> Any:
    """An empty paragraph at the end of ``document``."""
    paragraph = document.add_paragraph()
    if style != "Normal":
        # By its id, which is the name without spaces: the library goes through all styles for every name.
        paragraph._p.style = style.replace(" ", "")
    return paragraph


def _line(document: Any, text: str, style: str = "Normal") -> Any:
    paragraph = _paragraph(document, style)
    _run(paragraph, text)
    return paragraph


def _run(paragraph: Any, text: Any) -> Any:
    """Text at the end of ``paragraph``; what is in the site's other language says so."""
    run = paragraph.add_run(_clean(text))
    if isinstance(text, Text) and text.lang != site_language():
        _language(run._r.get_or_add_rPr(), text.lang)
    return run


def _link(paragraph: Any, address: str, text: str) -> None:
    """A link at the end of ``paragraph``."""
    relation = paragraph.part.relate_to(_clean(address), RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), relation)
    run = paragraph.add_run(_clean(text))
    run._r.style = "Hyperlink"
    link.append(run._r)
    paragraph._p.append(link)
