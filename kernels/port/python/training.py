"""Element-wise steps of training."""
import numpy as np

from operation import f64, operation
from rows import length


@operation("out")
def fill(out, value):
    out[...] = value


@operation("sum")
def addScaled(x, factor, sum):
    sum[...] = f64(sum) + factor * f64(x)


@operation("gradX")
def reluGradient(y, gradOut, gradX):
    gradX[...] = np.where(y > 0, gradOut, 0)


@operation("out")
def scaleChannels(x, factors, out):
    shape = (len(x),) + (1,) * (x.ndim - 2) + (x.shape[-1],)
    out[...] = f64(x) * factors.reshape(shape)


@operation("gradX")
def normalizeGradient(x, epsilon, gradOut, gradX):
    x, g = f64(x), f64(gradOut)
    by = length(x)
    y = np.where(by < epsilon, 0, x / by)
    gradX[...] = (g - y * (y * g).sum(-1, keepdims=True)) / np.where(by < epsilon, epsilon, by)


@operation("gradX")
def softmaxGradient(y, scale, gradOut, gradX):
    y, g = f64(y), f64(gradOut)
    gradX[...] = scale * y * (g - (y * g).sum(-1, keepdims=True))


@operation("parameter", "mean", "square")
def adam(parameter, gradient, mean, square, learningRate, beta1, beta2, epsilon, step):
    g = f64(gradient)
    m = beta1 * f64(mean) + (1 - beta1) * g
    v = beta2 * f64(square) + (1 - beta2) * g * g
    mean[...], square[...] = m, v
    parameter[...] = f64(parameter) - learningRate * m / (1 - beta1**step) / (np.sqrt(v / (1 - beta2**step)) + epsilon)
