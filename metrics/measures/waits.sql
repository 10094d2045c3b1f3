-- Wait histogram: additive, so that any day, month or hall gives the same quantile in any order.
-- Bins of 1 minute below 2 hours, 5 minutes below 10 hours, the last one open: see metrics/histogram.py.
-- Waits that an exemption lifts are left out.
-- grain: counter, day, bin
-- log: tickets
-- reference: desks
SELECT
    counter,
    day,
    CASE
        WHEN wait_s < 7200 THEN CAST(FLOOR(wait_s / 60) AS INTEGER)
        WHEN wait_s < 36000 THEN CAST(FLOOR((wait_s - 7200) / 300) AS INTEGER) + 120
        ELSE 216
    END AS bin,
    COUNT(*) AS waits
FROM tickets
WHERE wait_s IS NOT NULL AND NOT exempt
GROUP BY
    counter,
    day,
    CASE
        WHEN wait_s < 7200 THEN CAST(FLOOR(wait_s / 60) AS INTEGER)
        WHEN wait_s < 36000 THEN CAST(FLOOR((wait_s - 7200) / 300) AS INTEGER) + 120
        ELSE 216
    END
