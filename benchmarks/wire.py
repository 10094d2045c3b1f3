"""A reader without a browser: it speaks the dashboard's protocol over a websocket and counts."""

import random
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

PATIENCE_S = 120


@dataclass
class Reader:
    """One viewer of one page. `selects`: the lists to choose from, id → options, in their order."""

    port: int
    page: str
    selects: dict[str, list[str]] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    script: str = ""

    def __enter__(self) -> "Reader":
        from websockets.sync.client import connect

        address = f"ws://127.0.0.1:{self.port}/_stcore/stream"
        self.socket = connect(address, subprotocols=["streamlit"], max_size=None, proxy=None)
        self.ask()
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self) -> float:
        """Rerun the page with what is chosen; seconds until its script has ended well."""
        began = time.perf_counter()
        self.socket.send(self._request())
        while True:
            if self._ended(self.socket.recv(timeout=PATIENCE_S)):
                return time.perf_counter() - began

    def _request(self) -> bytes:
        from streamlit.proto.BackMsg_pb2 import BackMsg

        request = BackMsg()
        request.rerun_script.query_string = ""
        if self.script:
            request.rerun_script.page_script_hash = self.script
        else:
            request.rerun_script.page_name = self.page
        for name, value in self.chosen.items():
            state = request.rerun_script.widget_states.widgets.add()
            state.id, state.string_value = name, value
        found: bytes = request.SerializeToString()
        return found

    def _ended(self, message: bytes | str) -> bool:
        """Take in one message; whether it says that the script has ended well."""
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        answer = ForwardMsg.FromString(message)
        kind = answer.WhichOneof("type")
        if kind == "navigation":
            self.script = answer.navigation.page_script_hash
        elif kind == "delta":
            self._note(answer.delta)
        elif kind == "script_finished":
            if answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return True
            if answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                raise RuntimeError(f"{self.page}: the script ended with {answer}")
        return False

    def _note(self, delta: Any) -> None:
        element = delta.new_element
        if element.WhichOneof("type") == "selectbox":
            self.selects[element.selectbox.id] = list(element.selectbox.options)
        if element.WhichOneof("type") == "exception":
            raise RuntimeError(f"{self.page}: {element.exception.message}")

    def choose(self, option: str) -> float:
        """Choose an option of the first list; seconds of the round trip."""
        self.chosen[next(iter(self.selects))] = option
        return self.ask()

    @property
    def options(self) -> list[str]:
        """The options of the first list."""
        return next(iter(self.selects.values()), [])


def round_trips(port: int, page: str, times: int, seed: int) -> list[float]:
    """Seconds of so many changes of the first filter, one viewer; all options are warm before."""
    draw = random.Random(seed)
    with Reader(port, page) as reader:
        shown = reader.options[:12]
        for option in shown:
            reader.choose(option)
        return [reader.choose(draw.choice(shown)) for _ in range(times)]


def crowd(
    port: int, pages: Sequence[str], viewers: int, seconds: float, think_s: float, seed: int
) -> list[float]:
    """Seconds of the round trips of viewers at once, each with exponential pauses between."""
    found: list[float] = []

    def sit(number: int) -> None:
        draw = random.Random(seed + number)
        with Reader(port, pages[number % len(pages)]) as reader:
            shown = reader.options[:12]
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                time.sleep(draw.expovariate(1 / think_s))
                took = reader.choose(draw.choice(shown))
                found.append(took)

    threads = [threading.Thread(target=sit, args=(number,)) for number in range(viewers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and number of some seconds, in milliseconds."""
    ordered = sorted(seconds)
    place = max(0, -(-95 * len(ordered) // 100) - 1)
    return {
        "p50_ms": round(statistics.median(ordered) * 1000, 1),
        "p95_ms": round(ordered[place] * 1000, 1),
        "n": len(ordered),
    }
