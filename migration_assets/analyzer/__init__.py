"""What is really there: a source's catalog in, contracts that a person only has to correct out."""
