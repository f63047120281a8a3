"""Makes direct.safetensors: single operations, ties and odd shapes, by PyTorch or by loops in double precision.

Run with a Python that has numpy and torch, from any folder: /usr/bin/python3 kernels/reference/direct.py
"""
import itertools
import json
import math
import os
import struct

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(20261130)
tensors, metadata = {}, {"note": "CASE = operation and parameters; tensors are CASE.NAME, and CASE.NAME.after where updated"}


def normal(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def case(name, operation, parameters="", **arguments):
    metadata[name] = f"{operation} {parameters}".strip()
    for key, value in arguments.items():
        tensors[f"{name}.{key.replace('_after', '.after')}"] = np.asarray(value)


def double(x):
    return torch.from_numpy(np.array(x, np.float64))


def f32(x):
    return np.asarray(x, np.float32)


def first(x):
    """Channels last to channels first."""
    return double(x).permute(0, 3, 1, 2)


def last(x):
    return f32(x.permute(0, 2, 3, 1))


def movers():
    x = normal(2, 5, 7)
    case("slice.middle", "slice", "firstRow=1 firstChannel=2", x=x, out=x[:, 1:4, 2:6])
    case("slice.corner", "slice", "firstRow=4 firstChannel=6", x=x, out=x[:, 4:, 6:])
    for width in (1, 5):
        x = normal(2, 3, width, 4)
        case(f"mirrorMean.{width}", "mirrorMean", x=x, out=f32((double(x[0]) + double(x[1]).flip(1)) / 2))


def rows():
    for name, shape, scale in (("one", (3, 1), 2.5), ("wide", (2, 1031), 0.7), ("negative", (5, 9), -3.0),
                               ("far", (2, 6), 1.0)):
        x = normal(*shape) * (300 if name == "far" else 3)
        y = scale * double(x)
        case(f"softmax.{name}", "softmax", f"scale={scale}", x=x, out=f32(y.softmax(1)))
        case(f"logSoftmax.{name}", "logSoftmax", f"scale={scale}", x=x, out=f32(y.log_softmax(1)))
    for name, shape, mean in (("one", (3, 1), 0), ("wide", (2, 1031), 0), ("far", (3, 20), 1000)):
        x, gamma, beta = normal(*shape) + np.float32(mean), normal(shape[1]), normal(shape[1])
        out = F.layer_norm(double(x), shape[1:], double(gamma), double(beta), 1e-6)
        case(f"layerNorm.{name}", "layerNorm", "epsilon=1e-6", x=x, gamma=gamma, beta=beta, out=f32(out))
    x = normal(4, 3)
    x[1] = 0
    x[2] *= np.float32(1e-14)
    case("normalize.zeros", "normalize", "epsilon=1e-12", x=x, out=f32(F.normalize(double(x), dim=1, eps=1e-12)))
    x = f32([[-100, -10, -6, -5, -4, -3, -1e-30, 0, 1e-30, 3, 100]])
    case("gelu.tail", "gelu", x=x, out=f32(F.gelu(double(x))))


def ties():
    x = f32([[1, 3, 3, 2], [5, 5, 5, 5], [-0.0, 0.0, -1, 0.0], [-1, -2, -1, -3], [-math.inf, -math.inf, -1e38, -1e38]])
    case("argmax.ties", "argmax", x=x, out=np.int32([1, 0, 0, 0, 2]))
    keys = f32([[1, 0], [0, 1], [1, 0], [0, 1], [1, 1], [1, 1], [-1, 0]])
    queries = f32([[1, 0], [1, 1], [0, 0]])
    scores = queries @ keys.T
    order = np.argsort(-scores, axis=1, kind="stable")[:, :5].astype(np.int32)
    case("topK.ties", "topK", queries=queries, keys=keys, similarities=np.take_along_axis(scores, order, 1), indices=order)
    points, centers = f32([[0, 0], [2, 0], [1, 0], [1, 5]]), f32([[2, 0], [0, 0], [2, 0]])
    chosen, labels = np.int32([0, 1, 2, 3, 1]), np.int32([1, 0, 0, 0, 0])
    sums, counts = np.zeros((3, 2), np.float32), np.zeros(3, np.int32)
    for row, label in zip(chosen, labels):
        sums[label] += points[row]
        counts[label] += 1
    case("nearestCenters.ties", "nearestCenters", points=points, rows=chosen, centers=centers, labels=labels, sums=sums,
         counts=counts)


def clusters():
    points, labels = normal(1037, 3), rng.integers(0, 4, 1037).astype(np.int32)
    sums, counts = normal(5, 3), np.int32([7, 0, 3, 0, 9])
    total, number = sums.astype(np.float64), counts.copy()
    for point, label in zip(points, labels):
        total[label] += point
        number[label] += 1
    case("clusterSums.added", "clusterSums", points=points, labels=labels, sums=sums, counts=counts,
         sums_after=f32(total), counts_after=number)
    sums, means = normal(4, 3), normal(4, 3)
    counts, totals = np.int32([3, 0, 0, 8]), np.int32([5, 0, 4, 0])
    after, now = means.astype(np.float64), totals + counts
    for k in range(4):
        if now[k]:
            after[k] += (sums[k] - float(counts[k]) * after[k]) / now[k]
    case("runningMeans.zeros", "runningMeans", sums=sums, counts=counts, totals=totals, means=means, totals_after=now,
         means_after=f32(after))


def training():
    y = f32([[0, -0.0, 1e-38, 2, -1, 5e-39]])
    g = normal(1, 6)
    case("reluGradient.bounds", "reluGradient", y=y, gradOut=g, gradX=np.where(y > 0, g, np.float32(0)))
    x, factors = normal(2, 3, 5, 4), normal(2, 4)
    factors[0, 1] = 0
    case("scaleChannels.images", "scaleChannels", x=x, factors=factors, out=f32(double(x) * double(factors)[:, None, None]))
    x, coords = normal(2, 1, 1, 3), f32(rng.uniform(-1.5, 1.5, (2, 2, 2, 2)))
    out = F.grid_sample(first(x), double(coords), padding_mode="border", align_corners=True)
    case("gridSample.pixel", "gridSample", x=x, images=np.int32([0, 1]), coords=coords, out=last(out))


def images():
    for name, size, to in (("line", (1, 6), (5, 3)), ("pixel", (1, 1), (3, 2)), ("down", (13, 9), (3, 2))):
        x = normal(2, *size, 3)
        case(f"bilinear.{name}", "bilinear", x=x, out=last(F.interpolate(first(x), to, mode="bilinear")))
        scale = [(n + 0.1) / m for n, m in zip(to, size)]
        if name != "down":
            out = F.interpolate(first(x), scale_factor=scale, mode="bicubic", recompute_scale_factor=False)
            case(f"bicubic.{name}", "bicubic", f"scaleY={scale[0]!r} scaleX={scale[1]!r}", x=x, out=last(out))


def attention():
    for name, tokens, heads, d in (("one", 1, 2, 3), ("odd", 67, 3, 5)):
        qkv = normal(2, tokens, 3 * heads * d) * np.float32(2)
        q, k, v = double(qkv).reshape(2, tokens, 3, heads, d).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(2, 3) / math.sqrt(d)).softmax(3)
        case(f"attention.{name}", "attention", f"heads={heads}", qkv=qkv,
             out=f32((weights @ v).transpose(1, 2).reshape(2, tokens, -1)))
        queries = min(tokens, 4)
        case(f"attentionWeights.{name}", "attentionWeights", f"heads={heads}", qkv=qkv, out=f32(weights[:, :, :queries]))


