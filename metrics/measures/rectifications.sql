-- Valid bad ratings by the day from which they count: their due day or, if earlier, that of their closing.
-- A bad rating that is open and not due is in no row, so that it lowers no rate; one that nobody signed
-- for is in like any other, one that is voided or not upheld is out. `loop_facts` (data/loop.py) has one
-- row for that, and one for each thing that was done, known lag_days later where it was done late.
-- A second grade (复评) is the citizen's, never a closing; from 3 on it is satisfied.
-- grain: counter, day, lag_days
-- log: rectifications
-- reference: calendar, loop
-- late: lag_days
-- foresees: due days
SELECT
    counter,
    day,
    lag_days,
    COUNT(CASE WHEN fact = 'due' THEN 1 END) AS loops_due,
    COUNT(CASE WHEN fact = 'replied' THEN 1 END) AS loops_replied,
    COUNT(CASE WHEN fact = 'rectified' THEN 1 END) AS loops_rectified,
    COUNT(CASE WHEN fact = 'rectified' AND on_time THEN 1 END) AS loops_rectified_on_time,
    COUNT(CASE WHEN fact = 'called_back' THEN 1 END) AS loops_called_back,
    COUNT(CASE WHEN fact = 'rerated' THEN 1 END) AS loops_rerated,
    COUNT(CASE WHEN fact = 'rerated' AND grade >= 3 THEN 1 END) AS loops_satisfied
FROM loop_facts
GROUP BY counter, day, lag_days
