-- True for the one who has to ask the server how busy it is, as nobody has for a second.
INSERT INTO migration.throttle AS known (server, measure, amount, rate, as_of)
VALUES (%(server)s, 'busy', 0, 1, clock_timestamp())
ON CONFLICT (server, measure) DO UPDATE SET as_of = clock_timestamp()
WHERE known.as_of NOT BETWEEN clock_timestamp() - interval '1 second' AND clock_timestamp()
RETURNING true
