"""How PostgreSQL spells the values of its types, family by family."""
