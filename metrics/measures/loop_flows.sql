-- Valid bad ratings opened and brought to their end, by day; late are those that were overdue before.
-- grain: counter, day
-- log: rectifications
-- reference: calendar, loop
-- stock: open_bad = bad_opened - bad_closed
SELECT
    counter,
    day,
    CAST(SUM(bad_opened) AS BIGINT) AS bad_opened,
    CAST(SUM(bad_closed) AS BIGINT) AS bad_closed,
    CAST(SUM(bad_late_closed) AS BIGINT) AS bad_late_closed
FROM (
    SELECT
        counter,
        day,
        1 AS bad_opened,
        0 AS bad_closed,
        0 AS bad_late_closed
    FROM loop
    WHERE valid
    UNION ALL
    SELECT
        counter,
        closed_on AS day,
        0 AS bad_opened,
        1 AS bad_closed,
        CASE WHEN overdue_on IS NULL THEN 0 ELSE 1 END AS bad_late_closed
    FROM loop
    WHERE valid AND closed_on IS NOT NULL
) AS flows
GROUP BY counter, day
