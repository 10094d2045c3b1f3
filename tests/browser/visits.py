"""Every page of the app's own list, opened as a viewer would; a page added to it is visited too."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from dashboard.app import BEFORE_DATA, PAGES

NAMES = [key.removesuffix(".nav") for key, *_ in (*PAGES, BEFORE_DATA)]
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
WAIT_MS = 60_000
# Streamlit asks for these beside a deep link before it asks for them at the root.
HARMLESS = ("/_stcore/health", "/_stcore/host-config")


@dataclass
class Visit:
    """An open page, what its console complained of, and which hosts it asked."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str | None] = field(default_factory=set)

    def hear(self, message: ConsoleMessage) -> None:
        url = str(message.location.get("url", ""))
        deep_link = "404" in message.text and urlsplit(url).path.endswith(HARMLESS)
        if message.type in ("error", "warning") and not deep_link:
            self.complaints.append(f"{message.type}: {message.text} ({url})")

    def asked(self, url: str) -> None:
        if not url.startswith(("data:", "blob:")):
            self.hosts.add(urlsplit(url).hostname)

    def request(self, request: Request) -> None:
        self.asked(request.url)


def where(address: str, name: str, **chosen: str) -> str:
    """The address of a page; the first one has no name in it."""
    path = "" if name == NAMES[0] else name
    query = "&".join(f"{key}={code}" for key, code in chosen.items())
    return f"{address}/{path}?{query}"


def arrive(page: Page) -> None:
    """Wait until the title stands and the script has run to its end."""
    page.wait_for_selector("h1", timeout=WAIT_MS)
    page.wait_for_selector(READY, timeout=WAIT_MS)
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn, 100)))")


@contextmanager
def visit(context: BrowserContext, url: str, theme: str = "light") -> Iterator[Visit]:
    """A page of a context in one theme, listened to from its first request."""
    page = context.new_page()
    seen = Visit(page)
    page.on("console", seen.hear)
    page.on("pageerror", lambda error: seen.complaints.append(f"script: {error}"))
    page.on("request", seen.request)
    page.on("websocket", lambda socket: seen.asked(socket.url))
    try:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.goto(url)
        arrive(page)
        yield seen
    finally:
        page.close()
