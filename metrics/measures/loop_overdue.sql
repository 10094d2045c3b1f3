-- Valid bad ratings that became overdue, by the first day on which they were; it may lie in the future.
-- grain: counter, day
-- log: rectifications
-- reference: calendar, loop
-- foresees: due days
-- stock: bad_overdue = bad_became_overdue - bad_late_closed
SELECT
    counter,
    overdue_on AS day,
    COUNT(*) AS bad_became_overdue
FROM loop
WHERE valid AND overdue_on IS NOT NULL
GROUP BY counter, overdue_on
