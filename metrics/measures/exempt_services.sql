-- What could be rated (as in services.sql) while an exemption lifted the ratings of the counter: nobody
-- could rate when the device was dead. A ticket is lifted by its end, a case by its closing.
-- grain: counter, day
-- log: tickets | cases
-- reference: desks
SELECT
    counter,
    day,
    COUNT(CASE WHEN ticket_id IS NULL THEN 1 END) AS exempt_services
FROM lifted_services
GROUP BY counter, day
HAVING COUNT(CASE WHEN ticket_id IS NULL THEN 1 END) > 0
