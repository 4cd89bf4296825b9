-- Tables and views of this name, in any letter case.
SELECT name FROM main.sqlite_master
WHERE type IN ('table', 'view') AND name = :table COLLATE NOCASE
