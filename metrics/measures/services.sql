-- What could be rated (应评): served tickets, and closed cases to which no ticket leads.
-- grain: counter, day
-- log: tickets | cases
-- reference: desks
SELECT
    counter,
    day,
    COUNT(*) AS services
FROM (
    SELECT
        counter,
        day
    FROM tickets
    WHERE status = 'served'
    UNION ALL
    SELECT
        counter,
        closed_on AS day
    FROM cases
    WHERE closed_on IS NOT NULL AND ticket_id IS NULL
) AS parts
GROUP BY counter, day
