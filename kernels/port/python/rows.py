"""Operations that treat each row by itself, and those that only move rows about."""
import math

import numpy as np

from operation import f64, operation, require

erfc = np.frompyfunc(math.erfc, 1, 1)


def gelu_of(x):
    """x/2 (1 + erf(x / sqrt 2)), by erfc, which keeps the digits of the tail."""
    return x / 2 * erfc(-x / math.sqrt(2)).astype(np.float64)


def softmax_of(x):
    """exp(x) / sum exp(x) over the last dimension; a row with NaN becomes NaN."""
    e = np.exp(x - x.max(-1, keepdims=True, initial=-np.inf))
    return e / e.sum(-1, keepdims=True)


def length(x):
    return np.sqrt((x * x).sum(-1, keepdims=True))


@operation("out")
def layerNorm(x, gamma, beta, epsilon, out):
    x = f64(x)
    off = x - x.mean(-1, keepdims=True)
    out[...] = off / np.sqrt((off * off).mean(-1, keepdims=True) + epsilon) * gamma + beta


@operation("out")
def gelu(x, out):
    out[...] = gelu_of(f64(x))


@operation("out")
def swiGlu(x, out):
    a, b = np.split(f64(x), 2, -1)
    out[...] = a / (1 + np.exp(-a)) * b


@operation("out")
def normalize(x, epsilon, out):
    x = f64(x)
    by = length(x)
    out[...] = x / np.where(by < epsilon, epsilon, by)


@operation("out")
def softmax(x, scale, out):
    out[...] = softmax_of(scale * f64(x))


@operation("out")
def logSoftmax(x, scale, out):
    x = scale * f64(x)
    x -= x.max(-1, keepdims=True, initial=-np.inf)
    out[...] = x - np.log(np.exp(x).sum(-1, keepdims=True))


@operation("out")
def argmax(x, out):
    """The first one on a tie; NaN is passed over, and nothing but NaN gives 0."""
    known = np.where(np.isnan(x), -np.inf, x)
    first = known.argmax(-1)
    best = np.take_along_axis(known, first[..., None], -1)
    out[...] = ((known == best) & ~np.isnan(x)).argmax(-1).reshape(out.shape)


@operation("out")
def slice_(x, firstRow, firstChannel, out):
    out[...] = x[:, firstRow:firstRow + out.shape[1], firstChannel:firstChannel + out.shape[2]]


@operation("out")
def mirrorMean(x, out):
    out[...] = (f64(x[0]) + x[1, :, ::-1]) / 2


@operation("sums", "counts")
def clusterSums(points, labels, sums, counts):
    require(labels, len(sums), "a label")
    total = f64(sums)
    np.add.at(total, labels, points)
    sums[...] = total
    counts += np.bincount(labels, minlength=len(counts)).astype(np.int32)
