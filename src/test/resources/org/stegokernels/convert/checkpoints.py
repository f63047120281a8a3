#!/usr/bin/env python3
"""Makes the small checkpoints beside this script, and expected.safetensors: what PyTorch computes from them.

Debian's python3-torch (1.13) is enough:  /usr/bin/python3 checkpoints.py

The names are those of the published files, the values random, widths tiny. The forward pass is a plain restatement of
the published modules: DINO's and DINOv2's VisionTransformer, STEGO's DinoFeaturizer, head and probes.
"""
import argparse
import collections
import io
import json
import math
import os
import struct
import sys
import types
import zipfile

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, HEADS, DEPTH, PATCH, HIDDEN = 16, 2, 2, 4, 64
PLAIN_MLP = (("mlp.fc1", HIDDEN, WIDTH), ("mlp.fc2", WIDTH, HIDDEN))
# SwiGLUFFNFused of dinov2/layers/swiglu_ffn.py: two thirds of the channels, in multiples of eight.
GATED = (int(HIDDEN * 2 / 3) + 7) // 8 * 8
GATED_MLP = (("mlp.w12", 2 * GATED, WIDTH), ("mlp.w3", WIDTH, GATED))
DTYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.float64: "F64",
          torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8",
          torch.bool: "BOOL"}


def path(name):
    return os.path.join(HERE, name)


def write_safetensors(name, tensors, metadata=None):
    header, data, at = {}, [], 0
    if metadata:
        header["__metadata__"] = metadata
    for key, tensor in tensors.items():
        raw = tensor.detach().contiguous()
        raw = bytes(raw.view(torch.int16).numpy()) if raw.dtype == torch.bfloat16 else raw.numpy().tobytes()
        header[key] = {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, at + len(raw)]}
        data.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path(name), "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + b"".join(data))


def transformer(seed, grid, registers=0, layer_scale=False, gated=False, distilled=False):
    g = torch.Generator().manual_seed(seed)

    def draw(*shape, scale=0.2):
        return torch.randn(*shape, generator=g) * scale

    sd = collections.OrderedDict()
    sd["cls_token"] = draw(1, 1, WIDTH)
    if distilled:
        sd["dist_token"] = draw(1, 1, WIDTH)
    sd["pos_embed"] = draw(1, (2 if distilled else 1) + grid * grid, WIDTH)
    if registers:
        sd["register_tokens"] = draw(1, registers, WIDTH)
    if layer_scale:
        sd["mask_token"] = torch.zeros(1, WIDTH)
    sd["patch_embed.proj.weight"] = draw(WIDTH, 3, PATCH, PATCH)
    sd["patch_embed.proj.bias"] = draw(WIDTH)
    for i in range(DEPTH):
        block = f"blocks.{i}."
        for norm in ("norm1", "norm2"):
            sd[block + norm + ".weight"] = 1 + draw(WIDTH)
            sd[block + norm + ".bias"] = draw(WIDTH)
        for layer, outputs, inputs in (("attn.qkv", 3 * WIDTH, WIDTH), ("attn.proj", WIDTH, WIDTH),
                                       *(GATED_MLP if gated else PLAIN_MLP)):
            sd[block + layer + ".weight"] = draw(outputs, inputs)
            sd[block + layer + ".bias"] = draw(outputs)
        if layer_scale:
            sd[block + "ls1.gamma"] = 0.5 + draw(WIDTH)
            sd[block + "ls2.gamma"] = 0.5 + draw(WIDTH)
    sd["norm.weight"] = 1 + draw(WIDTH)
    sd["norm.bias"] = draw(WIDTH)
    return sd


def positions(sd, height, width, antialiased):
    """interpolate_pos_encoding of DINO; of DINOv2 with interpolate_antialias and interpolate_offset 0."""
    embedding = sd["pos_embed"]
    grid = math.isqrt(embedding.shape[1] - 1)
    tokens = embedding.shape[1] - grid * grid
    if height == grid and width == grid:
        return embedding
    patches = embedding[:, tokens:].reshape(1, grid, grid, WIDTH).permute(0, 3, 1, 2)
    if antialiased:
        patches = F.interpolate(patches, size=(height, width), mode="bicubic", antialias=True)
    else:
        scale = ((height + 0.1) / grid, (width + 0.1) / grid)
        patches = F.interpolate(patches, scale_factor=scale, mode="bicubic")
    patches = patches.permute(0, 2, 3, 1).reshape(1, height * width, WIDTH)
    return torch.cat([embedding[:, :tokens], patches], 1)


