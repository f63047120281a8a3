#!/usr/bin/env python3
"""Makes the small checkpoints of DINOv3 beside this script, under the names of its authors (facebookresearch/dinov3,
models/vision_transformer.py) and of Hugging Face (modeling_dinov3_vit.py).

Debian's python3-torch (1.13) is enough:  /usr/bin/python3 dinov3_checkpoints.py

The weights are those of kernels/reference/dinov3.py, which computes what they give.
"""
import collections
import json
import os
import sys

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, *[os.pardir] * 6, "kernels", "reference"))

import checkpoints
import dinov3


def published(sd, masked):
    """As dinov3_vits16 and its kin save them: the gate in two layers, any bias of the keys and a mask for it."""
    g = torch.Generator().manual_seed(5)
    out = collections.OrderedDict()
    for name, tensor in sd.items():
        if ".mlp.w12." in name:
            for part, half in zip(("w1", "w2"), tensor.chunk(2)):
                out[name.replace("w12", part)] = half.clone()
        elif name.endswith("attn.qkv.bias") and masked:
            mask = torch.ones(3, dinov3.WIDTH)
            mask[1] = 0
            keys = torch.randn(dinov3.WIDTH, generator=g)
            out[name] = torch.cat([tensor[:dinov3.WIDTH], keys, tensor[2 * dinov3.WIDTH:]])
            out[name + "_mask"] = mask.flatten()
        else:
            out[name] = tensor
    out["mask_token"] = torch.zeros(1, dinov3.WIDTH)
    return out


def hugging_face(sd):
    out = collections.OrderedDict()
    gated = any(".mlp.w12." in name for name in sd)
    renamed = (("cls_token", "embeddings.cls_token"), ("storage_tokens", "embeddings.register_tokens"),
               ("patch_embed.proj.", "embeddings.patch_embeddings."), ("blocks.", "layer."))
    inner = ((".attn.proj.", ".attention.o_proj."), (".ls1.gamma", ".layer_scale1.lambda1"),
             (".ls2.gamma", ".layer_scale2.lambda1"), (".mlp.fc1.", ".mlp.up_proj."), (".mlp.fc2.", ".mlp.down_proj."),
             (".mlp.w3.", ".mlp.down_proj."))
    for name, tensor in sd.items():
        if name == "rope_embed.periods":
            continue
        for ours, theirs in renamed:
            name = theirs + name[len(ours):] if name.startswith(ours) else name
        for ours, theirs in inner:
            name = name.replace(ours, theirs)
        if ".attn.qkv." in name:
            for part, third in zip("qkv", tensor.chunk(3)):
                if part != "k" or not name.endswith("bias"):
                    out[name.replace("attn.qkv", f"attention.{part}_proj")] = third.clone()
        elif gated and ".mlp.w12." in name:
            for part, half in zip(("gate_proj", "up_proj"), tensor.chunk(2)):
                out[name.replace("w12", part)] = half.clone()
        else:
            out[name] = tensor
    out["embeddings.mask_token"] = torch.zeros(1, 1, dinov3.WIDTH)
    return out


def settings(gated):
    return {"architectures": ["DINOv3ViTModel"], "model_type": "dinov3_vit", "hidden_size": dinov3.WIDTH,
            "hidden_act": "silu" if gated else "gelu", "image_size": 224, "num_channels": 3,
            "intermediate_size": dinov3.GATED if gated else dinov3.HIDDEN, "use_gated_mlp": gated,
            "num_attention_heads": dinov3.HEADS, "num_hidden_layers": dinov3.DEPTH, "patch_size": dinov3.PATCH,
            "num_register_tokens": 4, "layer_norm_eps": dinov3.EPSILON, "layerscale_value": 1.0,
            "query_bias": True, "key_bias": False, "value_bias": True, "proj_bias": True, "mlp_bias": True,
            "pos_embed_rescale": 2.0, "rope_theta": dinov3.BASE}


def main():
    models = {name[len("vit_micro_"):]: sd for name, sd in dinov3.models().items()}
    for name, sd in models.items():
        torch.save(published(sd, name != "dinov3_bare"), checkpoints.path(name + ".pth"))
    for name in ("dinov3", "dinov3_gated"):
        folder = "hf_" + name
        os.makedirs(checkpoints.path(folder), exist_ok=True)
        checkpoints.write_safetensors(f"{folder}/model.safetensors", hugging_face(models[name]), {"format": "pt"})
        with open(checkpoints.path(f"{folder}/config.json"), "w") as out:
            json.dump(settings(name == "dinov3_gated"), out, indent=2)
            out.write("\n")


if __name__ == "__main__":
    main()
