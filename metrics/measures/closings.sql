-- Closed cases by receiving counter, deciding department and day of closing.
-- own = FALSE: another department decides than the counter's own (后台审批), so the counter is not to blame.
-- Limits and used days are summed by the unit in which the limit is given; late_closed had become overdue.
-- grain: counter, department, own, day
-- log: cases
-- reference: items, counters, departments, calendar
SELECT
    counter,
    department,
    own,
    closed_on AS day,
    COUNT(*) AS closed_cases,
    COUNT(on_time) AS closed_with_limit,
    COUNT(CASE WHEN on_time THEN 1 END) AS closed_on_time,
    COUNT(CASE WHEN NOT on_time THEN 1 END) AS closed_late,
    COUNT(overdue_on) AS late_closed,
    CAST(SUM(CASE WHEN limit_unit = 'workday' AND promised_days IS NOT NULL THEN promised_days ELSE 0 END) AS BIGINT)
        AS promised_limit_workdays,
    CAST(SUM(CASE WHEN limit_unit = 'workday' AND promised_days IS NOT NULL THEN used_days ELSE 0 END) AS BIGINT)
        AS promised_used_workdays,
    CAST(SUM(CASE WHEN limit_unit = 'day' AND promised_days IS NOT NULL THEN promised_days ELSE 0 END) AS BIGINT)
        AS promised_limit_days,
    CAST(SUM(CASE WHEN limit_unit = 'day' AND promised_days IS NOT NULL THEN used_days ELSE 0 END) AS BIGINT)
        AS promised_used_days,
    CAST(SUM(CASE WHEN limit_unit = 'workday' AND statutory_days IS NOT NULL THEN statutory_days ELSE 0 END) AS BIGINT)
        AS statutory_limit_workdays,
    CAST(SUM(CASE WHEN limit_unit = 'workday' AND statutory_days IS NOT NULL THEN used_days ELSE 0 END) AS BIGINT)
        AS statutory_used_workdays,
    CAST(SUM(CASE WHEN limit_unit = 'day' AND statutory_days IS NOT NULL THEN statutory_days ELSE 0 END) AS BIGINT)
        AS statutory_limit_days,
    CAST(SUM(CASE WHEN limit_unit = 'day' AND statutory_days IS NOT NULL THEN used_days ELSE 0 END) AS BIGINT)
        AS statutory_used_days
FROM cases
WHERE closed_on IS NOT NULL
GROUP BY counter, department, own, closed_on
