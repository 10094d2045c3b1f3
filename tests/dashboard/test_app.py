"""The whole app without a browser: pages, errors, and scopes that do not leak."""

import re
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from town import COUNTERS, HALLS, Town

from metrics.periods import parse_period
from metrics.scope import Scope
from metrics.values import value

AUGUST, CITY = parse_period("2019-08"), Scope("local", None)
APP = Path(__file__).parents[2] / "dashboard" / "app.py"
ACCESS = """
[users.mayor]
halls = "all"
[users.north]
halls = ["C1"]
"""


def run(home: Path, user: str | None = None, **address: str) -> AppTest:
    """The app as the browser would ask for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["app.py"])
        patch.setenv("HALLSCORE_HOME", str(home))
        if user is None:
            patch.delenv("HALLSCORE_AS", raising=False)
        else:
            patch.setenv("HALLSCORE_AS", user)
        app = AppTest.from_file(str(APP), default_timeout=60)
        for key, chosen in address.items():
            app.query_params[key] = chosen
        app.run()
    assert not app.exception
    return app


def html(app: AppTest) -> str:
    return "\n".join(one.proto.body for one in app.get("html"))


def titles(app: AppTest) -> list[str]:
    return re.findall(r"<h1>([^<]*)</h1>", html(app))


def text(app: AppTest) -> str:
    return re.sub(r"<style>.*?</style>|<[^>]+>", " ", html(app), flags=re.DOTALL)


@pytest.mark.parametrize(("lang", "title"), [("zh", "政务服务总览"), ("en", "Service overview")])
def test_the_overview_is_drawn_in_both_languages(home, lang, title):
    app = run(home, period="2019-08", lang=lang)
    shown = text(app)
    assert title in shown
    assert "无法显示本页" not in titles(app)
    city = value(home, "active_good_rate", AUGUST, "all", CITY).row(0, named=True)
    assert f"{city['value']:.2%}" in shown
    assert f"{city['n']:,} / {city['d']:,}" in shown


def test_the_default_month_is_the_last_complete_one(home):
    app = run(home)
    assert app.selectbox[0].value == "2019-08"


def test_an_unknown_user_is_refused(home):
    app = run(home, user="nobody")
    assert titles(app) == ["无法显示本页"]
    assert "没有用户“nobody”" in app.markdown[0].value or "nobody" in app.markdown[0].value
    assert "nobody" in app.code[0].value


def test_an_empty_home_says_what_to_do_in_both_languages(tmp_path):
    assert titles(run(tmp_path)) == ["还没有数据"]
    app = run(tmp_path, lang="en")
    assert titles(app) == ["No data yet"]
    assert "demo" in app.code[0].value


def test_a_user_never_sees_what_another_one_s_cache_holds(home):
    (home / "access.toml").write_text(ACCESS, "utf-8")
    try:
        everything = text(run(home, user="mayor", period="2019-08"))
        part = text(run(home, user="north", period="2019-08"))
        again = text(run(home, user="mayor", period="2019-08"))
    finally:
        (home / "access.toml").unlink()
    assert "South county" in everything
    assert "South county" not in part
    assert "North county" in part
    assert everything == again


def test_a_home_of_several_city_halls_is_shown_as_a_whole_and_hall_by_hall(tmp_path):
    """Departments that admitted themselves from a log are halls of the city level."""
    halls = [{"hall_id": name, "name": f"Hall {name}", "level": "city"} for name in "AB"]
    counters = [{"counter_id": f"{n}1", "name": f"Counter {n}", "hall_id": n} for n in "AB"]
    town = Town(tmp_path / "home", halls, counters)
    first, last = AUGUST.start, parse_period("2019-09").start
    good, bad = town.rate("A1", {5: 40}, first), town.rate("B1", {5: 30, 1: 10}, first)
    late = town.rate("A1", {5: 1}, last)
    town.deliver("ratings", [*good, *bad, *late], (first, parse_period("2019-09").end))
    app = run(town.home, period="2019-08")
    assert "无法显示本页" not in titles(app)
    shown = " ".join(text(app).split())
    assert "70 / 80" in shown
    assert "各大厅指标" in shown
    assert shown.index("Hall A") < shown.index("Hall B")


def test_the_ranking_names_who_owes_what_is_missing(tmp_path):
    """Beside the counters of a hall of which nothing came; elsewhere there is no such column."""
    town = Town(tmp_path / "home", HALLS, COUNTERS)
    (town.home / "sources.toml").write_text(
        '[sources.hill]\nlog = "tickets"\nprofile = "canonical"\nowner = "山乡便民服务中心"\n'
        'units = ["C1T1"]\n'
        'schedule = { every = "month", due = "5 working days", first = 2019-08-01 }\n',
        "utf-8",
    )
    town.deliver("tickets", town.queue("n-tax", [60] * 40, date(2019, 8, 5)))

    def script(frame: str) -> None:
        import os
        from pathlib import Path

        from dashboard.components.ranks import draw_unranked
        from dashboard.text import Words
        from metrics.periods import parse_period
        from metrics.ranking import rank
        from metrics.scope import Scope

        home = Path(os.environ["HALLSCORE_HOME"])
        ranking = rank(home, parse_period("2019-08"), Scope("local", None), frame)
        draw_unranked(ranking.unranked, Words("zh"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HALLSCORE_HOME", str(town.home))
        township = AppTest.from_function(script, args=("township",), default_timeout=60).run()
        county = AppTest.from_function(script, args=("county",), default_timeout=60).run()
    assert not township.exception
    assert not county.exception
    assert "数据未报送" in township.expander[0].label
    assert "报送责任单位" in text(township)
    assert "山乡便民服务中心" in text(township)
    assert "报送责任单位" not in text(county)
