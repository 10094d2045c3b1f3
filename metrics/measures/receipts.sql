-- Received cases by receiving counter, deciding department and day of receipt.
-- grain: counter, department, own, day
-- log: cases
-- reference: items, counters, departments, calendar
-- stock: open_cases = received_cases - closed_cases
SELECT
    counter,
    department,
    own,
    day,
    COUNT(*) AS received_cases
FROM cases
GROUP BY counter, department, own, day
