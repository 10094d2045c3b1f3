"""Proof by simulation: what the methods promise, tried on cities whose truth is known."""
