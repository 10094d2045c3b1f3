"""A simulated city: ordinary log files of service halls whose true quality is known."""

from data.simulate.run import LogFile, SimulatedCity, simulate

__all__ = ["LogFile", "SimulatedCity", "simulate"]
