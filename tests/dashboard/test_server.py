"""The server around the pages: packed files, the way to them, and when it is ready."""

import asyncio
import gzip
from typing import Any

from starlette.responses import PlainTextResponse

from dashboard.server import STATIC, PackedFiles, packed
from dashboard.warm import PAGES, Warmth

Answer = tuple[dict[str, str], bytes]


def asked(path: str, coding: str) -> Answer:
    """Headers and body of the answer; what is passed on answers "not packed"."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"accept-encoding", coding.encode())],
    }
    asyncio.run(PackedFiles(PlainTextResponse("not packed"))(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return headers, b"".join(one.get("body", b"") for one in sent[1:])


def a_script() -> str:
    return next(path.name for path in sorted((STATIC / "static/js").glob("index*.js")))


def test_a_script_is_sent_packed_and_kept_for_good():
    name = a_script()
    headers, body = asked(f"/static/js/{name}", "gzip, br")
    assert headers["content-encoding"] == "gzip"
    assert "immutable" in headers["cache-control"]
    whole = (STATIC / "static/js" / name).read_bytes()
    assert gzip.decompress(body) == whole
    assert body == packed(STATIC / "static/js" / name)
    assert len(body) < len(whole) / 2


def test_who_does_not_take_it_packed_and_what_is_no_script_is_passed_on():
    name = a_script()
    for path, coding in (
        (f"/static/js/{name}", "identity"),
        ("/static/js/none.js", "gzip"),
        ("/static/../../../../pyproject.toml", "gzip"),
        ("/static/../../../../../../../../etc/hostname", "gzip"),
        ("/ready", "gzip"),
    ):
        headers, body = asked(path, coding)
        assert body == b"not packed", path
        assert "content-encoding" not in headers


def test_it_is_ready_when_all_first_pages_are_drawn():
    warmth = Warmth()
    assert not warmth.is_ready
    for page in PAGES:
        warmth.drawn[page or "overview"] = 0.1
    assert warmth.is_ready
    assert not Warmth(failed="no such page").is_ready, "what failed is not warm"
    assert warmth.report()["pages"].keys() == {"overview", *PAGES[1:]}


def test_a_page_whose_script_ends_badly_is_not_warm(monkeypatch):
    monkeypatch.setattr("dashboard.warm._wait_for", lambda port: None)
    monkeypatch.setattr("dashboard.warm.draw", lambda port, page: page != "ranking")
    warmth = Warmth()
    warmth.draw_pages()
    assert "ranking" in warmth.failed
    assert not warmth.is_ready
    assert warmth.report()["pages"].keys() == {"overview"}
