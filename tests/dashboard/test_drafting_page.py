"""The page that drafts a profile, without a browser: from the inbox to a saved file."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_app import ACCESS, text

from dashboard.components.drafting_work import Given, on_disk
from data.drafting_sample import try_out
from data.errors import HallscoreError
from data.profile import load_profile
from data.store import snapshot
from tests.data.described import file_of


def script(home: str, user: str | None) -> None:
    """The page in the frame that the app gives it."""
    from pathlib import Path

    from dashboard import state
    from dashboard.page import drafting
    from dashboard.text import Words
    from metrics.scope import scope_for

    state.begin()
    drafting.draw(Path(home), scope_for(Path(home), user), Words(state.language()))
    state.publish()


def page(home: Path, user: str | None = None, **address: str) -> AppTest:
    app = AppTest.from_function(script, args=(str(home), user), default_timeout=60)
    for key, chosen in address.items():
        app.query_params[key] = chosen
    app.run()
    assert not app.exception
    return app


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Nothing taken in yet; one file of ratings in the inbox, one half copied, one archived."""
    home = tmp_path / "home"
    folder = home / "inbox" / "town"
    (folder / "archive").mkdir(parents=True)
    file_of(folder, "gbt39046", "ratings")
    (folder / "more.csv.part").write_text("", "utf-8")
    (folder / "archive" / "old.csv").write_text("", "utf-8")
    return home


def choose(app: AppTest, key: str, pick: str) -> None:
    kinds = (app.selectbox, app.radio, app.button_group, app.text_input)
    found = next(one for kind in kinds for one in kind if one.key == key)
    found.set_value(pick).run()
    assert not app.exception


def settled(home: Path) -> AppTest:
    """Everything of the file decided, at the last step."""
    app = page(home, log="ratings")
    choose(app, "drafting_inbox", "town/ratings.csv")
    choose(app, "draft_encoding", "utf-8")
    choose(app, "draft_delimiter", ",")
    choose(app, "pick_step", "meaning")
    choose(app, "draft_grade", "best 1")
    choose(app, "draft_rated_at", "%Y-%m-%d %H:%M:%S")
    choose(app, "draft_channel", "gbt39046")
    choose(app, "pick_step", "sample")
    return app


def test_a_home_without_data_can_draft(tmp_path: Path) -> None:
    assert "起草导入方案" in text(page(tmp_path / "new"))


def test_only_whole_files_of_the_inbox_are_offered(home: Path) -> None:
    box = next(one for one in page(home).selectbox if one.key == "drafting_inbox")
    assert box.options == ["town/ratings.csv"]


def test_a_viewer_of_some_halls_sees_no_inbox(home: Path) -> None:
    """The rows of other halls may lie in it."""
    (home / "access.toml").write_text(ACCESS, "utf-8")
    keys = [one.key for one in page(home, "north").selectbox]
    assert "drafting_inbox" not in keys
    assert "drafting_inbox" in [one.key for one in page(home, "mayor").selectbox]


def test_the_direction_has_no_default(home: Path) -> None:
    app = page(home, log="ratings", step="meaning")
    choose(app, "drafting_inbox", "town/ratings.csv")
    radios = {one.key: one.value for one in app.radio}
    assert radios["draft_grade"] is None
    assert radios["draft_rated_at"] is None


def test_a_settled_draft_is_saved_once_and_nothing_is_taken_in(home: Path) -> None:
    app = settled(home)
    assert "试读 40 行" in text(app)
    for said in ("已保存", "已有名为"):
        next(one for one in app.button if "保存" in one.label).click().run()
        assert said in " ".join(one.value for one in [*app.success, *app.error])
    profile = load_profile(str(home / "my_source.toml"))
    file = home / "inbox" / "town" / "ratings.csv"
    assert try_out(file, profile, "ratings").accepted == 40
    assert snapshot(home).batches == ()


def test_another_column_forgets_the_format_of_the_one_before(home: Path) -> None:
    """A decision is about a column, not about a field."""
    app = settled(home)
    choose(app, "pick_step", "columns")
    choose(app, "draft_column.rated_at", "评价渠道")
    choose(app, "pick_step", "sample")
    assert "时间格式：评价时间" in " ".join(one.value for one in app.markdown)


def test_an_upload_lies_on_disk_only_while_it_is_read() -> None:
    """Under its own name; a message about it shows no folder of the machine."""
    upload = Given("票.csv", "1", "票号\n1\n".encode())
    with on_disk(upload) as path:
        assert path.read_bytes() == upload.content
    assert not path.parent.exists()
    with pytest.raises(HallscoreError, match=r"^票\.csv, line 1: wrong"), on_disk(upload) as path:
        raise HallscoreError(f"{path}, line 1: wrong")
    assert not path.parent.exists()
    assert "票号" not in repr(upload)
