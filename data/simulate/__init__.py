"""A simulated city: ordinary log files of a year, and the true quality that no real city knows."""

from data.simulate.city import SimulatedCity, simulate

__all__ = ["SimulatedCity", "simulate"]
