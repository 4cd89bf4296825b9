-- Adds what was moved to what is owed, of which time has paid since; the seconds until all is paid.
-- No more than half a second is ever saved up, and a clock that goes back pays nothing.
INSERT INTO migration.throttle AS owed (server, measure, amount, rate, as_of)
SELECT %(server)s, paid.measure, paid.amount, paid.rate, clock_timestamp()
FROM unnest(%(measures)s::text[], %(amounts)s::double precision[], %(rates)s::double precision[])
    AS paid (measure, amount, rate)
ON CONFLICT (server, measure) DO UPDATE SET
    amount = excluded.amount + greatest(
        -0.5 * excluded.rate,
        owed.amount - excluded.rate * greatest(0, extract(epoch FROM clock_timestamp() - owed.as_of))
    ),
    rate = excluded.rate,
    as_of = clock_timestamp()
RETURNING measure, amount / rate
