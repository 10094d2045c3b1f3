-- Shifts of staff per counter and day. Kept: on duty, or on a leave that was approved; a leave of
-- which nobody says that it was approved is not kept. A person without a counter is in no sum.
-- Shifts that an exemption lifts are left out.
-- grain: counter, day
-- log: attendance
-- reference: staff, counters
SELECT
    counter,
    day,
    COUNT(*) AS shifts,
    COUNT(*) FILTER (WHERE kind = 'present' OR (kind = 'leave' AND approved)) AS shifts_kept,
    COUNT(*) FILTER (WHERE kind = 'late') AS late_n,
    COUNT(*) FILTER (WHERE kind = 'absent') AS absent_n
FROM attendance
WHERE counter IS NOT NULL AND NOT exempt
GROUP BY counter, day
