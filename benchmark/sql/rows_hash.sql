-- How many rows, and the sums of two hashes of their text.
SELECT count(*), sum(hashtextextended({row}, 1)), sum(hashtextextended({row}, 2)) FROM ({query}) AS rows
