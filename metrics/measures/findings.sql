-- Findings per counter and day; deducted points in hundredths, so that sums are exact.
-- grain: counter, day
-- log: findings
SELECT
    counter,
    day,
    COUNT(*) AS findings,
    CAST(SUM(points_c) AS BIGINT) AS points_c
FROM findings
GROUP BY counter, day
