"""What a source's rows are like, and what will become of them: a profile before the first run."""
