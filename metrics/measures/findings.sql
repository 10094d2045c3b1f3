-- Findings per counter and day; deducted points in hundredths, so that sums are exact.
-- Those that an exemption lifts are counted apart: exempt_findings.
-- grain: counter, day
-- log: findings
SELECT
    counter,
    day,
    COUNT(*) AS findings,
    CAST(SUM(points_c) AS BIGINT) AS points_c
FROM findings
WHERE NOT exempt
GROUP BY counter, day
