"""The dashboard as a server: files are sent packed, `/ready` says when the first pages are warm.

`hallscore serve` runs it; the pages are those of app.py.
"""

import gzip
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path

import streamlit
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.warm import Warmth

STATIC = Path(streamlit.__file__).resolve().with_name("static")
PACKED = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
PACKED |= {".html": "text/html; charset=utf-8", ".svg": "image/svg+xml"}
# The names of these files hold a digest of their content.
FOREVER = "public, immutable, max-age=31536000"
warmth = Warmth()


@lru_cache(maxsize=512)
def packed(path: Path) -> bytes:
    """A file of the browser's part, packed once: it is two thirds smaller on the wire."""
    return gzip.compress(path.read_bytes(), 6, mtime=0)


class PackedFiles:
    """Answers requests for static texts with their packed form, where the browser takes it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on whatever is no static text."""
        path = self._file(scope) if scope["type"] == "http" else None
        if path is None:
            await self.app(scope, receive, send)
            return
        headers = {
            "Content-Encoding": "gzip",
            "Vary": "Accept-Encoding",
            "Cache-Control": FOREVER,
            "Content-Type": PACKED[path.suffix],
        }
        await Response(packed(path), headers=headers)(scope, receive, send)

    def _file(self, scope: Scope) -> Path | None:
        accepted = Request(scope).headers.get("accept-encoding", "")
        wanted: str = scope["path"]
        if scope["method"] != "GET" or "gzip" not in accepted or "/static/" not in wanted:
            return None
        path = (STATIC / "static" / wanted.partition("/static/")[2]).resolve()
        inside = path.is_relative_to(STATIC) and path.suffix in PACKED and path.is_file()
        return path if inside else None


async def ready(request: Request) -> Response:
    """200 once the first pages have been drawn, until then 503; a load balancer asks it."""
    return JSONResponse(warmth.report(), status_code=200 if warmth.is_ready else 503)


@asynccontextmanager
async def lifespan(app: streamlit.App) -> AsyncIterator[None]:
    """Draw the first pages beside the server as soon as it answers."""
    threading.Thread(target=warmth.draw_pages, daemon=True, name="warm").start()
    yield


app = streamlit.App(
    Path(__file__).with_name("app.py"),
    routes=[Route("/ready", ready)],
    middleware=[Middleware(PackedFiles)],
    lifespan=lifespan,
)
