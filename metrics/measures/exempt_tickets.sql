-- Tickets whose wait an exemption lifts, by day on which the ticket was taken.
-- grain: counter, day
-- log: tickets
-- reference: desks
SELECT
    counter,
    day,
    COUNT(*) AS exempt_tickets
FROM tickets
WHERE exempt
GROUP BY counter, day
