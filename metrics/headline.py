"""The figures by which a city, a part of it and a large screen are told first."""

KEY_METRICS = (
    "active_good_rate",
    "on_time_rate",
    "wait_within_15_rate",
    "abandonment_rate",
    "closed_cases",
    "tickets",
)
