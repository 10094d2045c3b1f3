"""Which sums a unit without a system may report as tallies (填报数), and which logs count the same.

The names are those of the sums in metrics/measures; a test of metrics demands that each exists,
is additive, and is counted from exactly these logs. Stocks, histograms and open days are not
reportable: they are no sums of what happened in a month.
"""

from types import MappingProxyType

_RATINGS = (
    *("active_ratings", "active_good", "active_bad"),
    *(f"active_grade_{grade}" for grade in range(1, 6)),
    *("default_ratings", "default_good", "default_bad"),
    *(f"default_grade_{grade}" for grade in range(1, 6)),
)
_TICKETS = ("tickets", "served", "abandoned", "waited", "wait_s", "within_15")
_CASES = ("received_cases", "closed_cases", "closed_with_limit", "closed_on_time", "closed_late")
REPORTABLE = MappingProxyType(
    {
        **dict.fromkeys(_RATINGS, ("ratings",)),
        **dict.fromkeys(_TICKETS, ("tickets",)),
        "services": ("tickets", "cases"),
        **dict.fromkeys(_CASES, ("cases",)),
        "rounds_covered": ("inspections",),
        "findings": ("findings",),
    }
)
# What an exemption lifts out of the sums of its log; no paper reports it, and it is 0 there.
LIFTED = ("exempt_findings", "exempt_tickets", "exempt_ratings", "exempt_services")
COUNTED_LOGS = ("ratings", "tickets", "cases", "inspections", "findings")
