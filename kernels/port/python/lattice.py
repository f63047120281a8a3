"""The permutohedral lattice (Adams, Baek and Davis 2010) and mean-field inference over it."""
import math

import numpy as np

from operation import Refused, f64, operation
from rows import softmax_of


class Lattice:
    """Splat, blur and slice over positions [N, d], symmetrically normalised."""

    def __init__(self, positions):
        if not (np.abs(positions) < 1e6).all():
            raise Refused("a position is not finite or too far out for a float to place it")
        points, self.dims = positions.shape
        keys, self.weights = enclose(elevate(positions))
        vertices, corners = np.unique(keys.reshape(-1, self.dims), axis=0, return_inverse=True)
        self.corners = corners.reshape(points, self.dims + 1)
        self.count = len(vertices)
        # Entries in the order of their vertices: a vertex is then the sum of neighbouring rows.
        self.order = np.argsort(self.corners, axis=None, kind="stable")
        self.starts = np.searchsorted(self.corners.ravel()[self.order], np.arange(self.count))
        self.neighbours = [self.along(vertices, axis) for axis in range(self.dims + 1)]
        self.norm = np.ones((points, 1))
        self.norm = 1 / np.sqrt(self.filter(np.ones((points, 1))) + 1e-20)

    def along(self, vertices, axis):
        """The numbers of each vertex' neighbours along an axis; the count of vertices stands for none."""
        number = {key.tobytes(): i for i, key in enumerate(vertices)}
        step = np.ones(self.dims, vertices.dtype)
        if axis < self.dims:
            step[axis] = -self.dims
        return [
            np.array([number.get(key.tobytes(), self.count) for key in vertices + direction * step], int)
            for direction in (-1, 1)
        ]

    def filter(self, x):
        values = np.zeros((self.count + 1, x.shape[1]))
        entries = self.order // (self.dims + 1)
        splat = self.weights.ravel()[self.order, None] * (self.norm * x)[entries]
        values[:-1] = np.add.reduceat(splat, self.starts)
        for before, after in self.neighbours:
            values[:-1] += (values[before] + values[after]) / 2
        sliced = sum(weight[:, None] * values[corner] for corner, weight in zip(self.corners.T, self.weights.T))
        return self.norm * sliced / (1 + 2.0 ** -self.dims)


def elevate(positions):
    """Puts positions on the plane of d + 1 coordinates whose sum is 0: in binary32, in this order."""
    points, d = positions.shape
    stretch = float(np.float32(math.sqrt(2 / 3) * (d + 1)))
    elevated = np.zeros((points, d + 1), np.float32)
    total = np.zeros(points, np.float32)
    for i in range(d, 0, -1):
        x = positions[:, i - 1] * np.float32(1 / math.sqrt(i * (i + 1)) * stretch)
        elevated[:, i] = total - np.float32(i) * x
        total = total + x
    elevated[:, 0] = total
    return elevated


def enclose(elevated):
    """Returns the first d coordinates of the d + 1 corners around each point [N, d + 1, d], and its weights [N, d + 1]."""
    points, size = elevated.shape
    cell = np.floor(elevated * np.float32(np.float32(1) / np.float32(size)) + np.float32(0.5))
    rest = elevated - cell * np.float32(size)
    cell = cell.astype(np.int64)
    rank = np.empty((points, size), np.int64)
    np.put_along_axis(rank, np.argsort(-rest, 1, kind="stable"), np.arange(size)[None], 1)
    rank += cell.sum(1, keepdims=True)
    moved = (rank < 0).astype(np.int64) - (rank >= size)
    rank += moved * size
    cell += moved
    rest = f64(rest - (moved * size).astype(np.float32))
    ordered = np.empty((points, size))
    np.put_along_axis(ordered, rank, rest, 1)
    k = np.arange(size)
    keys = (cell * size)[:, None] + k[:, None] - size * (rank[:, None] > size - 1 - k[:, None])
    weights = np.empty((points, size))
    weights[:, 0] = size + ordered[:, -1] - ordered[:, 0]
    weights[:, 1:] = (ordered[:, :-1] - ordered[:, 1:])[:, ::-1]
    return keys[:, :, :-1], weights / size


@operation("vertices")
def buildLattice(positions, vertices):
    vertices[0] = Lattice(positions).count


@operation("out")
def latticeFilter(positions, x, out):
    out[...] = Lattice(positions).filter(f64(x))


@operation("out")
def meanField(logits, weights, iterations, out, positions=()):
    lattices = [Lattice(each) for each in positions]
    logits = f64(logits)
    q = softmax_of(logits)
    for _ in range(iterations):
        q = softmax_of(logits + sum(w * each.filter(q) for w, each in zip(f64(weights), lattices)))
    out[...] = q
