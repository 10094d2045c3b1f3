"""One page of the dashboard without a browser and without the app's navigation around it."""

from pathlib import Path

from streamlit.testing.v1 import AppTest


def open_page(
    home: Path, name: str, lang: str = "zh", user: str | None = None, **address: str
) -> AppTest:
    """The page `dashboard/page/<name>.py` as its address asks for it, run once without an error."""

    # Only the body of the function is run, so that it imports all that it needs.
    def page(home: str, name: str, lang: str, user: str | None) -> None:
        from importlib import import_module
        from pathlib import Path

        from dashboard import state
        from dashboard.text import Words
        from dashboard.viewer import viewer

        state.begin()
        seen = viewer(Path(home), user, Words(lang))
        assert seen is not None
        import_module(f"dashboard.page.{name}").draw(seen)

    given = {"home": str(home), "name": name, "lang": lang, "user": user}
    app = AppTest.from_function(page, kwargs=given, default_timeout=60)
    app.query_params.update({"lang": lang} | address)
    app.run()
    assert not app.exception
    return app
