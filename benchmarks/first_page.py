"""How long a reader waits: from now until the dashboard has drawn its first page.

python -m benchmarks.first_page PORT BEGAN    waits; counts from BEGAN, a second of the epoch
python -m benchmarks.first_page PORT          fails where the port is taken; nothing is built yet
"""

import socket
import sys
import time

PATIENCE_S = 300


def port_is_free(port: int) -> bool:
    """Whether nobody listens there yet."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def wait_for_page(port: int, began: float) -> int:
    """Print the wait as one line on stderr; 0 when the page was drawn."""
    from dashboard.warm import draw  # the check of a port need not wait for Streamlit

    started = time.time()
    while port_is_free(port):
        if time.time() - started > PATIENCE_S:
            print(f"no dashboard on port {port} after {PATIENCE_S} s", file=sys.stderr)
            return 1
        time.sleep(0.05)
    drawn = draw(port, "")
    now = time.time()
    print(f"{'first page':<10} {now - started:6.1f} s", file=sys.stderr)
    print(f"{'together':<10} {now - began:6.1f} s after the install", file=sys.stderr)
    print(f"http://localhost:{port}", file=sys.stderr, flush=True)
    return 0 if drawn else 1


def main(arguments: list[str]) -> int:
    """The exit code: 0 for a page that was drawn, or a port that is free."""
    port = int(arguments[0])
    if len(arguments) > 1:
        return wait_for_page(port, float(arguments[1]))
    if port_is_free(port):
        return 0
    print(f"Port {port} is taken. Choose another: make run PORT={port + 1}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
