"""Makes prototypes.safetensors: a step of PriMaPs-EM (Hahn et al., TMLR 2024, section 3.2) on given masks, by PyTorch's
autograd. Run with Debian's PyTorch (1.13):

    /usr/bin/python3 kernels/reference/prototypes.py kernels/reference/prototypes.safetensors
"""

import json
import struct
import sys

import torch
import torch.nn.functional as F

IMAGES, DIM, CLASSES, SIDE, PIXELS, NONE = 3, 10, 6, 5, 32, 255
FOCUS, MOMENTUM = 2.0, 0.98


def write(path, tensors, metadata):
    """Writes a safetensors file, names in order."""
    header, data = {"__metadata__": metadata}, b""
    for name in sorted(tensors):
        tensor = tensors[name].detach().contiguous()
        kind = "I64" if tensor.dtype == torch.int64 else "F32"
        raw = tensor.numpy().tobytes()
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def logits(code, prototypes):
    """Dot products of the codes with prototypes of length 1."""
    return torch.einsum("nchw,kc->nkhw", code, F.normalize(prototypes, dim=1))


def resized(x):
    return F.interpolate(x, size=(PIXELS, PIXELS), mode="bilinear", align_corners=False)


torch.manual_seed(24)
code = 2 * torch.randn(IMAGES, DIM, SIDE, SIDE)
momentum = torch.randn(CLASSES, DIM)
running = (momentum + 0.3 * torch.randn(CLASSES, DIM)).requires_grad_()
masks = torch.arange(PIXELS).div(7, rounding_mode="floor").expand(IMAGES, PIXELS, PIXELS).clone()
masks[torch.rand(IMAGES, PIXELS, PIXELS) < 0.1] = NONE

best = resized(logits(code, momentum)).argmax(1)
labels = torch.full_like(masks, -1)
for image in range(IMAGES):
    for mask in masks[image].unique():
        if mask != NONE:
            inside = masks[image] == mask
            labels[image][inside] = best[image][inside].mode()[0]

out = logits(code, running)
weights = (1 - out.detach().softmax(1).mean([0, 2, 3])) ** FOCUS
inside = labels >= 0
losses = F.cross_entropy(resized(out), labels, weight=weights, ignore_index=-1, reduction="none")
loss = losses.sum() / inside.sum()
loss.backward()

write(
    sys.argv[1],
    {
        "code": code,
        "momentum": momentum,
        "running": running,
        "masks": masks,
        "loss": loss.reshape(1),
        "grad.running": running.grad,
    },
    {"focus": str(FOCUS), "note": "code [N, C, h, w]; masks [N, H, W], 255 for none; the loss is a mean over the pixels in masks"},
)
