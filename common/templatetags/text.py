"""Text in two languages on one page, and small helps for counting."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.base import Parser, Token
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info

from common import retold as telling
from common.translation import HTML_LANG, Text, in_language, other_language, sentence_gap, site_language

register = template.Library()


@register.simple_tag
def lang_attr(text: Any) -> SafeString:
    """`` lang="zh-Hans"`` where ``text`` is in the site's other language; nothing where it is in the page's."""
    language = text.lang if isinstance(text, Text) else ""
    if not text or language in {"", site_language()}:
        return SafeString("")
    return format_html(' lang="{}"', HTML_LANG[language])


@register.simple_tag
def gap() -> str:
    """What stands between two sentences."""
    return sentence_gap()


@register.simple_tag
def in_other_language(owner: Any, name: str) -> Text:
    """``name`` of ``owner`` in the language the page is not in; empty where there is none."""
    language = other_language(site_language())
    text = in_language(owner, name, language)
    return Text("", language) if text.is_fallback else text


@register.simple_tag
def social_image(pillar: Any) -> str:
    """Address of the picture that goes with a link to something of ``pillar``; the site's own where it has none."""
    return static(f"social/pillar-{pillar.hue}.png" if pillar else "social/site.png")


@register.filter
def retold(text: Any) -> str:
    """A sentence that was kept in a history, in the language in force where the product wrote it."""
    return telling.retold(str(text)) if text else ""


@register.filter
def told_log(entry: Any) -> str:
    """What a line of the desk's log says."""
    return telling.told_log(entry.change_message)


@register.filter
def language_name(code: str) -> str:
    """What the language of a BCP 47 tag is called in the language in force; the tag itself where no one here knows."""
    try:
        return str(get_language_info(code.lower())["name_translated"])
    except KeyError:
        return code


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """``{% kept as name %}…{% endkept %}`` shows what is inside and keeps it, for a block can be shown only once."""
    _tag, _as, name = token.split_contents()
    inside = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(inside, name)


class KeptNode(template.Node):
    def __init__(self, nodelist: template.NodeList, name: str) -> None:
        self.nodelist, self.name = nodelist, name

    def render(self, context: template.Context) -> SafeString:
        text = self.nodelist.render(context)
        context[self.name] = SafeString(text.strip())
        return text


@register.filter
def times(number: int) -> range:
    """So many turns of a loop."""
    return range(number)


@register.filter
def share(part: int, whole: int) -> int:
    """``part`` of ``whole`` in per cent, rounded; 0 where there is no whole."""
    return round(100 * part / whole) if whole else 0
