"""Moves a company's data out of its old systems and proves that nothing was lost."""
