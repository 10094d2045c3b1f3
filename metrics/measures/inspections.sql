-- Inspection rounds per counter that they covered, also those that found nothing.
-- grain: counter, day
-- log: inspections
SELECT
    counter,
    day,
    COUNT(*) AS rounds_covered
FROM (
    SELECT
        day,
        UNNEST(counters) AS counter
    FROM inspections
) AS covered
GROUP BY counter, day
