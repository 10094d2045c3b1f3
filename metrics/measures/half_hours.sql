-- Queue tickets by the half hour of the day in which they were taken (0: from midnight, 47: from 23:30).
-- As tickets.sql: what an exemption lifts is a visit still, but neither abandoned nor waited.
-- Sums of seconds and no histogram: bins by half hour would be nearly as many rows as tickets.
-- grain: counter, half_hour, day
-- log: tickets
-- reference: desks
SELECT
    counter,
    half_hour,
    day,
    COUNT(*) AS arrivals,
    COUNT(CASE WHEN NOT exempt THEN 1 END) AS arrivals_counting,
    COUNT(CASE WHEN NOT exempt AND status = 'abandoned' THEN 1 END) AS arrivals_abandoned,
    COUNT(CASE WHEN NOT exempt THEN wait_s END) AS arrivals_waited,
    CAST(SUM(CASE WHEN NOT exempt AND wait_s IS NOT NULL THEN wait_s ELSE 0 END) AS BIGINT) AS arrivals_wait_s
FROM tickets
GROUP BY counter, half_hour, day
