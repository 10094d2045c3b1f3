-- What could be rated (as in services.sql) while an exemption lifted the ratings of the counter: nobody
-- could rate when the device was dead. A ticket is dated by its end, a case by its closing.
-- `ratings_lifted` holds the stretches: counter, begins, ends (data/views.py).
-- grain: counter, day
-- log: tickets | cases
-- reference: desks
SELECT
    counter,
    day,
    CAST(SUM(services) AS BIGINT) AS exempt_services
FROM (
    SELECT
        t.counter AS counter,
        t.day AS day,
        COUNT(*) AS services
    FROM tickets AS t
    WHERE t.status = 'served' AND EXISTS (
        SELECT 1
        FROM ratings_lifted AS e
        WHERE
            e.counter = t.counter
            AND COALESCE(t.finished_at, t.called_at, t.taken_at) >= e.begins
            AND COALESCE(t.finished_at, t.called_at, t.taken_at) < e.ends
    )
    GROUP BY t.counter, t.day
    UNION ALL
    SELECT
        c.counter AS counter,
        c.closed_on AS day,
        COUNT(CASE WHEN c.ticket_id IS NULL THEN 1 END) AS services
    FROM cases AS c
    WHERE EXISTS (
        SELECT 1
        FROM ratings_lifted AS e
        WHERE e.counter = c.counter AND c.closed_at >= e.begins AND c.closed_at < e.ends
    )
    GROUP BY c.counter, c.closed_on
    HAVING COUNT(CASE WHEN c.ticket_id IS NULL THEN 1 END) > 0
) AS parts
GROUP BY counter, day