def forward(sd, image, heads=HEADS, epsilon=1e-6):
    """The final layer norm's output, and the last block's keys, for all tokens: class, distillation, registers, patches."""
    registers = sd.get("register_tokens")
    batch = image.shape[0]
    height, width = image.shape[2] // PATCH, image.shape[3] // PATCH
    x = F.conv2d(image, sd["patch_embed.proj.weight"], sd["patch_embed.proj.bias"], stride=PATCH)
    x = x.flatten(2).transpose(1, 2)
    classes = [sd[name] for name in ("cls_token", "dist_token") if name in sd]
    x = torch.cat([*(token.expand(batch, -1, -1) for token in classes), x], 1) + positions(sd, height, width, registers is not None)
    if registers is not None:
        x = torch.cat([x[:, :1], registers.expand(batch, -1, -1), x[:, 1:]], 1)
    keys = None
    for i in range(DEPTH):
        block = f"blocks.{i}."

        def linear(name, value):
            return F.linear(value, sd[block + name + ".weight"], sd.get(block + name + ".bias"))

        def norm(name, value):
            return F.layer_norm(value, (WIDTH,), sd[block + name + ".weight"], sd[block + name + ".bias"], epsilon)

        tokens = x.shape[1]
        qkv = linear("attn.qkv", norm("norm1", x)).reshape(batch, tokens, 3, heads, WIDTH // heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        attention = (q @ k.transpose(-2, -1) * (WIDTH // heads) ** -0.5).softmax(-1)
        keys = k.transpose(1, 2).reshape(batch, tokens, WIDTH)
        branch = linear("attn.proj", (attention @ v).transpose(1, 2).reshape(batch, tokens, WIDTH))
        x = x + branch * sd.get(block + "ls1.gamma", torch.ones(WIDTH))
        if block + "mlp.w12.weight" in sd:
            gate, value = linear("mlp.w12", norm("norm2", x)).chunk(2, -1)
            branch = linear("mlp.w3", F.silu(gate) * value)
        else:
            branch = linear("mlp.fc2", F.gelu(linear("mlp.fc1", norm("norm2", x))))
        x = x + branch * sd.get(block + "ls2.gamma", torch.ones(WIDTH))
    return F.layer_norm(x, (WIDTH,), sd["norm.weight"], sd["norm.bias"], epsilon), keys


def hugging_face(sd, prefix):
    out = collections.OrderedDict()
    for name, tensor in sd.items():
        if name.startswith("blocks."):
            _, index, rest = name.split(".", 2)
            layer = f"{prefix}encoder.layer.{index}."
            if rest.startswith("attn.qkv."):
                for part, third in zip(("query", "key", "value"), tensor.chunk(3)):
                    out[layer + "attention.attention." + part + rest[len("attn.qkv"):]] = third.contiguous()
                continue
            plain = "register_tokens" not in sd and "mask_token" not in sd
            for ours, theirs in (("norm1.", "layernorm_before." if plain else "norm1."),
                                 ("norm2.", "layernorm_after." if plain else "norm2."),
                                 ("attn.proj.", "attention.output.dense."),
                                 ("mlp.fc1.", "intermediate.dense." if plain else "mlp.fc1."),
                                 ("mlp.fc2.", "output.dense." if plain else "mlp.fc2."),
                                 ("mlp.w12.", "mlp.weights_in."), ("mlp.w3.", "mlp.weights_out."),
                                 ("ls1.gamma", "layer_scale1.lambda1"), ("ls2.gamma", "layer_scale2.lambda1")):
                rest = theirs + rest[len(ours):] if rest.startswith(ours) else rest
            out[layer + rest] = tensor
        else:
            for ours, theirs in (("cls_token", "embeddings.cls_token"),
                                 ("dist_token", "embeddings.distillation_token"), ("mask_token", "embeddings.mask_token"),
                                 ("register_tokens", "embeddings.register_tokens"),
                                 ("pos_embed", "embeddings.position_embeddings"),
                                 ("patch_embed.proj.", "embeddings.patch_embeddings.projection."),
                                 ("norm.", "layernorm.")):
                if name.startswith(ours):
                    out[prefix + theirs + name[len(ours):]] = tensor
    return out


def timm(sd):
    out = collections.OrderedDict((k.replace("mlp.w12", "mlp.fc1").replace("mlp.w3", "mlp.fc2"), v)
                                  for k, v in sd.items() if k != "mask_token")
    if "register_tokens" in out:
        out["reg_token"] = out.pop("register_tokens")
        out["cls_token"] = out["cls_token"] + out["pos_embed"][:, :1]
        out["pos_embed"] = out["pos_embed"][:, 1:].contiguous()
    return out


def inert_class(module, name):
    """A class that pickles under another module's name, as those of libraries that are not here would."""
    made = type(name, (), {"__module__": module})
    parts = module.split(".")
    for i in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:i]), types.ModuleType(".".join(parts[:i])))
    setattr(sys.modules[module], name, made)
    return made


