"""Rows: is it true? Contracts, profiles, ingest and the store. Knows nothing of scores."""
