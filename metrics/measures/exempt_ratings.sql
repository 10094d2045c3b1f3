-- Ratings that an exemption lifts, active and default ones, by served day; each takes its service out too.
-- grain: counter, day, lag_days
-- log: ratings
-- late: lag_days
SELECT
    counter,
    day,
    lag_days,
    COUNT(*) AS exempt_ratings
FROM ratings
WHERE exempt
GROUP BY counter, day, lag_days