def instance(cls, **state):
    made = cls()
    made.__dict__.update(state)
    return made


def omega(settings):
    """An OmegaConf dictionary as version 2.1 pickles it."""
    metadata = inert_class("omegaconf.base", "ContainerMetadata")
    node_metadata = inert_class("omegaconf.base", "Metadata")
    node = inert_class("omegaconf.nodes", "AnyNode")
    config = instance(inert_class("omegaconf.dictconfig", "DictConfig"))
    any_type = inert_class("typing_stand_in", "Any")
    config.__dict__.update(
        _metadata=instance(metadata, ref_type=any_type, object_type=dict, optional=True, key=None, flags={},
                           flags_root=False, resolver_cache=collections.defaultdict(dict), key_type=any_type,
                           element_type=any_type),
        _parent=None, _flags_cache=None, _content={})
    for key, value in settings.items():
        config._content[key] = instance(
            node, _metadata=instance(node_metadata, ref_type=any_type, object_type=None, optional=True, key=key,
                                     flags={}, flags_root=False, resolver_cache=collections.defaultdict(dict)),
            _parent=config, _flags_cache=None, _val=value)
    return config


def stego(backbone, dim=6, classes=27, extra=2):
    g = torch.Generator().manual_seed(9)
    sd = collections.OrderedDict(("net.model." + k, v) for k, v in backbone.items())
    for name, outputs, inputs in (("net.cluster1.0", dim, WIDTH), ("net.cluster2.0", WIDTH, WIDTH),
                                  ("net.cluster2.2", dim, WIDTH)):
        sd[name + ".weight"] = torch.randn(outputs, inputs, 1, 1, generator=g) * 0.3
        sd[name + ".bias"] = torch.randn(outputs, generator=g) * 0.3
    sd["train_cluster_probe.clusters"] = torch.randn(classes, dim, generator=g)
    sd["cluster_probe.clusters"] = torch.randn(classes + extra, dim, generator=g)
    for name, outputs in (("linear_probe", classes), ("decoder", WIDTH)):
        sd[name + ".weight"] = torch.randn(outputs, dim, 1, 1, generator=g)
        sd[name + ".bias"] = torch.randn(outputs, generator=g)
    cfg = dict(dataset_name="cocostuff27", model_type="vit_base", arch="dino", dino_patch_size=8, dim=dim,
               dino_feat_type="feat", projection_type="nonlinear", extra_clusters=extra, continuous=True, res=224,
               pretrained_weights=None, lr=5e-4)
    callback = inert_class("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint")
    checkpoint = {
        "epoch": 3, "global_step": 4800, "pytorch-lightning_version": "1.4.9", "state_dict": sd,
        "callbacks": {callback: {"monitor": "test/cluster/mIoU", "best_model_score": torch.tensor(0.28)}},
        "optimizer_states": [{"state": {0: {"step": 3, "exp_avg": torch.zeros(2)}}, "param_groups": [{"lr": 5e-4}]}],
        "lr_schedulers": [], "hparams_name": "kwargs", "hyper_parameters": {"n_classes": classes, "cfg": omega(cfg)}}
    return sd, checkpoint


def head(sd, feat):
    def conv(name, value):
        return F.linear(value, sd[name + ".weight"][:, :, 0, 0], sd[name + ".bias"])
    code = conv("net.cluster1.0", feat) + conv("net.cluster2.2", F.relu(conv("net.cluster2.0", feat)))
    cosine = F.normalize(code, dim=-1) @ F.normalize(sd["cluster_probe.clusters"], dim=1).T
    return code, conv("linear_probe", code), torch.log_softmax(2 * cosine, -1)


