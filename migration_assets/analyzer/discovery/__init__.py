"""Proposals as files: written once, compared with the source ever after, edited only where asked."""
