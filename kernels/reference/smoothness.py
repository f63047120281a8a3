"""Makes smoothness.safetensors: SmooSeg's objective (Lan et al., NeurIPS 2023, section 3) and its gradients, by PyTorch's
autograd. Run with Debian's PyTorch (1.13):

    /usr/bin/python3 kernels/reference/smoothness.py kernels/reference/smoothness.safetensors
"""

import json
import struct
import sys

import torch
import torch.nn.functional as F

IMAGES, CHANNELS, DIM, CLUSTERS, SIDE = 4, 24, 10, 7, 5
TEMPERATURE, WITHIN, ACROSS = 0.1, -0.02, 0.5
SCALE = 1 / TEMPERATURE


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


def energy(f1, f2, a1, a2, shift):
    """The part of the smoothness energy that depends on the assignments: -(w - shift) cos(a1, a2), w centred."""
    w = torch.einsum("nchw,ncij->nhwij", F.normalize(f1, dim=1, eps=1e-10), F.normalize(f2, dim=1, eps=1e-10))
    mean = w.mean()
    w = w - w.mean([3, 4], keepdim=True)
    w = w - w.mean() + mean
    cosines = torch.einsum("nchw,ncij->nhwij", F.normalize(a1, dim=1, eps=1e-10), F.normalize(a2, dim=1, eps=1e-10))
    return (-(w - shift) * cosines).mean()


torch.manual_seed(23)
features = torch.randn(IMAGES, CHANNELS, SIDE, SIDE) + 0.3
code = torch.randn(IMAGES, DIM, SIDE, SIDE, requires_grad=True)
start = torch.randn(CLUSTERS, DIM)
others = torch.tensor([[2, 3, 1, 0]])

teacher = F.normalize(start, dim=1)
student = F.normalize(start, dim=1).requires_grad_()
unit = F.normalize(code, dim=1)
cosines = torch.einsum("nchw,kc->nkhw", unit, teacher)
assigned = torch.softmax(cosines * SCALE, dim=1)
within = energy(features, features, assigned, assigned, WITHIN)
across = energy(features, features[others[0]], assigned, assigned[others[0]], ACROSS)
logits = torch.einsum("nchw,kc->nkhw", unit.detach(), F.normalize(student, dim=1))
data = F.cross_entropy(logits, cosines.argmax(1))
(within + across + data).backward()

x = torch.randn(IMAGES, CLUSTERS, SIDE, SIDE, requires_grad=True)
grad_y = torch.randn(IMAGES, CLUSTERS, SIDE, SIDE)
y = torch.softmax(x * SCALE, dim=1)
y.backward(grad_y)

write(
    sys.argv[1],
    {
        "feats": features,
        "code": code,
        "clusters": start,
        "others": others,
        "within": within.reshape(1),
        "across": across.reshape(1),
        "data": data.reshape(1),
        "grad.code": code.grad,
        "grad.student": student.grad,
        "softmax.y": y,
        "softmax.grad_y": grad_y,
        "softmax.grad_x": x.grad,
    },
    {
        "temperature": str(TEMPERATURE),
        "within_shift": str(WITHIN),
        "across_shift": str(ACROSS),
        "note": "images [N, C, H, W]; others: the image that each is compared with; energies without w - shift",
    },
)
