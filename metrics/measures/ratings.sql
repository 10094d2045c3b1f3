-- Counting ratings per counter, served day and days until the rating came; default ratings stand apart.
-- Good is grade 3 and better, bad are the two lowest (国办发〔2019〕51号).
-- Those that an exemption lifts are counted apart: exempt_ratings.
-- grain: counter, day, lag_days
-- log: ratings
-- late: lag_days
SELECT
    counter,
    day,
    lag_days,
    active_grade_1 + active_grade_2 + active_grade_3 + active_grade_4 + active_grade_5 AS active_ratings,
    active_grade_3 + active_grade_4 + active_grade_5 AS active_good,
    active_grade_1 + active_grade_2 AS active_bad,
    active_grade_1,
    active_grade_2,
    active_grade_3,
    active_grade_4,
    active_grade_5,
    default_grade_1 + default_grade_2 + default_grade_3 + default_grade_4 + default_grade_5 AS default_ratings,
    default_grade_3 + default_grade_4 + default_grade_5 AS default_good,
    default_grade_1 + default_grade_2 AS default_bad,
    default_grade_1,
    default_grade_2,
    default_grade_3,
    default_grade_4,
    default_grade_5
FROM (
    SELECT
        counter,
        day,
        lag_days,
        COUNT(CASE WHEN origin = 'active' AND grade = 1 THEN 1 END) AS active_grade_1,
        COUNT(CASE WHEN origin = 'active' AND grade = 2 THEN 1 END) AS active_grade_2,
        COUNT(CASE WHEN origin = 'active' AND grade = 3 THEN 1 END) AS active_grade_3,
        COUNT(CASE WHEN origin = 'active' AND grade = 4 THEN 1 END) AS active_grade_4,
        COUNT(CASE WHEN origin = 'active' AND grade = 5 THEN 1 END) AS active_grade_5,
        COUNT(CASE WHEN origin = 'default' AND grade = 1 THEN 1 END) AS default_grade_1,
        COUNT(CASE WHEN origin = 'default' AND grade = 2 THEN 1 END) AS default_grade_2,
        COUNT(CASE WHEN origin = 'default' AND grade = 3 THEN 1 END) AS default_grade_3,
        COUNT(CASE WHEN origin = 'default' AND grade = 4 THEN 1 END) AS default_grade_4,
        COUNT(CASE WHEN origin = 'default' AND grade = 5 THEN 1 END) AS default_grade_5
    FROM ratings
    WHERE NOT exempt
    GROUP BY counter, day, lag_days
) AS graded
