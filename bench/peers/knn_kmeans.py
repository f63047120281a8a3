#!/usr/bin/env python3
"""FAISS IndexFlatIP and scikit-learn MiniBatchKMeans on the sizes of KnnBenchmark and MiniBatchKMeansBenchmark.

    apt-get install python3-faiss python3-sklearn
    /usr/bin/python3 bench/peers/knn_kmeans.py knn
    /usr/bin/python3 bench/peers/knn_kmeans.py kmeans --points /tmp/points.f32
    java -jar target/stego-kernels-bench.jar MiniBatchKMeans -p device=cpu -p file=/tmp/points.f32

The points are written to the file given (raw little-endian float32, [200000, 384]) if it is not there, so that both
sides cluster the same ones and their inertias can be compared.
"""
import argparse
import os
import time

import numpy

POINTS, CHANNELS, CLUSTERS, PASSES, BATCH = 200_000, 384, 27, 5, 4096
IMAGES, NEIGHBOURS = 50_000, 30


def knn(repeats):
    import faiss

    rows = numpy.random.default_rng(0).uniform(-1, 1, (IMAGES, CHANNELS)).astype("float32")
    rows /= numpy.linalg.norm(rows, axis=1, keepdims=True)
    index = faiss.IndexFlatIP(CHANNELS)
    index.add(rows)
    index.search(rows[:4096], NEIGHBOURS)
    for _ in range(repeats):
        start = time.perf_counter()
        index.search(rows, NEIGHBOURS)
        seconds = time.perf_counter() - start
        rate = 2e-9 * IMAGES * IMAGES * CHANNELS / seconds
        print(f"faiss {faiss.__version__} IndexFlatIP: {seconds:.2f} s, {rate:.0f} GFLOP/s", flush=True)


def points(file):
    """A mixture of 64 broad Gaussians, so that clusters exist but don't lie apart."""
    if not os.path.exists(file):
        random = numpy.random.default_rng(0)
        centres = random.normal(0, 0.5, (64, CHANNELS))
        rows = centres[random.integers(64, size=POINTS)] + random.normal(0, 1, (POINTS, CHANNELS))
        rows.astype("<f4").tofile(file)
    return numpy.fromfile(file, "<f4").reshape(POINTS, CHANNELS)


def kmeans(repeats, file):
    import sklearn
    from sklearn.cluster import MiniBatchKMeans

    rows = points(file)
    for seed in range(repeats):
        fit = MiniBatchKMeans(CLUSTERS, batch_size=BATCH, max_iter=PASSES, max_no_improvement=None, n_init=1,
                              reassignment_ratio=0, random_state=seed)
        start = time.perf_counter()
        fit.fit(rows)
        seconds = time.perf_counter() - start
        print(f"sklearn {sklearn.__version__} MiniBatchKMeans: {seconds:.2f} s, inertia {fit.inertia_:.6g}, "
              f"{fit.n_iter_} passes", flush=True)


arguments = argparse.ArgumentParser()
arguments.add_argument("what", choices=["knn", "kmeans"])
arguments.add_argument("--repeats", type=int, default=3)
arguments.add_argument("--points", default="/tmp/points.f32")
given = arguments.parse_args()
knn(given.repeats) if given.what == "knn" else kmeans(given.repeats, given.points)
