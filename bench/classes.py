#!/usr/bin/env python3
"""What a number of clusters is worth: scores of clusterings with different numbers of clusters against labels.

  bench/classes.py TRAIN VAL CLUSTERS...

TRAIN and VAL are files of cached features (in the user's cache folder), VAL with labels, 255 where there is none; CLUSTERS are models
that `cluster --of raw` wrote, the first of them with the fewest clusters. A patch has one cluster. A line for each model: clusters,
many-to-one and one-to-one mIoU, many-to-one of as many patches at random as centres, and of the first model's clusters split at
random into as many; percent. Needs numpy and scipy.
"""
import json
import sys

import numpy
from scipy.optimize import linear_sum_assignment

DRAWS = 40
TYPES = {"F16": numpy.float16, "F32": numpy.float32, "U8": numpy.uint8}


def tensors(path):
    data = numpy.memmap(path, dtype=numpy.uint8, mode="r")
    start = 8 + int(data[:8].view("<u8")[0])
    found = {}
    for name, entry in json.loads(bytes(data[8:start])).items():
        if name != "__metadata__" and entry["dtype"] in TYPES:
            begin, end = (start + offset for offset in entry["data_offsets"])
            found[name] = data[begin:end].view(TYPES[entry["dtype"]]).reshape(entry["shape"])
    return found


def parts(file, name):
    numbered = sorted((int(key.split(".")[1]), key) for key in file if key.startswith(name + "."))
    return numpy.concatenate([file[key] for _, key in numbered])


def unit(vectors):
    vectors = vectors.reshape(-1, vectors.shape[-1]).astype(numpy.float32)
    return vectors / numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def pixels_of_patches(labels, grid):
    """Returns how many pixels of each class each patch has."""
    images, side, _ = labels.shape
    patch = side // grid
    cells = labels.reshape(images, grid, patch, grid, patch).transpose(0, 1, 3, 2, 4).reshape(-1, patch * patch)
    classes = int(labels[labels != 255].max()) + 1
    return numpy.stack([(cells == label).sum(1) for label in range(classes)], 1).astype(float)


def table(clusters, pixels):
    counts = numpy.zeros((clusters.max() + 1, pixels.shape[1]))
    numpy.add.at(counts, clusters, pixels)
    return counts


def many_to_one(counts):
    classes = counts.shape[1]
    confusion = numpy.zeros((classes, classes))
    numpy.add.at(confusion, counts.argmax(1), counts)
    hits = confusion.diagonal()
    return 100 * numpy.mean(hits / (confusion.sum(0) + confusion.sum(1) - hits))


def one_to_one(counts):
    unions = counts.sum(1, keepdims=True) + counts.sum(0) - counts
    iou = counts / unions
    return 100 * iou[linear_sum_assignment(-iou)].sum() / counts.shape[1]


def split(train, val, centres, wanted, random):
    """Returns the clusters of val, after random clusters were cut in two between two of their patches until there are enough."""
    of_train, of_val = (train @ centres.T).argmax(1), (val @ centres.T).argmax(1)
    count = len(centres)
    while count < wanted:
        chosen = of_train[random.integers(len(train))]
        own = numpy.flatnonzero(of_train == chosen)
        if len(own) > 1:
            first, second = train[random.choice(own, 2, replace=False)]
            for points, clusters in ((train, of_train), (val, of_val)):
                moved = (clusters == chosen) & (points @ second > points @ first)
                clusters[moved] = count
            count += 1
    return of_val


def main(train_file, val_file, *models):
    random = numpy.random.default_rng(0)
    train = unit(parts(tensors(train_file), "features"))
    val_parts = tensors(val_file)
    features = parts(val_parts, "features")
    val = unit(features)
    pixels = pixels_of_patches(parts(val_parts, "labels"), features.shape[1])
    few = train[random.choice(len(train), min(20000, len(train)), replace=False)]
    coarse = None
    for model in models:
        centres = unit(tensors(model)["cluster_probe.clusters"])
        coarse = centres if coarse is None else coarse
        count = len(centres)
        counts = table((val @ centres.T).argmax(1), pixels)
        cells, splits = [], []
        for _ in range(DRAWS):
            drawn = train[random.choice(len(train), count, replace=False)]
            cells.append(many_to_one(table((val @ drawn.T).argmax(1), pixels)))
            splits.append(many_to_one(table(split(few, val, coarse, count, random), pixels)))
        print(
            f"{count:3d} many-to-one {many_to_one(counts):.1f} one-to-one {one_to_one(counts):.1f}"
            f" random cells {numpy.mean(cells):.1f} random splits {numpy.mean(splits):.1f}",
            flush=True,
        )


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
