"""The page of the functions for notebooks: what takes a home and gives a frame, and the methods."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import FunctionType, ModuleType

import metrics
import metrics.methods

HEAD = """# Functions for notebooks

Generated from the docstrings by `docs/generate.py`. The pages, the command line and a notebook ask
the same functions, so that a number is the same everywhere. `notebooks/first_look.ipynb` and
`notebooks/fairness.ipynb` use them; `help(function)` tells shapes, units, errors and sources.
[How to begin](../how-to/notebooks.md):

```python
from pathlib import Path
from metrics.fairness.shrunk import shrunk
from metrics.periods import parse_period
from metrics.scope import scope_for

home = Path("var")
shrunk(home, "active_good_rate", parse_period("2019-08"), "counter", scope_for(home, None))
```
"""
OF_HOME = """
## Of a home: frames in, frames out

`home` is the folder with the store, `scope` who looks (`scope_for`), `period` what `parse_period`
gives. Rates are 0–1 and times are in seconds; `as_of` is the day up to which things are known.
"""
OF_ARRAYS = """
## Methods: arrays in, arrays out

They know nothing of counters or ratings. Shapes are in the docstrings: K units, D draws, L levels.
"""
PARTS = (OF_HOME, OF_ARRAYS)


def functions_markdown() -> str:
    """Every public function that begins with a home and a scope, and every method, a line each."""
    frames = [one for one in _functions(metrics) if _asks_a_home(one)]
    arrays = list(_functions(metrics.methods))
    return HEAD + "".join(
        part + _table(found) for part, found in zip(PARTS, (frames, arrays), strict=True)
    )


def _functions(package: ModuleType) -> Iterator[FunctionType]:
    """The public functions that the modules of a package define, by module and place."""
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    for name in sorted(one.name for one in found):
        module = importlib.import_module(name)
        for called, one in vars(module).items():
            if isinstance(one, FunctionType) and one.__module__ == name and called[0] != "_":
                yield one


def _asks_a_home(one: FunctionType) -> bool:
    names = list(inspect.signature(one).parameters)
    return names[:1] == ["home"] and "scope" in names


def _table(found: list[FunctionType]) -> str:
    rows = ["", "| module | function | what |", "|---|---|---|"]
    for one in found:
        names = ", ".join(inspect.signature(one).parameters)
        said = inspect.getdoc(one) or ""
        first = " ".join(said.split("\n\n")[0].split()).replace("|", "\\|")
        rows.append(f"| `{one.__module__}` | `{one.__name__}({names})` | {first} |")
    return "\n".join(rows) + "\n"
