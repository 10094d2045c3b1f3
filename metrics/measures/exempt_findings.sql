-- Findings that an exemption lifts, by day of the finding.
-- grain: counter, day
-- log: findings
SELECT
    counter,
    day,
    COUNT(*) AS exempt_findings
FROM findings
WHERE exempt
GROUP BY counter, day
