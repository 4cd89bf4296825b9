-- The server's version, its databases' character set, and the database that is meant where none is said.
SELECT VERSION(), @@character_set_database, DATABASE()
