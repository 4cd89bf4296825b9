"""What an operator may ask for; the command line is its face."""