def big_endian(name, tensors):
    """What torch.save writes on a machine that is big endian, since PyTorch 2.1: swapped elements and 'byteorder'."""
    buffer = io.BytesIO()
    torch.save(tensors, buffer)
    widths = {}
    for tensor in tensors.values():
        widths[tensor.storage().data_ptr()] = tensor.element_size()
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path(name), "w") as out:
        folder = source.namelist()[0].split("/")[0]
        order = list(widths.values())
        for entry in source.namelist():
            raw = source.read(entry)
            if "/data/" in entry:
                width = order[int(entry.rsplit("/", 1)[1])]
                raw = b"".join(raw[i:i + width][::-1] for i in range(0, len(raw), width))
            out.writestr(entry, raw)
        out.writestr(folder + "/byteorder", "big")


def views():
    base = torch.arange(60, dtype=torch.float32).reshape(3, 4, 5) / 7
    half = torch.arange(24, dtype=torch.float16)
    plain = collections.OrderedDict(
        whole=base, transposed=base.permute(2, 0, 1), row=base[1], column=base[:, 2, 1:4], steps=half[3:23:4],
        scalar=base[2, 3, 4], empty=torch.zeros(0, 3), ones=base[:1, :, :1], parameter=torch.nn.Parameter(base[0]),
        bfloat16=torch.arange(7, dtype=torch.bfloat16) / 3, double=torch.arange(5, dtype=torch.float64) / 3,
        long=torch.arange(4) - 2, int=torch.arange(4, dtype=torch.int32) - 2, short=torch.arange(3, dtype=torch.int16),
        char=torch.arange(3, dtype=torch.int8) - 1, byte=torch.arange(3, dtype=torch.uint8),
        bool=torch.tensor([True, False]))
    return plain


def settings():
    """A part of a composite model, whose settings are beside its weights: heads, epsilon, no bias of queries and keys."""
    os.makedirs(path("hf_settings"), exist_ok=True)
    sd = transformer(5, 4)
    for i in range(DEPTH):
        del sd[f"blocks.{i}.attn.qkv.bias"]
    write_safetensors("hf_settings/model.safetensors", hugging_face(sd, "vision_model."))
    vision = {"model_type": "vit", "hidden_size": WIDTH, "num_hidden_layers": DEPTH, "num_attention_heads": 4,
              "intermediate_size": HIDDEN, "hidden_act": "gelu", "layer_norm_eps": 0.01, "qkv_bias": False,
              "image_size": 4 * PATCH, "patch_size": PATCH, "num_channels": 3}
    with open(path("hf_settings/config.json"), "w") as out:
        json.dump({"model_type": "composite", "hidden_size": 64, "num_attention_heads": 8, "vision_config": vision},
                  out, indent=2)
        out.write("\n")
    expected = collections.OrderedDict()
    for height, width in ((16, 16), (20, 12)):
        image = torch.randn(2, 3, height, width, generator=torch.Generator().manual_seed(height))
        tokens, keys = forward(sd, image, 4, 0.01)
        expected[f"settings.{height}x{width}.input"] = image
        expected[f"settings.{height}x{width}.tokens"] = tokens
        expected[f"settings.{height}x{width}.keys"] = keys
    write_safetensors("hf_settings/expected.safetensors", expected)


