-- Days on which a counter was open, and whether at least one round covered it on that day.
-- `open_days` is made by metrics/opening.py from validity, opening hours and the calendar:
-- weekend hours do not open a public holiday, and hours hold on the days of their own validity.
-- grain: counter, day
-- log: inspections
-- reference: halls, counters, opening_hours, calendar
-- span: data
SELECT
    o.counter AS counter,
    o.day AS day,
    CAST(1 AS BIGINT) AS open_days,
    CAST(CASE WHEN i.counter IS NULL THEN 0 ELSE 1 END AS BIGINT) AS counter_days_inspected
FROM open_days AS o
LEFT JOIN (
    SELECT DISTINCT
        day,
        UNNEST(counters) AS counter
    FROM inspections
) AS i ON o.counter = i.counter AND o.day = i.day
