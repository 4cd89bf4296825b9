"""What contenders start: each a process of its own, told by a file what to do."""
