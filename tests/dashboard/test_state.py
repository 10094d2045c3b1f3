"""What the viewer chose: from the address, over page switches, back into the address."""

import pytest
from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from dashboard import state

    state.begin()
    labels = {"city": "市", "county": "县"}
    frame = state.select("frame", "frame", list(labels), "county", labels.__getitem__)
    query = state.search("q", "hint")
    page = state.page_of(9)
    state.paginate(9)
    st.text(f"{state.language()} {frame} {query} {page}")
    state.publish()


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(script)


def shown(app: AppTest) -> str:
    assert not app.exception
    return app.text[0].value


def address(app: AppTest) -> dict[str, str | list[str]]:
    return dict(app.query_params)


def test_defaults_are_written_into_the_address_so_that_a_shared_link_stays_what_it_was(app):
    app.run()
    assert shown(app) == "zh county  1"
    assert address(app) == {"frame": "county", "page": "1"}


def test_the_address_gives_the_state(app):
    for key, chosen in {"frame": "city", "q": " 攸县", "page": "3", "lang": "en"}.items():
        app.query_params[key] = chosen
    app.run()
    assert shown(app) == "en city 攸县 3"
    assert app.selectbox[0].value == "city"


def test_a_choice_is_written_as_its_code_never_as_its_label(app):
    app.run()
    app.selectbox[0].select("city").run()
    assert shown(app) == "zh city  1"
    assert address(app)["frame"] == "city"


def test_another_filter_starts_again_on_the_first_page(app):
    app.query_params["page"] = "4"
    app.run()
    assert shown(app).endswith(" 4")
    app.selectbox[0].select("city").run()
    assert shown(app).endswith(" 1")


def test_an_address_older_than_the_last_choice_does_not_undo_it(app):
    app.run()
    app.selectbox[0].select("city").run()
    app.query_params["frame"] = "county"
    app.run()
    assert shown(app).startswith("zh city")


@pytest.mark.parametrize("wrong", ["galaxy", "市", ""])
def test_what_is_no_option_reads_as_the_default(app, wrong):
    app.query_params["frame"] = wrong
    app.run()
    assert shown(app) == "zh county  1"
