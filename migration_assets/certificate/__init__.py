"""Certificate: what was proven of a wave, as one signed file that can be checked without this project."""
