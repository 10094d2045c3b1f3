-- Queue tickets per counter and day on which the ticket was taken; times in seconds.
-- grain: counter, day
-- log: tickets
-- reference: desks
SELECT
    counter,
    day,
    COUNT(*) AS tickets,
    COUNT(CASE WHEN status = 'served' THEN 1 END) AS served,
    COUNT(CASE WHEN status = 'abandoned' THEN 1 END) AS abandoned,
    COUNT(wait_s) AS waited,
    CAST(SUM(COALESCE(wait_s, 0)) AS BIGINT) AS wait_s,
    COUNT(CASE WHEN wait_s <= 900 THEN 1 END) AS within_15,
    COUNT(handle_s) AS handled,
    CAST(SUM(COALESCE(handle_s, 0)) AS BIGINT) AS handle_s
FROM tickets
GROUP BY counter, day
