#!/usr/bin/env python3
"""Distils a vision transformer into the small one of the demo model.

    apt-get install python3-torch python3-numpy python3-pil python3-opencv
    /usr/bin/python3 weights/demo/photographs.py PHOTOS
    /usr/bin/python3 weights/demo/distil.py --teacher deit_tiny_patch16_224.safetensors --photographs PHOTOS \\
        --out RUN --hours 2

The teacher (patch 16) sees a crop at twice the student's (patch 8) resolution, so both have the same grid of patches. The
student learns the teacher's features: those after the last norm, and as a help those after a third and two thirds of the
blocks. A pool holds crops with the teacher's answers; each step replaces a few of them and draws a batch.

RUN/checkpoint.pt is written every few minutes; started again with the same RUN, training goes on from it (with a new
pool, so not to the same bits). RUN/student.safetensors is the averaged student, in float16; --start takes one, or a demo
model, in place of random numbers. Products are in bfloat16 where the processor has instructions for them.
"""
import argparse
import json
import os
import pathlib
import struct
import time
from concurrent.futures import ThreadPoolExecutor

for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
# Small parts of a batch side by side fit the caches, and beat threads within an operation by half.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import cv2
import numpy
import torch
import torch.nn.functional as F

WIDTH, DEPTH, HEADS, PATCH = 192, 6, 3, 8
# Patches along the sides of crops, small ones and large ones: positions are learnt for squares and for whole photographs.
GRID, LARGE_GRID = 14, (21, 28)
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
EPSILON = 1e-6
SCALES = (0.06, 1.0)
NEAREST = 0.25
# Share of the intermediate features in the loss at first, and of the time in which the rate falls to nothing at last.
HELP, DECAY = 0.3, 0.5
BFLOAT16 = "avx512_bf16" in pathlib.Path("/proc/cpuinfo").read_text()


# Safetensors


def read(path):
    types = {"F32": numpy.float32, "F16": numpy.float16}
    data = pathlib.Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        array = numpy.frombuffer(data[start:end], types[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(array.astype(numpy.float32))
    return tensors


def write(path, tensors, metadata):
    header, blocks, offset = {"__metadata__": metadata}, [], 0
    for name, tensor in tensors.items():
        block = tensor.detach().to(torch.float16).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(block)]}
        blocks.append(block)
        offset += len(block)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    partial = pathlib.Path(str(path) + ".partial")
    partial.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blocks))
    partial.rename(path)


# The transformer, as functions of its named tensors


def positions(w, rows, columns):
    """Position embedding stretched as DINO does it."""
    base = round((w["pos_embed"].shape[1] - 1) ** 0.5)
    table = w["pos_embed"][:, 1:]
    if (rows, columns) == (base, base):
        return table
    grid = table.reshape(1, base, base, -1).permute(0, 3, 1, 2)
    scale = ((rows + 0.1) / base, (columns + 0.1) / base)
    grid = F.interpolate(grid, scale_factor=scale, mode="bicubic", recompute_scale_factor=False)
    return grid.permute(0, 2, 3, 1).reshape(1, rows * columns, -1)


