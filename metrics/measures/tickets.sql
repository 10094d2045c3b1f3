-- Queue tickets per counter and day on which the ticket was taken; times in seconds.
-- A ticket that an exemption lifts is a visit still, but neither abandoned nor waited: exempt_tickets.
-- grain: counter, day
-- log: tickets
-- reference: desks
SELECT
    counter,
    day,
    COUNT(*) AS tickets,
    COUNT(CASE WHEN status = 'served' THEN 1 END) AS served,
    COUNT(CASE WHEN NOT exempt AND status = 'abandoned' THEN 1 END) AS abandoned,
    COUNT(CASE WHEN NOT exempt THEN wait_s END) AS waited,
    CAST(SUM(CASE WHEN NOT exempt AND wait_s IS NOT NULL THEN wait_s ELSE 0 END) AS BIGINT) AS wait_s,
    COUNT(CASE WHEN NOT exempt AND wait_s <= 900 THEN 1 END) AS within_15,
    COUNT(handle_s) AS handled,
    CAST(SUM(COALESCE(handle_s, 0)) AS BIGINT) AS handle_s
FROM tickets
GROUP BY counter, day
