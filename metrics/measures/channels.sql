-- Active ratings by the channel through which they came; one of which no channel is told has none.
-- Default ratings come through none and stand in ratings.sql alone; the rest as there.
-- grain: counter, channel, day, lag_days
-- log: ratings
-- late: lag_days
SELECT
    counter,
    channel,
    day,
    lag_days,
    COUNT(*) AS channel_active,
    COUNT(CASE WHEN grade <= 2 THEN 1 END) AS channel_bad
FROM ratings
WHERE NOT exempt AND origin = 'active'
GROUP BY counter, channel, day, lag_days