def forward(w, images, heads, stages):
    """Returns the patches' features after the blocks numbered in stages, and after the last norm, [B, T, C] each."""
    patch, width = w["patch_embed.proj.weight"].shape[2], w["cls_token"].shape[2]
    x = F.conv2d(images, w["patch_embed.proj.weight"], w["patch_embed.proj.bias"], stride=patch)
    rows, columns = x.shape[2:]
    x = x.flatten(2).transpose(1, 2) + positions(w, rows, columns)
    first = (w["cls_token"] + w["pos_embed"][:, :1]).expand(len(x), -1, -1)
    x = torch.cat([first, x], dim=1)
    seen = []
    depth = 1 + max(int(name.split(".")[1]) for name in w if name.startswith("blocks."))
    for i in range(depth):
        b = f"blocks.{i}."
        y = F.layer_norm(x, (width,), w[b + "norm1.weight"], w[b + "norm1.bias"], EPSILON)
        qkv = F.linear(y, w[b + "attn.qkv.weight"], w[b + "attn.qkv.bias"])
        q, k, v = qkv.reshape(len(x), -1, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
        mix = torch.softmax((q * (width // heads) ** -0.5) @ k.transpose(2, 3), dim=-1) @ v
        y = mix.transpose(1, 2).reshape(len(x), -1, width)
        x = x + F.linear(y, w[b + "attn.proj.weight"], w[b + "attn.proj.bias"])
        y = F.layer_norm(x, (width,), w[b + "norm2.weight"], w[b + "norm2.bias"], EPSILON)
        y = F.gelu(F.linear(y, w[b + "mlp.fc1.weight"], w[b + "mlp.fc1.bias"]))
        x = x + F.linear(y, w[b + "mlp.fc2.weight"], w[b + "mlp.fc2.bias"])
        if i + 1 in stages:
            seen.append(F.layer_norm(x[:, 1:].float(), (width,)))
    x = F.layer_norm(x.float(), (width,), w["norm.weight"], w["norm.bias"], EPSILON)
    return seen, x[:, 1:]


def mixed():
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=BFLOAT16)


def sines(width):
    """Sines and cosines of the patch's place as a first position embedding, [1, 1 + GRID * GRID, width]."""
    rates = 1 / 10000 ** (torch.arange(width // 4) / (width // 4))
    place = torch.arange(GRID).float()[:, None] * rates
    wave = torch.cat([place.sin(), place.cos()], dim=1)
    grid = torch.cat([wave[:, None].expand(-1, GRID, -1), wave[None].expand(GRID, -1, -1)], dim=2)
    return torch.cat([torch.zeros(1, width), grid.reshape(GRID * GRID, width)])[None]


def student(generator, mean, deviation):
    """A new student, whose last norm starts with the teacher's mean and deviation of each channel."""
    w = {}

    def normal(name, *shape, std=0.02):
        w[name] = torch.randn(*shape, generator=generator) * std

    normal("cls_token", 1, 1, WIDTH)
    w["pos_embed"] = 0.2 * sines(WIDTH)
    normal("patch_embed.proj.weight", WIDTH, 3, PATCH, PATCH, std=(3 * PATCH * PATCH) ** -0.5)
    w["patch_embed.proj.bias"] = torch.zeros(WIDTH)
    for i in range(DEPTH):
        b = f"blocks.{i}."
        for norm in ("norm1", "norm2"):
            w[b + norm + ".weight"], w[b + norm + ".bias"] = torch.ones(WIDTH), torch.zeros(WIDTH)
        for name, rows, columns in (
            ("attn.qkv", 3 * WIDTH, WIDTH),
            ("attn.proj", WIDTH, WIDTH),
            ("mlp.fc1", 4 * WIDTH, WIDTH),
            ("mlp.fc2", WIDTH, 4 * WIDTH),
        ):
            residual = name in ("attn.proj", "mlp.fc2")
            normal(b + name + ".weight", rows, columns, std=columns**-0.5 * ((2 * DEPTH) ** -0.5 if residual else 1))
            w[b + name + ".bias"] = torch.zeros(rows)
    w["norm.weight"], w["norm.bias"] = deviation.clone(), mean.clone()
    return {name: tensor.requires_grad_() for name, tensor in w.items()}


# Crops


def jitter(crop, random):
    """Changes exposure, contrast, colour and white balance, as other cameras and weathers would."""
    x = crop.astype(numpy.float32) / 255
    x = x ** numpy.exp(random.normal(0, 0.25))
    x = (x - x.mean()) * numpy.exp(random.normal(0, 0.2)) + x.mean() + random.normal(0, 0.06)
    grey = x.mean(axis=2, keepdims=True)
    x = grey + (x - grey) * numpy.clip(random.normal(0.9, 0.35), 0, 2)
    x = x * numpy.exp(random.normal(0, 0.05, 3))
    return (255 * numpy.clip(x, 0, 1)).astype(numpy.uint8)


def crop(photograph, rows, columns, random):
    """Returns one view at the teacher's and at the student's resolution (rows x columns pixels), uint8."""
    height, width = photograph.shape[:2]
    area = height * width * numpy.exp(random.uniform(*numpy.log(SCALES)))
    area = max(area, 0.36 * rows * columns)
    ratio = columns / rows * numpy.exp(random.uniform(-0.35, 0.35))
    w = int(min(width, round((area * ratio) ** 0.5)))
    h = int(min(height, round((area / ratio) ** 0.5)))
    x, y = random.integers(0, width - w + 1), random.integers(0, height - h + 1)
    part = photograph[y : y + h, x : x + w]
    if random.random() < 0.5:
        part = part[:, ::-1]
    part = jitter(numpy.ascontiguousarray(part), random)
    filter = cv2.INTER_AREA if w > 2 * columns else cv2.INTER_CUBIC
    large = cv2.resize(part, (2 * columns, 2 * rows), interpolation=filter)
    # The published transform takes the nearest pixel; photographs are segmented from averaged ones.
    if random.random() < NEAREST:
        return large, cv2.resize(part, (columns, rows), interpolation=cv2.INTER_NEAREST)
    return large, cv2.resize(large, (columns, rows), interpolation=cv2.INTER_AREA)


def floats(crops):
    x = torch.from_numpy(numpy.stack(crops)).permute(0, 3, 1, 2).float() / 255
    return (x - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(DEVIATION).view(3, 1, 1)


class Photographs:
    """Photographs in memory. Streets, of which there are few, are drawn most often, single things least."""

    STREETS = ("city", "courtyard", "bridge", "esplanade", "venice", "night")
    THINGS = ("fishes", "tools", "others", "erase")

    def __init__(self, folder):
        files = sorted(folder.glob("*.jpg"))
        self.pictures = [cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB) for file in files]
        weights = numpy.array([self.weight(file.name) for file in files])
        self.weights = weights / weights.sum()

    @classmethod
    def weight(cls, name):
        if "panorama" in name:
            scene = name.split("panorama-")[1]
            return (0.5 if name.startswith("small") else 1) * (1 if scene.startswith(cls.STREETS) else 0.3)
        return 0.4 if name.startswith(cls.THINGS) else 1.0

    def draw(self, count, grid, random):
        rows, columns = PATCH * grid[0], PATCH * grid[1]
        which = random.choice(len(self.pictures), count, p=self.weights)
        return [crop(self.pictures[i], rows, columns, random) for i in which]


class Teacher:
    def __init__(self, path):
        self.weights = read(path)
        self.heads = self.weights["cls_token"].shape[2] // 64

    @torch.no_grad()
    def answers(self, crops):
        """Features after 4, 8 and all 12 blocks, [B, 3, T, C] float16."""
        with mixed():
            seen, last = forward(self.weights, floats(crops), self.heads, (4, 8))
        return torch.stack([*seen, last], dim=1).half()


# Training


def orthogonal(gradients):
    """The nearest matrices with equal singular values, by five Newton-Schulz steps (Jordan et al. 2024, Muon)."""
    x = gradients / (gradients.flatten(1).norm(dim=1)[:, None, None] + 1e-7)
    x = x.bfloat16() if BFLOAT16 else x
    tall = x.shape[1] > x.shape[2]
    x = x.transpose(1, 2).contiguous() if tall else x
    for _ in range(5):
        square = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return (x.transpose(1, 2) if tall else x).float()


class Muon:
    """Momentum with orthogonal steps, for the matrices of the blocks; a linear layer of q, k and v is three matrices."""

    def __init__(self, tensors, decay):
        self.tensors, self.decay = tensors, decay
        self.momentum = [torch.zeros_like(tensor) for tensor in tensors]

    @torch.no_grad()
    def step(self, gradients, rate):
        updates = []
        for momentum, gradient in zip(self.momentum, gradients):
            momentum.lerp_(gradient, 0.05)
            updates.append(gradient.lerp(momentum, 0.95))
        for tensors, steps in self.groups(updates):
            steps = orthogonal(steps) * max(1, steps.shape[1] / steps.shape[2]) ** 0.5
            for tensor, step in zip(tensors, steps):
                tensor.mul_(1 - rate * self.decay).add_(step, alpha=-rate)

    def groups(self, updates):
        """Matrices of one shape, and their updates as one tensor."""
        groups = {}
        for tensor, update in zip(self.tensors, updates):
            count = 3 if tensor.shape[0] == 3 * WIDTH else 1
            for part, change in zip(tensor.detach().chunk(count), update.chunk(count)):
                parts, changes = groups.setdefault(part.shape, ([], []))
                parts.append(part)
                changes.append(change)
        return [(parts, torch.stack(changes)) for parts, changes in groups.values()]


class Pool:
    """Crops of one size with the teacher's answers; a full pool's give way by chance."""

    def __init__(self, grid, limit):
        self.grid, self.limit, self.entries = grid, limit, []

    def fill(self, photographs, teacher, workers, count, part, random):
        crops = photographs.draw(count, self.grid, random)
        parts = [[large for large, _ in crops[i : i + part]] for i in range(0, count, part)]
        answers = torch.cat(list(workers.map(teacher.answers, parts)))
        for (_, small), answer in zip(crops, answers):
            if len(self.entries) < self.limit:
                self.entries.append((small, answer))
            else:
                self.entries[random.integers(self.limit)] = (small, answer)

    def batch(self, which):
        """Images and answers of the entries numbered."""
        drawn = [self.entries[i] for i in which]
        return floats([small for small, _ in drawn]), torch.stack([answer for _, answer in drawn])

    def draw(self, count, random):
        return self.batch(random.integers(0, len(self.entries), count))


class Distillation:
    def __init__(self, options):
        self.options = a = options
        self.checkpoint = a.out / "checkpoint.pt"
        state = torch.load(self.checkpoint) if self.checkpoint.exists() else None
        self.step, self.used = (state["step"], state["used"]) if state else (0, 0.0)
        self.random = numpy.random.default_rng([a.seed, self.step])
        self.workers = ThreadPoolExecutor(a.threads)
        self.teacher = Teacher(a.teacher)
        self.photographs = Photographs(a.photographs / "train")
        self.pools = [Pool((GRID, GRID), a.pool), Pool(LARGE_GRID, a.pool // 3)]
        self.fill(self.pools[0], 512)
        self.fill(self.pools[1], 256)
        self.unseen = Pool((GRID, GRID), 128)
        held_out = Photographs(a.photographs / "held-out")
        self.unseen.fill(held_out, self.teacher, self.workers, 128, a.part, numpy.random.default_rng(1))

        features = torch.stack([answer[2] for _, answer in self.pools[0].entries]).float().flatten(0, 1)
        mean = features.mean(0)
        self.variance = (features - mean).square().mean().item()
        self.weights = student(torch.Generator().manual_seed(a.seed), mean, features.std(0))
        if a.start:
            start = read(a.start)
            for name, tensor in self.weights.items():
                tensor.data.copy_(start.get("backbone." + name, start.get(name)))
        self.average = {n: t.detach().clone() for n, t in self.weights.items()}
        self.tensors = list(self.weights.values())
        self.matrices = [t for n, t in self.weights.items() if n.startswith("blocks.") and t.dim() == 2]
        chosen = {id(t) for t in self.matrices}
        self.others = [t for t in self.tensors if id(t) not in chosen]
        self.muon = Muon(self.matrices, 0.01)
        self.adam = torch.optim.Adam(self.others, betas=(0.9, 0.98))
        if state:
            self.average, self.muon.momentum = state["average"], state["muon"]
            for name, tensor in state["student"].items():
                self.weights[name].data.copy_(tensor)
            self.adam.load_state_dict(state["adam"])

    def fill(self, pool, count):
        pool.fill(self.photographs, self.teacher, self.workers, count, self.options.part, self.random)

    def losses(self, w, images, answers):
        """Squared error as a share of the variance, 1 - cosine, and squared error of the intermediate features."""
        with mixed():
            seen, last = forward(w, images, HEADS, (2, 4))
        answers = answers.float()
        square = F.mse_loss(last, answers[:, 2]) / self.variance
        angle = 1 - F.cosine_similarity(last, answers[:, 2], dim=-1).mean()
        help = sum(F.mse_loss(s, answers[:, i]) for i, s in enumerate(seen))
        return square, angle, help

    def gradients(self, part, help_weight):
        square, angle, help = self.losses(self.weights, *part)
        share = len(part[0])
        slopes = torch.autograd.grad((square + angle + help_weight * help) * share, self.tensors)
        return share, numpy.array([square.item(), angle.item(), help.item()]) * share, slopes

    def train_step(self, done):
        """One step; done is the share of the time that is over. Returns the losses, or None of a batch of large crops."""
        a = self.options
        large = self.step % a.large_every == a.large_every - 1
        pool, part = (self.pools[1], a.part // 2) if large else (self.pools[0], a.part)
        self.fill(pool, a.fresh // 2 if large else a.fresh)
        parts = [pool.draw(part, self.random) for _ in range(a.batch // a.part)]
        help_weight = HELP * max(0.0, 1 - done / 0.7)
        results = list(self.workers.map(lambda p: self.gradients(p, help_weight), parts))
        shares = sum(share for share, _, _ in results)
        for tensor, *slopes in zip(self.tensors, *(slopes for _, _, slopes in results)):
            tensor.grad = sum(slopes) / shares
        torch.nn.utils.clip_grad_norm_(self.others, 1.0)
        rate = a.rate * min(1, (self.step + 1) / 100, (1 - done) / DECAY)
        self.muon.step([tensor.grad for tensor in self.matrices], rate)
        for group in self.adam.param_groups:
            group["lr"] = 0.1 * rate
        self.adam.step()
        keep = min(0.99, (1 + self.step) / (10 + self.step))
        for name, tensor in self.weights.items():
            self.average[name].lerp_(tensor.detach(), 1 - keep)
        self.step += 1
        return None if large else sum(values for _, values, _ in results) / shares

    def check(self):
        """The averaged student's losses on the photographs held out."""

        def losses_of(start):
            with torch.no_grad():
                return [float(loss) for loss in self.losses(self.average, *self.unseen.batch(range(start, start + 4)))]

        return numpy.mean(list(self.workers.map(losses_of, range(0, self.unseen.limit, 4))), axis=0)

    def save(self):
        partial = str(self.checkpoint) + ".partial"
        torch.save(
            {
                "step": self.step,
                "used": self.used,
                "student": {n: t.detach() for n, t in self.weights.items()},
                "average": self.average,
                "muon": self.muon.momentum,
                "adam": self.adam.state_dict(),
            },
            partial,
        )
        os.replace(partial, self.checkpoint)
        write(self.options.out / "student.safetensors", self.average, {"num_heads": str(HEADS)})

    def run(self):
        recent = []
        saved = clock = time.monotonic()
        budget = self.options.hours * 3600
        while self.used < budget:
            losses = self.train_step(self.used / budget)
            if losses is not None:
                recent.append(losses)
            now = time.monotonic()
            self.used, clock = self.used + now - clock, now
            if self.step % 50 == 0:
                line = f"step {self.step}  {self.used:.0f} s  train {numpy.round(numpy.mean(recent, axis=0), 4)}"
                if self.step % 200 == 0:
                    line += f"  held out {numpy.round(self.check(), 4)}"
                print(line, flush=True)
                recent = []
            if now - saved > 240:
                self.save()
                saved = now
        self.save()
        print(f"held out {numpy.round(self.check(), 4)}  {self.step} steps", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teacher", type=pathlib.Path, required=True)
    parser.add_argument("--photographs", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--hours", type=float, default=2, help="over all starts; the rate follows it")
    parser.add_argument("--start", type=pathlib.Path, help="safetensors of a student to go on from")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--part", type=int, default=4, help="images of a batch that a thread takes at a time")
    parser.add_argument("--fresh", type=int, default=10, help="new crops a step")
    parser.add_argument("--pool", type=int, default=6000)
    parser.add_argument("--large-every", type=int, default=2, help="one batch in so many is of larger crops, half as many")
    parser.add_argument("--rate", type=float, default=0.02, help="of Muon; Adam's is a tenth")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    Distillation(options).run()


if __name__ == "__main__":
    main()
