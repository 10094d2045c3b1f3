-- Ratings that a decision took out (误评、恶意、测试), by the day of their service. Nothing is deleted.
-- Where no decision was delivered none was made, so that the log of ratings alone must be there.
-- grain: counter, day, lag_days
-- log: ratings
-- late: lag_days
SELECT
    counter,
    day,
    lag_days,
    COUNT(*) AS voided_ratings
FROM voided_ratings
GROUP BY counter, day, lag_days
