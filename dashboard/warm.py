"""Warming up: the first pages are drawn before a reader asks, so that nobody waits for them."""

import contextlib
import socket
import time
from dataclasses import dataclass, field
from typing import Any

from streamlit import config

# What a leader opens first; with them come the frames that every other page shares.
PAGES = ("", "ranking", "daily")
PATIENCE_S = 300
PAUSE_S = 0.05


def draw(port: int, page: str) -> bool:
    """Ask this server for a page as a browser does; whether its script came to its end."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.sync.client import connect
    from websockets.typing import Subprotocol

    request = BackMsg()
    request.rerun_script.query_string = ""
    request.rerun_script.page_name = page
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    with connect(
        address, subprotocols=[Subprotocol("streamlit")], max_size=None, proxy=None
    ) as browser:
        browser.send(request.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(browser.recv(timeout=PATIENCE_S))
            if answer.WhichOneof("type") == "script_finished":
                return answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY


@dataclass
class Warmth:
    """How far the warm-up is: pages drawn with the seconds of each, and what failed."""

    drawn: dict[str, float] = field(default_factory=dict)
    failed: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether all first pages are warm."""
        return len(self.drawn) == len(PAGES)

    def report(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"ready": self.is_ready, "pages": self.drawn, "failed": self.failed}

    def draw_pages(self) -> None:
        """Draw each page once; where one cannot be drawn, the report says so and is never ready."""
        port = int(config.get_option("server.port"))
        try:
            _wait_for(port)
            for page in PAGES:
                began = time.perf_counter()
                if not draw(port, page):
                    self.failed = f"the script of {page or 'overview'} did not come to its end"
                    return
                self.drawn[page or "overview"] = round(time.perf_counter() - began, 3)
        except Exception as error:  # whatever it is, the pages themselves will tell the reader
            self.failed = f"{type(error).__name__}: {error}"


def _wait_for(port: int) -> None:
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_S:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(PAUSE_S)
