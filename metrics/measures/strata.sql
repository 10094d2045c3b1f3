-- Closed cases with a limit by what they were about: the strata of the case-mix adjustment.
-- Cases without a limit, mostly immediate ones, have no on-time rate and stay out: most rows do.
-- own = FALSE: another department decides than the counter's own (后台审批), so the counter is not to blame.
-- grain: counter, own, item, case_kind, channel, day
-- log: cases
-- reference: items, counters, departments, calendar
SELECT
    counter,
    own,
    item_id AS item,
    case_kind,
    channel,
    closed_on AS day,
    COUNT(*) AS stratum_with_limit,
    COUNT(CASE WHEN on_time THEN 1 END) AS stratum_on_time
FROM cases
WHERE closed_on IS NOT NULL AND on_time IS NOT NULL
GROUP BY counter, own, item_id, case_kind, channel, closed_on