def lattice_filter(positions, x):
    """Vertices by all d + 1 coordinates in a dictionary (Adams, Baek and Davis 2010, section 3)."""
    n, d = positions.shape
    vertices, corners = {}, []
    for position in positions.astype(np.float64):
        e = np.zeros(d + 1)
        for i in range(d):
            step = position[i] * math.sqrt(2 / 3) * (d + 1) / math.sqrt((i + 1) * (i + 2))
            e[:i + 1] += step
            e[i + 1] -= (i + 1) * step
        origin = np.round(e / (d + 1)).astype(int) * (d + 1)
        order = list(np.argsort(origin - e, kind="stable"))
        while origin.sum() > 0:
            origin[order[-1]] -= d + 1
            order.insert(0, order.pop())
        while origin.sum() < 0:
            origin[order[0]] += d + 1
            order.append(order.pop(0))
        rest = (e - origin)[order] / (d + 1)
        own = []
        for k in range(d + 1):
            vertex = origin + k
            vertex[order[d + 1 - k:]] -= d + 1
            weight = 1 + rest[d] - rest[0] if k == 0 else rest[d - k] - rest[d + 1 - k]
            own.append((vertices.setdefault(tuple(vertex), len(vertices)), weight))
        corners.append(own)

    def through(values):
        at = np.zeros((len(vertices), values.shape[1]))
        for point, own in enumerate(corners):
            for vertex, weight in own:
                at[vertex] += weight * values[point]
        for axis in range(d + 1):
            step = np.ones(d + 1, int)
            step[axis] = -d
            before = at.copy()
            for (vertex, number), sign in itertools.product(vertices.items(), (-1, 1)):
                neighbour = vertices.get(tuple(np.array(vertex) + sign * step))
                if neighbour is not None:
                    at[number] += before[neighbour] / 2
        out = np.zeros(values.shape)
        for point, own in enumerate(corners):
            for vertex, weight in own:
                out[point] += weight * at[vertex] / (1 + 2.0 ** -d)
        return out

    norm = 1 / np.sqrt(through(np.ones((n, 1))) + 1e-20)
    return norm * through(norm * x.astype(np.float64))


def lattices():
    for name, n, d, spread in (("one", 1, 2, 1), ("plane", 60, 2, 2), ("five", 60, 5, 1)):
        positions, x = normal(n, d) * np.float32(spread), normal(n, 3)
        case(f"latticeFilter.{name}", "latticeFilter", positions=positions, x=x, out=f32(lattice_filter(positions, x)))


def write(path):
    header, data = {"__metadata__": metadata}, b""
    for name, tensor in sorted(tensors.items()):
        part = np.ascontiguousarray(tensor).tobytes()
        kind = {"float32": "F32", "int32": "I32"}[tensor.dtype.name]
        header[name] = {"dtype": kind, "shape": tensor.shape, "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


for make in (movers, rows, ties, clusters, training, images, attention, lattices):
    make()
write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "direct.safetensors"))
