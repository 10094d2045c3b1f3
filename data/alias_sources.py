"""Under which names the spellings of a home are known: its sources, and the profiles it used."""

from contextlib import suppress

from data.errors import HallscoreError
from data.profile import load_profile
from data.sources import load_sources
from data.store import Snapshot


def known_sources(snap: Snapshot) -> set[str]:
    """Names of sources.toml, and of the profiles of batches that came without a source."""
    names = {one.source for one in snap.batches if one.source}
    for profile in {"canonical", *(one.profile for one in snap.batches)}:
        with suppress(HallscoreError):  # a profile of its own may have been moved away since
            names.add(load_profile(profile).name)
    return names | set(load_sources(snap.home))
