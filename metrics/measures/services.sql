-- What could be rated (应评): served tickets, and closed cases to which no ticket leads.
-- `ticket_id IS NULL` stands in an aggregate, never in WHERE: DuckDB 2.0 pushes it into the file scan
-- and there takes all rows where a plain-encoded text column has one value beside its nulls.
-- grain: counter, day
-- log: tickets | cases
-- reference: desks
SELECT
    counter,
    day,
    CAST(SUM(services) AS BIGINT) AS services
FROM (
    SELECT
        counter,
        day,
        COUNT(*) AS services
    FROM tickets
    WHERE status = 'served'
    GROUP BY counter, day
    UNION ALL
    SELECT
        counter,
        closed_on AS day,
        COUNT(CASE WHEN ticket_id IS NULL THEN 1 END) AS services
    FROM cases
    WHERE closed_on IS NOT NULL
    GROUP BY counter, closed_on
    HAVING COUNT(CASE WHEN ticket_id IS NULL THEN 1 END) > 0
) AS parts
GROUP BY counter, day
