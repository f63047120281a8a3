"""The table of operations, filled by the modules that define them."""
import numpy as np

OPERATIONS = {}


class Refused(Exception):
    """An argument is out of range."""


def operation(*written):
    """Adds a function to the table; `written` are the tensors to be answered with."""

    def add(function):
        OPERATIONS[function.__name__.rstrip("_")] = function, written
        return function

    return add


def f64(x):
    """Returns a copy in double precision."""
    return x.astype(np.float64)


def require(indices, bound, what):
    """Refuses indices outside of 0..bound-1."""
    if indices.size and (indices.min() < 0 or indices.max() >= bound):
        raise Refused(f"{what} is out of range")
