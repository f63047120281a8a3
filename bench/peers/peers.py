#!/usr/bin/env python3
"""What peers outside Java take for the sizes of the benchmarks, in JMH's JSON, for the same table.

    apt-get install python3-faiss python3-sklearn python3-torch python3-pil
    bench/peers/peers.py topk --json topk.json          FAISS IndexFlatIP            TopKBenchmark
    bench/peers/peers.py kmeans --json kmeans.json      scikit-learn MiniBatchKMeans MiniBatchKMeansBenchmark
    bench/peers/peers.py crf --image street.jpg noise   pydensecrf                   DenseCrfBenchmark
    bench/peers/peers.py step --json step.json          PyTorch                      TrainingStepBenchmark

A peer that is not installed is left out, with a word on standard error.
"""
import argparse
import json
import math
import os
import sys
import time

import numpy

CHANNELS = 384
IMAGES, NEIGHBOURS = 50_000, 30
POINTS, CLUSTERS, PASSES, BATCH = 200_000, 27, 5, 4096
SIDE, CLASSES, ITERATIONS = 320, 27, 10


def metric(values, unit):
    return {"score": sorted(values)[len(values) // 2], "scoreUnit": unit, "rawData": [values]}


def result(benchmark, params, runs, flop=None):
    """One entry as JMH writes it: times in milliseconds, pressure as the benchmarks have it, the rate if operations are
    given."""
    times = [1e3 * seconds for seconds, _ in runs]
    median = sorted(times)[len(times) // 2]
    secondary = {"pressure": metric([100 * share for _, share in runs], "%")}
    if flop:
        secondary["rate"] = metric([flop / seconds / 1e9 for seconds, _ in runs], "GFLOP/s")
    print(f"{benchmark} {params}: median {median:.1f} ms of {[round(each, 1) for each in times]}", flush=True)
    return {"benchmark": f"peers.{benchmark}", "mode": "ss", "params": params,
            "primaryMetric": metric(times, "ms/op"), "secondaryMetrics": secondary}


def stalled():
    """Seconds for which some thread of this machine has waited for a processor; 0 where the system doesn't tell."""
    try:
        with open("/proc/pressure/cpu") as file:
            return int(file.readline().rsplit("=", 1)[1]) / 1e6
    except OSError:
        return 0


def timed(repeats, run):
    """Seconds of each run, and for which part of them others took the processor."""
    runs = []
    for _ in range(repeats):
        waited, start = stalled(), time.perf_counter()
        run()
        seconds = time.perf_counter() - start
        runs.append((seconds, (stalled() - waited) / seconds))
    return runs


def timed_warm(repeats, run):
    run()
    return timed(repeats, run)


def topk(given):
    import faiss

    rows = numpy.random.default_rng(0).uniform(-1, 1, (given.rows, CHANNELS)).astype("float32")
    rows /= numpy.linalg.norm(rows, axis=1, keepdims=True)
    index = faiss.IndexFlatIP(CHANNELS)
    index.add(rows)
    index.search(rows[:4096], NEIGHBOURS)
    runs = timed(given.repeats, lambda: index.search(rows, NEIGHBOURS))
    yield result(f"faiss-{faiss.__version__}.IndexFlatIP", {"images": str(given.rows)}, runs,
                 2.0 * given.rows * given.rows * CHANNELS)


def points(file):
    """A mixture of 64 broad Gaussians, so that clusters exist but don't lie apart: raw float32, [200000, 384]."""
    if not os.path.exists(file):
        random = numpy.random.default_rng(0)
        centres = random.normal(0, 0.5, (64, CHANNELS))
        rows = centres[random.integers(64, size=POINTS)] + random.normal(0, 1, (POINTS, CHANNELS))
        rows.astype("<f4").tofile(file)
    return numpy.fromfile(file, "<f4").reshape(POINTS, CHANNELS)


def kmeans(given):
    import sklearn
    from sklearn.cluster import MiniBatchKMeans

    rows = points(given.points)
    inertias = []

    def fit():
        model = MiniBatchKMeans(CLUSTERS, batch_size=BATCH, max_iter=PASSES, max_no_improvement=None, n_init=1,
                                reassignment_ratio=0, random_state=len(inertias))
        inertias.append(model.fit(rows).inertia_)

    runs = timed_warm(given.repeats, fit)
    print("inertia", [f"{each:.6g}" for each in inertias])
    yield result(f"sklearn-{sklearn.__version__}.MiniBatchKMeans", {"points": str(POINTS), "metric": "EUCLIDEAN"},
                 runs)


def picture(name):
    """A photograph with its shorter side at 320 pixels, cut to its centre; or random pixels."""
    if name == "noise":
        return numpy.random.default_rng(5).integers(0, 256, (SIDE, SIDE, 3), dtype=numpy.uint8)
    from PIL import Image

    image = Image.open(name).convert("RGB")
    scale = SIDE / min(image.size)
    image = image.resize([max(SIDE, int(side * scale)) for side in image.size], Image.NEAREST)
    left, top = (image.width - SIDE) // 2, (image.height - SIDE) // 2
    return numpy.ascontiguousarray(numpy.array(image.crop((left, top, left + SIDE, top + SIDE))))


def crf(given):
    import pydensecrf.densecrf

    patches = SIDE // 16
    coarse = numpy.random.default_rng(3).uniform(-12, 12, (CLASSES, patches, patches))
    unary = numpy.ascontiguousarray(coarse.repeat(16, 1).repeat(16, 2).reshape(CLASSES, -1).astype("float32"))
    for name in given.image:
        rgb = picture(name)

        def infer():
            field = pydensecrf.densecrf.DenseCRF2D(SIDE, SIDE, CLASSES)
            field.setUnaryEnergy(unary)
            field.addPairwiseGaussian(sxy=1, compat=3)
            field.addPairwiseBilateral(sxy=67, srgb=3, rgbim=rgb, compat=4)
            field.inference(ITERATIONS)

        yield result("pydensecrf.DenseCRF2D", {"image": name}, timed_warm(given.repeats, infer))


def step(given):
    import torch
    import torch.nn.functional as nn

    images, side, code_width, classes, samples, draws = 16, 20, 70, 11, 11, 5
    torch.manual_seed(0)
    for channels in given.channels:
        features = torch.randn(2 * images, channels, side, side)
        labels = torch.randint(classes, (images, SIDE, SIDE))

        def weight(outputs, inputs):
            return torch.nn.Parameter(torch.randn(outputs, inputs, 1, 1) / math.sqrt(inputs))

        def bias(outputs):
            return torch.nn.Parameter(torch.zeros(outputs))

        linear = [weight(code_width, channels), bias(code_width)]
        hidden = [weight(channels, channels), bias(channels)]
        output = [weight(code_width, channels), bias(code_width)]
        probe = [weight(classes, code_width), bias(classes)]
        clusters = torch.nn.Parameter(torch.randn(classes, code_width))
        optimisers = [torch.optim.Adam(linear + hidden + output, 5e-4), torch.optim.Adam(probe, 5e-3),
                      torch.optim.Adam([clusters], 5e-3)]

        def sample(tensor, coords):
            return nn.normalize(nn.grid_sample(tensor, coords, padding_mode="border", align_corners=True), dim=1)

        def correspondence(f1, f2, c1, c2, shift):
            fd = torch.einsum("nchw,ncij->nhwij", f1, f2)
            centred = fd - fd.mean([3, 4], keepdim=True)
            fd = centred - centred.mean() + fd.mean()
            cd = torch.einsum("nchw,ncij->nhwij", c1, c2)
            return -(cd.clamp(0) * (fd - shift)).mean()

        def run():
            code = nn.conv2d(nn.dropout2d(features, 0.1), *linear)
            code = code + nn.conv2d(nn.relu(nn.conv2d(nn.dropout2d(features, 0.1), *hidden)), *output)
            dropped = nn.dropout2d(features, 0.1)
            f1, f2, c1, c2 = dropped[:images], dropped[images:], code[:images], code[images:]
            coords1 = torch.rand(images, samples, samples, 2) * 2 - 1
            coords2 = torch.rand(images, samples, samples, 2) * 2 - 1
            sf1, sc1 = sample(f1, coords1), sample(c1, coords1)
            loss = 0.67 * correspondence(sf1, sf1, sc1, sc1, 0.18)
            loss = loss + 0.25 * correspondence(sf1, sample(f2, coords2), sc1, sample(c2, coords2), 0.12)
            for _ in range(draws):
                other = torch.randperm(images)
                loss = loss + 0.63 / draws * correspondence(
                    sf1, sample(f1[other], coords2), sc1, sample(c1[other], coords2), 0.46)
            detached = code[:images].detach()
            logits = nn.interpolate(nn.conv2d(detached, *probe), size=(SIDE, SIDE), mode="bilinear",
                                    align_corners=False)
            loss = loss + nn.cross_entropy(logits, labels)
            cosines = torch.einsum("nchw,kc->nkhw", nn.normalize(detached, dim=1), nn.normalize(clusters, dim=1))
            chosen = nn.one_hot(cosines.argmax(1), classes).permute(0, 3, 1, 2).float()
            loss = loss - (chosen * cosines).sum(1).mean()
            for optimiser in optimisers:
                optimiser.zero_grad()
            loss.backward()
            for optimiser in optimisers:
                optimiser.step()

        with torch.no_grad():
            features /= math.sqrt(channels)
        yield result(f"torch-{torch.__version__}.TrainingStep", {"channels": str(channels)},
                     timed_warm(given.repeats, run))


arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("what", choices=["topk", "kmeans", "crf", "step"])
arguments.add_argument("--json", help="file for the results")
arguments.add_argument("--repeats", type=int, default=5)
arguments.add_argument("--rows", type=int, default=IMAGES, help="of topk")
arguments.add_argument("--points", default="/tmp/points.f32", help="of kmeans; written if it is not there")
arguments.add_argument("--image", nargs="+", default=["examples/temple.jpg", "noise"], help="of crf")
arguments.add_argument("--channels", nargs="+", type=int, default=[192, 384], help="of step")
given = arguments.parse_args()
try:
    results = list({"topk": topk, "kmeans": kmeans, "crf": crf, "step": step}[given.what](given))
except ImportError as missing:
    sys.exit(print(f"{given.what}: left out, {missing}", file=sys.stderr))
if given.json:
    with open(given.json, "w") as file:
        json.dump(results, file, indent=1)
