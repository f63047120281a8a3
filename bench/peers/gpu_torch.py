#!/usr/bin/env python3
"""What PyTorch takes on a GPU for the vision transformers of VisionTransformerBenchmark, in JMH's JSON.

    bench/peers/gpu_torch.py --json torch.json

Random weights, features after the last norm, scaled_dot_product_attention; f32 without and with TF32, and half precision,
each as written and compiled. Without a GPU it measures the processor (f32 alone); without PyTorch it says so.
"""
import argparse
import json
import sys
import time

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError:
    print("PyTorch is not installed: left out")
    sys.exit(0)

MODELS = {"deit-tiny": (12, 192, 3, 16), "vit-s8": (12, 384, 6, 8), "vit-b8": (12, 768, 12, 8)}
RUNS = 7


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.qkv, self.projection = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2])
        x = x + self.projection(mixed.transpose(1, 2).reshape(batch, tokens, width))
        return x + self.down(functional.gelu(self.up(self.norm2(x))))


class VisionTransformer(nn.Module):
    def __init__(self, model, size):
        super().__init__()
        depth, width, heads, patch = MODELS[model]
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.positions = nn.Parameter(torch.randn(1, 1 + (size // patch) ** 2, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, image):
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.positions
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


def flop(model, size, batch):
    depth, width, _, patch = MODELS[model]
    tokens = 1 + (size // patch) ** 2
    block = 24 * tokens * width * width + 4 * tokens * tokens * width
    return batch * (depth * block + 6 * (tokens - 1) * patch * patch * width)


def milliseconds(device, run):
    """Times of some runs after two of warm-up; several forward passes a run, so that one takes 50 ms."""
    def timed(times):
        if device == "cuda":
            torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(times):
            run()
        if device == "cuda":
            torch.cuda.synchronize()
        return 1e3 * (time.perf_counter() - start) / times
    timed(1)
    times = max(1, min(100, int(50 / max(timed(1), 0.01))))
    return [timed(times) for _ in range(RUNS)]


def metric(values, unit):
    return {"score": sorted(values)[len(values) // 2], "scoreUnit": unit, "rawData": [values]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="vit-s8,vit-b8")
    parser.add_argument("--sizes", default="224,320")
    parser.add_argument("--batches", default="1,16,64")
    parser.add_argument("--json", required=True)
    arguments = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    modes = [("fp32", False)] if device == "cpu" else [
        ("fp32", False), ("fp16", False), ("tf32", False), ("fp16", True), ("fp32", True)]
    results = []
    for precision, compiled in modes:
        for model in arguments.models.split(","):
            for size in map(int, arguments.sizes.split(",")):
                torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
                vit = VisionTransformer(model, size).to(device).eval()
                if compiled:
                    vit = torch.compile(vit, dynamic=False)
                for batch in map(int, arguments.batches.split(",")):
                    image = torch.randn(batch, 3, size, size, device=device)

                    def forward():
                        with torch.inference_mode(), torch.autocast(device, torch.float16, enabled=precision == "fp16"):
                            return vit(image)
                    times = milliseconds(device, forward)
                    name = f"peers.PyTorch-{torch.__version__}{'.compiled' if compiled else ''}"
                    rate = [flop(model, size, batch) / each / 1e6 for each in times]
                    parameters = {"device": f"opencl+{precision}", "model": model, "size": str(size), "batch": str(batch)}
                    results.append({"benchmark": name, "mode": "avgt", "params": parameters,
                                    "primaryMetric": metric(times, "ms/op"),
                                    "secondaryMetrics": {"rate": metric(rate, "GFLOP/s")}})
                    print(f"{name} {model} {size} batch {batch} {precision}: {sorted(times)[RUNS // 2]:.3f} ms", flush=True)
                    with open(arguments.json, "w") as file:
                        json.dump(results, file)


main()