def main():
    settings()
    torch.manual_seed(0)
    expected = collections.OrderedDict()
    models = {"dino": (transformer(1, 4), ((16, 16), (20, 12))),
              "dinov2": (transformer(2, 5, layer_scale=True), ((20, 20), (12, 28))),
              "dinov2_reg": (transformer(3, 5, registers=4, layer_scale=True), ((20, 20), (12, 16), (28, 24))),
              "dinov2_g": (transformer(6, 5, layer_scale=True, gated=True), ((20, 20), (12, 28))),
              "distilled": (transformer(7, 4, distilled=True), ((16, 16), (20, 12)))}
    for name, (sd, sizes) in models.items():
        for height, width in sizes:
            image = torch.randn(2, 3, height, width)
            tokens, keys = forward(sd, image)
            expected[f"{name}.{height}x{width}.input"] = image
            expected[f"{name}.{height}x{width}.tokens"] = tokens
            expected[f"{name}.{height}x{width}.keys"] = keys

    dino, dinov2, registers, giant = (models[name][0] for name in ("dino", "dinov2", "dinov2_reg", "dinov2_g"))
    torch.save(dino, path("dino.pth"))
    g = torch.Generator().manual_seed(4)
    projection = {"head.mlp.0.weight": torch.randn(8, WIDTH, generator=g),
                  "head.last_layer.weight_g": torch.ones(8, 1)}
    student = {"module.backbone." + k: torch.randn(v.shape, generator=g) for k, v in dino.items()}
    student.update(("module." + k, v) for k, v in projection.items())
    teacher = {"backbone." + k: v for k, v in dino.items()}
    teacher.update(projection)
    torch.save({"student": student, "teacher": teacher, "optimizer": {"state": {0: {"exp_avg": torch.zeros(3)}}},
                "epoch": 300, "args": argparse.Namespace(arch="vit_small", patch_size=PATCH),
                "dino_loss": {"center": torch.zeros(1, 8)}},
               path("dino_full.pth"), _use_new_zipfile_serialization=False)
    classifier = {"head.weight": torch.randn(5, WIDTH, generator=g), "head.bias": torch.zeros(5)}
    half = {k: v.half() for k, v in {**dino, **classifier}.items()}
    torch.save({"model": half}, path("deit_f16.pth"))
    vit = hugging_face(dino, "vit.")
    vit["classifier.weight"], vit["classifier.bias"] = classifier["head.weight"], classifier["head.bias"]
    names = list(vit)
    shards = (names[:len(names) // 2], names[len(names) // 2:])
    files = [f"hf_vit-0000{i + 1}-of-00002.safetensors" for i in range(2)]
    for file, part in zip(files, shards):
        write_safetensors(file, {k: vit[k] for k in part}, {"format": "pt"})
    with open(path("hf_vit.safetensors.index.json"), "w") as out:
        json.dump({"metadata": {"total_size": sum(v.numel() * 4 for v in vit.values())},
                   "weight_map": {k: files[k in shards[1]] for k in names}}, out, indent=2)

    torch.save(dinov2, path("dinov2.pth"))
    chunked = {f"teacher.backbone.{k.replace('blocks.', 'blocks.0.')}": v for k, v in dinov2.items()}
    torch.save({"model": chunked, "iteration": 5}, path("dinov2_training.pth"))
    write_safetensors("hf_dinov2.safetensors", hugging_face(dinov2, "dinov2."), {"format": "pt"})
    torch.save(registers, path("dinov2_reg.pth"))
    write_safetensors("hf_dinov2_reg.safetensors", hugging_face(registers, ""), {"format": "pt"})
    write_safetensors("timm_dinov2_reg.safetensors", timm(registers), {"num_heads": str(HEADS)})

    torch.save(giant, path("dinov2_g.pth"))
    write_safetensors("hf_dinov2_g.safetensors", hugging_face(giant, "dinov2."), {"format": "pt"})
    write_safetensors("timm_dinov2_g.safetensors", timm(giant), {"num_heads": str(HEADS)})

    distilled = models["distilled"][0]
    heads = {f"{name}.{part}": value for name in ("head", "head_dist") for part, value in
             (("weight", classifier["head.weight"]), ("bias", classifier["head.bias"]))}
    torch.save({"model": {**distilled, **heads}}, path("deit_distilled.pth"))
    vit = hugging_face(distilled, "deit.")
    for ours, theirs in (("head.", "cls_classifier."), ("head_dist.", "distillation_classifier.")):
        vit.update((theirs + k[len(ours):], v) for k, v in heads.items() if k.startswith(ours))
    write_safetensors("hf_deit_distilled.safetensors", vit, {"format": "pt"})

    sd, checkpoint = stego(dino)
    torch.save(checkpoint, path("stego.ckpt"))
    feat = expected["dino.20x12.tokens"][:, 1:]
    expected["stego.code"], expected["stego.linear"], expected["stego.cluster"] = head(sd, feat)
    write_safetensors("expected.safetensors", expected)

    tensors = views()
    write_safetensors("views.safetensors", tensors)
    odd = dict(tensors)
    odd["quantised"] = torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)
    odd["sparse"] = torch.eye(2).to_sparse()
    odd["complex"] = torch.ones(2, dtype=torch.complex64)
    torch.save(odd, path("views_zip.pth"))
    torch.save(odd, path("views_legacy.pth"), _use_new_zipfile_serialization=False)
    big_endian("views_big.pth", tensors)


if __name__ == "__main__":
    main()
