"""What is promised: contract files in, small frozen objects in our own words out."""
