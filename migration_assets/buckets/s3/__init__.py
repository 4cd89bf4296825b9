"""Objects of S3 and of what speaks like it: read, written, proven, taken back.

`source_of` and `target_of` (in `opened.py`) are the doors.
"""
