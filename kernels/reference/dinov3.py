#!/usr/bin/env python3
"""Makes transformer.safetensors and vit_micro_dinov3*.safetensors beside this script: what PyTorch computes of rope,
of the gate of SwiGLU, and of whole small transformers as DINOv3 has them (Simeoni et al. 2025, arXiv 2508.10104).

Debian's python3-torch (1.13) is enough:  /usr/bin/python3 dinov3.py

Weights are random and small. The forward pass is written from the published equations with PyTorch's own operations; the
names of tensors are those of the program's files: keys have a bias of zeros, which the published mask makes of it, and
the two layers before the gate are one.
"""
import collections
import json
import math
import os
import struct

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, HEADS, DEPTH, PATCH, HIDDEN, GATED = 48, 3, 2, 4, 96, 64
BASE, EPSILON = 100.0, 1e-5
SIZES = ((20, 20), (12, 28), (32, 24))


def write(name, tensors, metadata):
    header, data, at = {"__metadata__": metadata}, [], 0
    for key, tensor in tensors.items():
        raw = tensor.detach().contiguous().numpy().tobytes()
        header[key] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + len(raw)]}
        data.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(HERE, name), "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + b"".join(data))


def periods(head_dim, base=BASE):
    """One for each four channels of a head: base^(4 i / D)."""
    return base ** (torch.arange(head_dim // 4) * 4 / head_dim)


def transformer(seed, registers, gated):
    g = torch.Generator().manual_seed(seed)

    def draw(*shape, scale=0.2):
        return torch.randn(*shape, generator=g) * scale

    sd = collections.OrderedDict(cls_token=draw(1, 1, WIDTH))
    if registers:
        sd["storage_tokens"] = draw(1, registers, WIDTH)
    sd["rope_embed.periods"] = periods(WIDTH // HEADS)
    sd["patch_embed.proj.weight"] = draw(WIDTH, 3, PATCH, PATCH)
    sd["patch_embed.proj.bias"] = draw(WIDTH)
    layers = [("attn.qkv", 3 * WIDTH, WIDTH), ("attn.proj", WIDTH, WIDTH)]
    layers += ([("mlp.w12", 2 * GATED, WIDTH), ("mlp.w3", WIDTH, GATED)] if gated else
               [("mlp.fc1", HIDDEN, WIDTH), ("mlp.fc2", WIDTH, HIDDEN)])
    for i in range(DEPTH):
        block = f"blocks.{i}."
        for norm in ("norm1", "norm2"):
            sd[block + norm + ".weight"] = 1 + draw(WIDTH)
            sd[block + norm + ".bias"] = draw(WIDTH)
        for layer, outputs, inputs in layers:
            sd[block + layer + ".weight"] = draw(outputs, inputs)
            sd[block + layer + ".bias"] = draw(outputs)
        sd[block + "attn.qkv.bias"][WIDTH:2 * WIDTH] = 0
        sd[block + "ls1.gamma"] = 0.5 + draw(WIDTH)
        sd[block + "ls2.gamma"] = 0.5 + draw(WIDTH)
    sd["norm.weight"] = 1 + draw(WIDTH)
    sd["norm.bias"] = draw(WIDTH)
    return sd


def angles(height, width, period):
    """[height width, D/2]: the centre of a patch, from -1 to 1 along each side, in turns of each period."""
    rows = 2 * ((torch.arange(height) + 0.5) / height) - 1
    columns = 2 * ((torch.arange(width) + 0.5) / width) - 1
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    places = torch.stack([y, x], -1).reshape(-1, 2, 1)
    return (2 * math.pi * places / period).reshape(height * width, -1)


def rope(x, angle):
    """Turns the last tokens of x [..., T, D] by angle [P, D/2]: as complex numbers, one half of a head real."""
    before, turned = x[..., :x.shape[-2] - len(angle), :], x[..., x.shape[-2] - len(angle):, :]
    real, imaginary = turned.chunk(2, -1)
    product = torch.complex(real, imaginary) * torch.polar(torch.ones_like(angle), angle)
    return torch.cat([before, torch.cat([product.real, product.imag], -1)], -2)


def forward(sd, image, heads=HEADS, epsilon=EPSILON):
    """Everything that vit_micro files hold of one image, by its name there."""
    batch, height, width = image.shape[0], image.shape[2] // PATCH, image.shape[3] // PATCH
    patches = F.conv2d(image, sd["patch_embed.proj.weight"], sd["patch_embed.proj.bias"], stride=PATCH)
    first = [sd[name].expand(batch, -1, -1) for name in ("cls_token", "storage_tokens") if name in sd]
    x = torch.cat([*first, patches.flatten(2).transpose(1, 2)], 1)
    angle = angles(height, width, sd["rope_embed.periods"])
    out = collections.OrderedDict(input=image)
    out["tokens.0"] = x
    for i in range(DEPTH):
        block = f"blocks.{i}."

        def linear(name, value):
            return F.linear(value, sd[block + name + ".weight"], sd.get(block + name + ".bias"))

        def norm(name, value):
            return F.layer_norm(value, (WIDTH,), sd[block + name + ".weight"], sd[block + name + ".bias"], epsilon)

        tokens = x.shape[1]
        qkv = linear("attn.qkv", norm("norm1", x)).reshape(batch, tokens, 3, heads, WIDTH // heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        out["keys.last"] = k.transpose(1, 2).reshape(batch, tokens, WIDTH)
        q, k = rope(q, angle), rope(k, angle)
        out["qkv.last"] = torch.stack([q, k, v])
        attention = (q @ k.transpose(-2, -1) / math.sqrt(WIDTH // heads)).softmax(-1)
        out["attention.last"] = attention
        branch = linear("attn.proj", (attention @ v).transpose(1, 2).reshape(batch, tokens, WIDTH))
        x = x + branch * sd[block + "ls1.gamma"]
        if block + "mlp.w12.weight" in sd:
            gate, value = linear("mlp.w12", norm("norm2", x)).chunk(2, -1)
            branch = linear("mlp.w3", F.silu(gate) * value)
        else:
            branch = linear("mlp.fc2", F.gelu(linear("mlp.fc1", norm("norm2", x))))
        x = x + branch * sd[block + "ls2.gamma"]
        out[f"tokens.{i + 1}"] = x
    out["feat"] = F.layer_norm(x, (WIDTH,), sd["norm.weight"], sd["norm.bias"], epsilon)
    return out


def models():
    """Each form, by the name of its file: a plain MLP with registers, a gated one, and one without registers."""
    return {"vit_micro_dinov3": transformer(1, 4, False),
            "vit_micro_dinov3_gated": transformer(2, 4, True),
            "vit_micro_dinov3_bare": transformer(3, 0, False)}


def operations():
    g = torch.Generator().manual_seed(4)
    tensors = collections.OrderedDict()
    for heads, head_dim, height, width, prefix in ((2, 12, 3, 5, 1), (3, 64, 2, 6, 5), (1, 4, 1, 1, 0)):
        angle = angles(height, width, periods(head_dim))
        qkv = torch.randn(2, prefix + height * width, 3, heads, head_dim, generator=g)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        turned = torch.stack([rope(q, angle), rope(k, angle), v]).permute(1, 3, 0, 2, 4)
        case = f"rope.{heads}x{head_dim}."
        for name, value in (("qkv", qkv.flatten(2)), ("cos", angle.cos()), ("sin", angle.sin()), ("y", turned.flatten(2))):
            tensors[case + name] = value
    x = 3 * torch.randn(9, 74, generator=g)
    gate, value = x.chunk(2, -1)
    tensors["swi_glu.x"], tensors["swi_glu.y"] = x, F.silu(gate) * value
    return tensors


def main():
    write("transformer.safetensors", operations(),
          {"note": "rope.HEADSxDEPTH: qkv [B, T, 3 C], cos and sin [P, D/2], y [B, T, 3 C]; swi_glu: x [rows, 2 C]"})
    for name, sd in models().items():
        tensors = collections.OrderedDict(("weights." + key, value) for key, value in sd.items())
        for height, width in SIZES:
            image = torch.randn(2, 3, height, width, generator=torch.Generator().manual_seed(height + width))
            for key, value in forward(sd, image).items():
                tensors[f"{height}x{width}.{key}"] = value
        write(name + ".safetensors", tensors,
              {"num_heads": str(HEADS), "note": "qkv.last is turned by the positions, keys.last is not"})


if __name__ == "__main__":
    main()
