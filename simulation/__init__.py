"""Proof by simulation: what the statistical methods promise, tried on cities whose truth is known."""
