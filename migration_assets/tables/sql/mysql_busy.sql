-- Threads of this role that run now, which are ours.
SELECT COUNT(*)
FROM information_schema.PROCESSLIST
WHERE USER = SUBSTRING_INDEX(USER(), '@', 1)
    AND COMMAND NOT IN ('Sleep', 'Daemon')
