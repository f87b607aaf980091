"""What helps a search along: what was corrected, and which equivalents counted beside the words typed."""

from __future__ import annotations

from common.translation import Text
from recommendations.filters import RecommendationFilterSet
from recommendations.tokens import fold, is_han


class Hints:
    """What to say of the words of a parsed filter."""

    def __init__(self, filterset: RecommendationFilterSet) -> None:
        self.filterset = filterset

    @property
    def corrected(self) -> str:
        """What was searched for in place of what was typed, where a word of it is in no entry; else empty."""
        return self.filterset.corrected_text

    @property
    def as_typed(self) -> str:
        """``q`` with its words in quotes, which are never corrected."""
        text = self.filterset.text
        for clause in reversed(self.filterset.typed.wanted):
            if not clause.is_quoted:
                text = f'{text[: clause.start]}"{text[clause.start : clause.end]}"{text[clause.end :]}'
        return text

    @property
    def also(self) -> list[Text]:
        """The equivalents that were searched for beside the words, as written, each once."""
        written = (other.text for clause in self.filterset.query.wanted for other in clause.others if other.text)
        once = {text.casefold(): text for text in written}
        return [Text(text, "zh-hans" if is_han(fold(text)[:1]) else "en") for text in once.values()]
