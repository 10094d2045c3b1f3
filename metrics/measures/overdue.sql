-- Cases that became overdue, by the first day on which they counted as such; it may lie in the future.
-- A case that was closed late became overdue before; one whose clock stands still is not overdue.
-- grain: counter, department, own, day
-- log: cases
-- reference: items, counters, departments, calendar
-- foresees: due days
-- stock: open_overdue = became_overdue - late_closed
SELECT
    counter,
    department,
    own,
    overdue_on AS day,
    COUNT(*) AS became_overdue
FROM cases
WHERE overdue_on IS NOT NULL
GROUP BY counter, department, own, overdue_on
