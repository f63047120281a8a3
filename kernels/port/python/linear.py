"""Matrix products: linear layers, the patch embedding and attention."""
import numpy as np

from operation import f64, operation
from rows import gelu_of, softmax_of


@operation("out")
def linear(x, weight, activation, out, bias=None, residual=None):
    y = f64(x).reshape(-1, weight.shape[1]) @ f64(weight).T
    if bias is not None:
        y += bias
    if residual is not None:
        y += residual.reshape(y.shape)
    if activation == "GELU":
        y = gelu_of(y)
    if activation == "RELU":
        y = np.where(y < 0, 0, y)
    out[...] = y.reshape(out.shape)


@operation("gradX", "gradWeight", "gradBias")
def linearGradient(weight, gradOut, x=None, gradX=None, gradWeight=None, gradBias=None):
    g = f64(gradOut).reshape(-1, weight.shape[0])
    if gradX is not None:
        gradX[...] = (g @ f64(weight)).reshape(gradX.shape)
    if gradWeight is not None:
        gradWeight[...] = g.T @ f64(x).reshape(len(g), -1)
    if gradBias is not None:
        gradBias[...] = g.sum(0)


@operation("out")
def patchEmbed(image, weight, patch, prefix, positions, out, bias=None):
    b, planes, height, width = image.shape
    pixels = f64(image).reshape(b, planes, height // patch, patch, width // patch, patch)
    pixels = pixels.transpose(0, 2, 4, 1, 3, 5).reshape(b, -1, planes * patch * patch)
    y = pixels @ f64(weight).T + positions
    out[:, :len(prefix)] = prefix
    out[:, len(prefix):] = y if bias is None else y + bias


@operation("qkv")
def rope(cos, sin, qkv):
    b, tokens, width = qkv.shape
    patches, half = cos.shape
    turned = qkv[:, tokens - patches:, :width // 3 * 2].reshape(b, patches, -1, 2, half)
    x, y = f64(turned[:, :, :, 0]), f64(turned[:, :, :, 1])
    by, up = cos[:, None], sin[:, None]
    points = np.stack([x * by - y * up, y * by + x * up], 3)
    qkv[:, tokens - patches:, :width // 3 * 2] = points.reshape(b, patches, -1)


def weights_of(qkv, heads):
    """Returns the attention weights [B, heads, T, T] and the values [B, heads, T, D]."""
    b, tokens, width = qkv.shape
    q, k, v = f64(qkv).reshape(b, tokens, 3, heads, width // 3 // heads).transpose(2, 0, 3, 1, 4)
    return softmax_of(q @ k.swapaxes(2, 3) / np.sqrt(q.shape[-1])), v


@operation("out")
def attention(qkv, heads, out):
    weights, values = weights_of(qkv, heads)
    out[...] = (weights @ values).swapaxes(1, 2).reshape(out.shape)


@operation("out")
def attentionWeights(qkv, heads, out):
    out[...] = weights_of(qkv, heads)[0][:, :, :out.shape[2]]
