-- What the server is, and how many connections it lets in.
SELECT VERSION(), CURRENT_USER(), @@character_set_database,
       IF(@@GLOBAL.time_zone = 'SYSTEM', @@GLOBAL.system_time_zone, @@GLOBAL.time_zone),
       @@GLOBAL.read_only, @@GLOBAL.max_connections, @@GLOBAL.max_user_connections
