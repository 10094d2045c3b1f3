"""Options that several commands share."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON value on stdout, nothing else.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="What was known on this day.")]
As = Annotated[str | None, typer.Option("--as", help="Act as this user of access.toml.")]
PeriodText = Annotated[
    str, typer.Option("--period", help="2019, 2019-H1, 2019-Q3, 2019-08, 2019-W35, 2019-08-14")
]
Format = Annotated[str, typer.Option("--format", help="table, csv or json")]
Admit = Annotated[bool, typer.Option("--admit-units", help="Take halls and counters from the log.")]
NewUnits = Annotated[
    int | None, typer.Option("--yes-new-units", help="The agreed number of new halls and counters.")
]
