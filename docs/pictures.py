"""Pictures of every page for docs/images/pages: `python -m docs.pictures HOME`, or `make pictures`.

Chinese and light; two pages in dark, two on a phone. The dashboard is started on the home by
itself; what is drawn is a month of the simulated city.
"""

import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from docs.edge_homes import empty_home, lone_home

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "images" / "pages"
CHROMIUM = "/usr/bin/chromium"
WIDE, PHONE, WALL = (1440, 900), (390, 844), (1920, 1080)
TALLEST = 1500
PAGES = {
    "overview": "",
    "daily": "daily?day=2019-08-14",
    "weekly": "weekly?week=2019-W33",
    "ratings": "ratings?period=2019-08",
    "cases": "cases?period=2019-08",
    "ranking": "ranking?period=2019-08&scheme=hallscore",
    "annual": "annual?year=2019&scheme=hallscore",
    "profile": "profile?period=2019-08",
    "explanation": "explanation?period=2019-08&scheme=hallscore",
    "fairness": "fairness?period=2019-08&scheme=hallscore",
    "funnel": "funnel?period=2019-08",
    "control": "control",
    "quality": "quality?period=2019-08",
    "catalogue": "catalogue",
    "entry": "entry",
    "drafting": "drafting",
    "wall": "wall",
}
# Homes at the edge (docs/edge_homes.py): what is drawn of each, and how wide.
EDGES = {
    "edge-empty": ("empty", "", WIDE),
    "edge-one-counter": ("lone", "?period=2019-03", WIDE),
    "edge-no-data": ("lone", "ranking?period=2019-02", WIDE),
    "edge-long-name": ("lone", "ranking?period=2019-03&frame=city", WIDE),
    "edge-long-name-phone": ("lone", "profile?period=2019-03&unit=C1", PHONE),
}
DARK, SMALL = ("overview", "control"), ("overview", "ranking")
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
SETTLED_MS = 1500
LENGTH = """Math.max(...[...document.querySelectorAll("[data-testid=stMain], section")]
  .map(one => one.scrollHeight))"""


@contextmanager
def dashboard(home: Path) -> Iterator[str]:
    """The address of a dashboard on the home; it ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "hallscore.py", "--home", str(home), "serve", "--port", str(port)]
    server = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://localhost:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health")
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait()


def take(browser: Browser, address: str, name: str, size: tuple[int, int], theme: str) -> None:
    """One picture: the whole page, cut where it becomes too long for a document."""
    width, height = size
    page = browser.new_page(
        viewport={"width": width, "height": height}, locale="zh-CN", color_scheme=theme
    )
    page.goto(address)
    for _ in range(2):
        page.wait_for_selector(READY, timeout=120_000)
        page.wait_for_timeout(SETTLED_MS)
    long = page.evaluate(LENGTH)
    page.set_viewport_size({"width": width, "height": int(min(max(long, height), TALLEST))})
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=80)
    page.close()


def main() -> int:
    """Take them all; a page of the navigation without a picture is an error."""
    home = Path(sys.argv[1] if len(sys.argv) > 1 else "var").absolute()
    words = tomllib.loads((ROOT / "dashboard" / "text" / "zh.toml").read_text("utf-8"))
    known = {name for name, texts in words.items() if isinstance(texts, dict) and "nav" in texts}
    if known != set(PAGES):
        print(f"pictures: pages and list differ: {sorted(known ^ set(PAGES))}", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with dashboard(home) as address, sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, path in PAGES.items():
            take(browser, f"{address}/{path}", name, WALL if name == "wall" else WIDE, "light")
        for name in DARK:
            take(browser, f"{address}/{PAGES[name]}", f"{name}-dark", WIDE, "dark")
        for name in SMALL:
            take(browser, f"{address}/{PAGES[name]}", f"{name}-phone", PHONE, "light")
        browser.close()
    take_edges()
    return 0


def take_edges() -> None:
    """The pictures of homes at the edge, which are made for them and thrown away."""
    with tempfile.TemporaryDirectory() as place, sync_playwright() as tools:
        made = {
            "empty": empty_home(Path(place) / "empty" / "home"),
            "lone": lone_home(Path(place) / "lone" / "home"),
        }
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for kind, home in made.items():
            with dashboard(home) as address:
                for name, (of, path, size) in EDGES.items():
                    if of == kind:
                        take(browser, f"{address}/{path}", name, size, "light")
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
