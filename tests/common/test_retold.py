"""What the product wrote into histories is told in the reader's language; what people wrote is theirs."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import override

from common.retold import ACTS, KNOWN, retold, told_log
from desk.templatetags.desk import labelled
from recommendations.models import BulkChange

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("kept", "english", "chinese"),
    [
        ("Made a pending copy.", "Made a pending copy.", "已建立修改稿。"),
        ("已建立修改稿。", "Made a pending copy.", "已建立修改稿。"),
        ("Version 3 restored. Because of v2.", "Version 3 restored. Because of v2.", "已恢复版本3。Because of v2."),
        (
            "It is published on 1 May 2027, 09:00. It is withdrawn on 2 May 2027, 09:00.",
            "It is published on 1 May 2027, 09:00. It is withdrawn on 2 May 2027, 09:00.",
            "将于1 May 2027, 09:00发布。将于2 May 2027, 09:00撤下。",
        ),
        ("undone: a list. 2.xlsx", "undone: a list. 2.xlsx", "已撤销导入：a list. 2.xlsx"),
        ("3 undone, 1 left", "3 undone, 1 left", "已撤销3条，保留1条"),
        ("Taken back: Add terms. too soon", "Taken back: Add terms. too soon", "已撤销：添加标签。too soon"),
        ("已撤销：添加标签。太早", "Taken back: Add terms. 太早", "已撤销：添加标签。太早"),
        ("Publish", "Publish", "Publish"),
        ("Archived. By me.", "Archived. By me.", "Archived. By me."),
        ("loaded the gun", "loaded the gun", "loaded the gun"),
    ],
)
def test_a_sentence_of_the_product_is_told_in_the_language_of_the_page(kept, english, chinese):
    with override("en"):
        assert retold(kept) == english
    with override("zh-hans"):
        assert retold(kept) == chinese


def test_the_desks_own_log_names_fields_as_the_form_does():
    kept = '[{"changed": {"fields": ["Title (English)", "Basis"]}}, {"added": {"name": "evidence", "object": "S1"}}]'
    with override("zh-hans"):
        assert told_log(kept) == "修改了标题（英文）、依据类型。添加了依据“S1”。"
    with override("en"):
        assert told_log(kept) == "Changed Title (English), Basis. Added evidence “S1”."


def test_every_sentence_that_is_logged_can_be_told_again():
    logged = {
        argument.args[0].value
        for path in (ROOT / "recommendations").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in {"log_change", "log_actions"}
        for argument in call.args
        if isinstance(argument, ast.Call)
        and isinstance(argument.func, ast.Name)
        and argument.func.id in {"_", "gettext"}
    }
    assert len(logged) > 3
    assert logged <= set(KNOWN)
    assert {str(label) for label in BulkChange.Kind.labels} == set(ACTS)


def test_a_cell_of_a_list_knows_its_column_and_whether_it_is_empty():
    cells = [
        mark_safe('<td class="action-checkbox">☐</td>'),
        mark_safe('<th class="field-a">1</th>'),
        mark_safe('<td class="field-b">–</td>'),
    ]
    told = labelled(cells, [{"text": "☐"}, {"text": "one <b>"}, {"text": "two"}])
    assert told == [
        '<td class="action-checkbox">☐</td>',
        '<th data-label="One &lt;b&gt;" class="field-a">1</th>',
        '<td data-label="Two" data-empty class="field-b">–</td>',
    ]
