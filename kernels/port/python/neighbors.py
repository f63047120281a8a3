"""Nearest keys and centres."""
import numpy as np

from operation import f64, operation, require


@operation("similarities", "indices")
def topK(queries, keys, similarities, indices):
    """Largest first, the smaller index first on a tie; NaN is passed over, -1 where it leaves none."""
    k = similarities.shape[1]
    for first in range(0, len(queries), 256):
        block = slice(first, first + 256)
        scores = (f64(queries[block]) @ f64(keys).T).astype(np.float32)
        missing = np.isnan(scores)
        best = np.lexsort((-np.where(missing, -np.inf, scores), missing), axis=-1)[:, :k]
        gone = np.take_along_axis(missing, best, 1)
        similarities[block] = np.where(gone, -np.inf, np.take_along_axis(scores, best, 1))
        indices[block] = np.where(gone, -1, best)


@operation("labels", "sums", "counts")
def nearestCenters(points, rows, centers, labels, sums, counts):
    require(rows, len(points), "a row")
    chosen, c = f64(points)[rows], f64(centers)
    labels[...] = np.argmax(chosen @ c.T - (c * c).sum(1) / 2, 1)
    total = np.zeros(sums.shape)
    np.add.at(total, labels, chosen)
    sums[...] = total
    counts[...] = np.bincount(labels, minlength=len(counts))


@operation("totals", "means")
def runningMeans(sums, counts, totals, means):
    totals += counts
    there = totals != 0
    old, n = f64(means[there]), f64(counts[there])[:, None]
    means[there] = old + (f64(sums[there]) - n * old) / totals[there][:, None]
