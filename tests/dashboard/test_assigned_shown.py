"""交办 on the page: the form writes what was filled in, the table shows it until it is done."""

import shutil

import pytest
from opened import open_page
from test_app import text

from data.assignments import assignments


@pytest.fixture
def mine(home, tmp_path):
    """A copy of the town, for this writes into it."""
    copy = tmp_path / "home"
    shutil.copytree(home, copy)
    return copy


def overview(home, lang: str = "zh", **chosen: str):
    return open_page(home, "overview", lang, **{"period": "2019-08", **chosen})


def fill(app, task: str, by: str):
    app.text_area[0].set_value(task)
    next(one for one in app.text_input if one.label == "交办人").set_value(by)
    next(one for one in app.button if one.label == "交办").click()
    app.run()
    assert not app.exception
    return app


def test_a_figure_is_assigned_answered_and_closed(mine):
    app = overview(mine, assign="active_good_rate")
    assert "没有未办结的交办事项" in text(app)
    shown = text(fill(app, "查明原因", "王"))
    (kept,) = assignments(mine)
    assert (kept.metric, kept.period, kept.task, kept.by) == (
        "active_good_rate",
        "2019-08",
        "查明原因",
        "王",
    )
    assert kept.figure in shown
    assert "%" in kept.figure
    assert "还剩 5 个工作日" in shown

    app = overview(mine)
    reply = next(one for one in app.text_area if one.label == "反馈内容")
    reply.set_value("已整改")
    next(one for one in app.text_input if one.label == "反馈人").set_value("李")
    app.checkbox[0].check()
    next(one for one in app.button if one.label == "提交").click()
    app.run()
    assert assignments(mine)[0].done is not None
    assert "另有 1 项已办结" in text(overview(mine))


def test_an_empty_task_is_refused_in_words_and_nothing_is_kept(mine):
    app = fill(overview(mine, assign="tickets"), "", "王")
    assert "--task is empty" in app.error[0].value
    assert assignments(mine) == ()


def test_the_cards_lead_to_the_form(mine):
    app = overview(mine)
    markup = " ".join(str(one.proto.body) for one in app.get("html"))
    assert "assign=on_time_rate#assign" in markup


@pytest.mark.parametrize(("lang", "said"), [("zh", "数据到 2019年9月"), ("en", "Logs up to Sep")])
def test_the_first_lines_say_how_fresh_the_logs_are(mine, lang, said):
    assert said in text(overview(mine, lang))
