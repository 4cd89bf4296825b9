-- Statements that others run now, and sessions of which the role may not see what they do.
SELECT
    count(*) FILTER (WHERE state = 'active' AND backend_type = 'client backend'),
    count(*) FILTER (WHERE query = '<insufficient privilege>')
FROM pg_stat_activity
WHERE datname IS NOT NULL
    AND pid <> pg_backend_pid()
    AND application_name NOT LIKE %(own)s
