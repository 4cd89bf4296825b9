-- What the server is, what the role may, and how busy it is.
SELECT current_setting('server_version') AS version,
       current_setting('server_version_num')::int AS number,
       current_user::text AS role,
       pg_encoding_to_char(d.encoding) AS encoding,
       (SELECT coalesce(reset_val, setting) FROM pg_catalog.pg_settings WHERE name = 'TimeZone') AS time_zone,
       pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'
           AND (SELECT reset_val = 'on' FROM pg_catalog.pg_settings WHERE name = 'default_transaction_read_only')
           AS standby,
       r.rolsuper AS superuser,
       least(current_setting('max_connections')::int
                 - CASE WHEN r.rolsuper THEN 0
                        ELSE current_setting('superuser_reserved_connections')::int
                             + coalesce(current_setting('reserved_connections', true)::int, 0) END,
             nullif(r.rolconnlimit, -1), nullif(d.datconnlimit, -1)) AS most,
       (SELECT sum(numbackends)::int FROM pg_catalog.pg_stat_database) AS used,
       (SELECT count(*)::int FROM pg_catalog.pg_stat_activity
        WHERE xact_start < now() - %(long)s * interval '1 second' AND pid <> pg_backend_pid()
          AND backend_type = 'client backend')
           + (SELECT count(*)::int FROM pg_catalog.pg_prepared_xacts
              WHERE prepared < now() - %(long)s * interval '1 second') AS long_transactions,
       (SELECT extract(epoch FROM now() - least(
                   (SELECT min(xact_start) FROM pg_catalog.pg_stat_activity
                    WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'),
                   (SELECT min(prepared) FROM pg_catalog.pg_prepared_xacts)))::int) AS oldest,
       pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_all,
       pg_database_size(current_database()) AS size,
       CASE WHEN pg_catalog.pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')
            THEN current_setting('data_directory') END AS folder
FROM pg_catalog.pg_database AS d, pg_catalog.pg_roles AS r
WHERE d.datname = current_database() AND r.rolname = current_user
