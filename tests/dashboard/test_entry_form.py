"""The page 登记 without a browser: who may enter what, for which counters, and the way back."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_app import text

from data.entry import enter, entries
from data.store import snapshot
from tests.builders import send, ticket, town

ACCESS = """
[users.county]
halls = ["H2"]
rights = ["intake"]
[users.reader]
halls = "all"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    found = town(tmp_path / "home")
    send(found, "tickets", [ticket(n) for n in range(5)])
    (found / "access.toml").write_text(ACCESS, "utf-8")
    return found


def page(home: Path, user: str | None = None, **address: str) -> AppTest:
    app = AppTest.from_function(script, args=(str(home), user), default_timeout=60)
    for key, chosen in address.items():
        app.query_params[key] = chosen
    app.run()
    assert not app.exception
    return app


def script(home: str, user: str | None) -> None:
    """The page in the frame that the app gives it."""
    from pathlib import Path

    from dashboard import state
    from dashboard.page import entry
    from dashboard.text import Words
    from dashboard.viewer import viewer

    state.begin()
    seen = viewer(Path(home), user, Words(state.language()))
    assert seen is not None
    entry.draw(seen)
    state.publish()


def choose(app: AppTest, key: str, chosen: str) -> None:
    app.selectbox(key=key).set_value(chosen).run()
    assert not app.exception


def fill_finding(app: AppTest, counter: str = "C2", hall: str = "H2") -> None:
    choose(app, "entry_hall", hall)
    choose(app, f"entry_counter_{hall}", counter)
    app.text_input(key="entry_findings_found_at").set_value("2019-08-14 10:00")
    app.text_input(key="entry_findings_rule_code").set_value("R1")
    app.number_input(key="entry_findings_points").set_value(0.5)
    app.text_input(key="entry_by_name").set_value("巡查员王").run()


def press(app: AppTest, label: str) -> None:
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception


def test_a_finding_is_entered_and_withdrawn(home: Path) -> None:
    app = page(home)
    assert "还需填写" in text(app)
    fill_finding(app)
    press(app, "登记")
    (entered,) = entries(home, "findings")
    assert entered.row["counter_id"] == "C2"
    assert f"批次 {entered.batch.no}" in app.success[0].value
    shown = text(app)
    assert "税务窗口 C2" in shown
    assert "巡查员王" in shown
    app.text_input(key="entry_why").set_value("录错").run()
    press(app, "撤回")
    assert snapshot(home).batches[-1].withdrawn == "录错"
    assert "已撤回" in text(app)


def test_a_refused_row_says_why(home: Path) -> None:
    app = page(home)
    fill_finding(app)
    app.text_input(key="entry_findings_found_at").set_value("昨天").run()
    press(app, "登记")
    assert "does not read as" in app.code[0].value
    assert entries(home, "findings") == []


def test_an_exemption_may_mean_a_whole_hall_or_the_city(home: Path) -> None:
    app = page(home, log="exemptions")
    choose(app, "entry_exemptions_cause", "power_cut")
    app.text_input(key="entry_exemptions_starts_at").set_value("2019-08-14 09:00")
    app.text_input(key="entry_exemptions_ends_at").set_value("2019-08-14 12:00")
    app.text_input(key="entry_by_name").set_value("李科长").run()
    assert "还需填写：大厅" in text(app)  # forgetting the hall never means everybody
    choose(app, "entry_hall", "*")
    press(app, "登记")
    choose(app, "entry_hall", "H2")
    press(app, "登记")
    hall, city = entries(home, "exemptions")
    assert hall.row["hall_id"] == "H2"
    assert "hall_id" not in city.row
    assert city.row["decided_by"] == "李科长"
    assert "停电" in text(app)


def test_who_has_a_part_enters_for_that_part_and_never_for_the_city(home: Path) -> None:
    finding = {"found_at": "2019-08-14 10:00", "rule_code": "R9", "points": 1}
    enter(home, "findings", {"counter_id": "C1", **finding}, "市里")
    app = page(home, "county", log="findings")
    assert list(app.selectbox(key="entry_hall").options) == ["天元区政务服务中心 H2"]
    assert "R9" not in text(app)
    app = page(home, "county", log="exemptions")
    assert list(app.selectbox(key="entry_hall").options) == ["天元区政务服务中心 H2"]


def test_without_the_right_there_is_no_form(home: Path) -> None:
    app = page(home, "reader")
    assert "登记需要数据处理权限" in text(app)
    assert len(app.button) == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("log", ["findings", "exemptions"])
def test_the_form_has_every_field_of_the_contract(home: Path, log: str, lang: str) -> None:
    from data.contracts import CONTRACTS

    app = page(home, log=log, lang=lang)
    apart = {"hall_id", "hall_name", "counter_id", "counter_name", CONTRACTS[log].id_column}
    keys = {one.key for kind in KINDS for one in getattr(app, kind)}
    assert {f"entry_{log}_{name}" for name in CONTRACTS[log].fields if name not in apart} <= keys


KINDS = ("text_input", "selectbox", "number_input", "date_input", "checkbox")
