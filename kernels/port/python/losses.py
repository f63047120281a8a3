"""Losses and their gradients; `weight` is in the gradient and not in the loss."""
import numpy as np

from operation import Refused, f64, operation
from resample import linear_taps, mixed, unmixed
from rows import softmax_of


@operation("gradCode1", "gradCode2", "loss")
def correspondence(features1, features2, code1, code2, pointwise, zeroClamp, stabilize, shift, weight, gradCode1,
                   gradCode2, loss):
    fd = f64(features1) @ f64(features2).swapaxes(1, 2)
    c1, c2 = f64(code1), f64(code2)
    cd = c1 @ c2.swapaxes(1, 2)
    if pointwise:
        fd += fd.mean() - fd.mean(2, keepdims=True)
    low, high = 0 if zeroClamp else -9999, np.float32(0.8) if stabilize else np.inf
    loss[0] = -(np.clip(cd, low, high) * (fd - shift)).mean()
    slope = -weight * (fd - shift) * ((cd >= low) & (cd <= high)) / fd.size
    grad1, grad2 = slope @ c2, slope.swapaxes(1, 2) @ c1
    if gradCode1 is gradCode2:
        gradCode1[...] = f64(gradCode1) + grad1 + grad2
    else:
        gradCode1[...] = f64(gradCode1) + grad1
        gradCode2[...] = f64(gradCode2) + grad2


@operation("gradLogits", "loss")
def crossEntropy(logits, labels, weight, gradLogits, loss, classWeights=None):
    _, height, width, classes = logits.shape
    rows, columns = linear_taps(labels.shape[1], height), linear_taps(labels.shape[2], width)
    valid = (labels >= 0) & (labels < classes)
    count = max(1, np.count_nonzero(valid))
    big = mixed(rows, columns, logits)
    big -= big.max(-1, keepdims=True, initial=-np.inf)
    target = np.arange(classes) == labels[..., None]
    own = valid if classWeights is None else (target * f64(classWeights)).sum(-1)
    losses = np.log(np.exp(big).sum(-1)) - np.where(target, big, 0).sum(-1)
    loss[0] = (np.where(valid, losses, 0) * own).sum() / count
    slope = np.where(valid[..., None], softmax_of(big) - target, 0) * own[..., None] * weight / count
    gradLogits[...] = unmixed(rows, columns, slope, height, width)


@operation("gradCosines", "loss")
def assignmentLoss(cosines, alpha, weight, gradCosines, loss):
    c = f64(cosines)
    hard = np.arange(c.shape[-1]) == c.argmax(-1)[..., None]
    p = softmax_of(alpha * c) if alpha else hard.astype(np.float64)
    mean = (p * c).sum(-1, keepdims=True)
    loss[0] = -mean.mean()
    gradCosines[...] = -weight * p * (1 + alpha * (c - mean)) / mean.size


@operation("gradA", "loss")
def agreementLoss(a, b, weight, gradA, loss):
    count = a.size / a.shape[-1]
    loss[0] = -(f64(a) * b).sum() / count
    gradA[...] = -weight * f64(b) / count


@operation("gradCode", "loss")
def crfLoss(guidance, code, points, alpha, beta, gamma, w1, w2, shift, weight, gradCode, loss):
    images, height, width, _ = code.shape
    y, x = points
    if (points < 0).any() or (y >= height).any() or (x >= width).any():
        raise Refused("a point is outside of the image")
    apart = np.subtract.outer(y, y).astype(np.float64) ** 2 + np.subtract.outer(x, x).astype(np.float64) ** 2
    colours, codes = f64(guidance)[:, y, x], f64(code)[:, y, x]
    colour = ((colours[:, :, None] - colours[:, None]) ** 2).sum(-1)
    affinity = w1 * np.exp(-apart / (2 * alpha) - colour / (2 * beta)) + w2 * np.exp(-apart / (2 * gamma)) - shift
    spread = affinity @ codes
    loss[0] = -(codes * spread).sum() / affinity.size
    total = np.zeros(code.shape)
    np.add.at(total, (np.arange(images)[:, None], y, x), -2 * weight * spread / affinity.size)
    gradCode[...] = total
