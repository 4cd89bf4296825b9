-- The server's version, the database's encoding, and the schema that is meant where none is said.
SELECT
    current_setting('server_version'),
    (SELECT pg_encoding_to_char(encoding) FROM pg_catalog.pg_database WHERE datname = current_database()),
    current_schema()
