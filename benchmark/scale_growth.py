"""How a cost grows: the exponent of a power law through the measured points, by least squares; pure."""

import math
from collections.abc import Mapping


def exponent(points: Mapping[float, float]) -> float:
    """The slope of log cost over log size: 1 is linear, below it falls behind, above it runs away."""
    logs = [(math.log(size), math.log(cost)) for size, cost in points.items()]
    mean_size = sum(size for size, _ in logs) / len(logs)
    mean_cost = sum(cost for _, cost in logs) / len(logs)
    spread = sum((size - mean_size) ** 2 for size, _ in logs)
    return sum((size - mean_size) * (cost - mean_cost) for size, cost in logs) / spread


def last_step(points: Mapping[float, float]) -> float:
    """The exponent between the two largest sizes, where what is paid once counts least."""
    return exponent(dict(sorted(points.items())[-2:]))
