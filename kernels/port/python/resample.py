"""Resizing and sampling of images of features, and the gradients of both."""
import numpy as np

from operation import f64, operation, require


def between(position, size):
    """Returns the lines on both sides of a position, clamped to the image, and how near the second is."""
    position = np.clip(position, 0, size - 1)
    low = position.astype(int)
    return low, np.minimum(low + 1, size - 1), position - low


def resized(to, size):
    """The matrix [to, size] of a bilinear resize along one axis, align_corners false."""
    low, high, t = between((np.arange(to) + 0.5) * size / to - 0.5, size)
    matrix = np.zeros((to, size))
    np.add.at(matrix, (np.arange(to), low), 1 - t)
    np.add.at(matrix, (np.arange(to), high), t)
    return matrix


def cubic(to, size, scale):
    """The matrix [to, size] of a bicubic resize along one axis, a = -0.75, taps outside repeating the border."""
    a, matrix = -0.75, np.zeros((to, size))
    position = (np.arange(to) + 0.5) / scale - 0.5
    for tap in range(-1, 3):
        line = np.floor(position).astype(int) + tap
        d = np.abs(position - line)
        near = ((a + 2) * d - (a + 3)) * d * d + 1
        far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
        np.add.at(matrix, (np.arange(to), np.clip(line, 0, size - 1)), np.where(d <= 1, near, np.where(d < 2, far, 0)))
    return matrix


def mixed(rows, columns, x):
    """Applies a matrix to the lines and one to the columns of [B, h, w, C]."""
    b, h, w, c = x.shape
    lines = (rows @ f64(x).reshape(b, h, w * c)).reshape(b, len(rows), w, c)
    return columns @ lines


@operation("out")
def bicubic(x, scaleY, scaleX, out):
    out[...] = mixed(cubic(out.shape[1], x.shape[1], scaleY), cubic(out.shape[2], x.shape[2], scaleX), x)


@operation("out")
def bilinear(x, out):
    out[...] = mixed(resized(out.shape[1], x.shape[1]), resized(out.shape[2], x.shape[2]), x)


@operation("gradX")
def bilinearGradient(gradOut, gradX):
    rows = resized(gradOut.shape[1], gradX.shape[1])
    columns = resized(gradOut.shape[2], gradX.shape[2])
    gradX[...] = mixed(rows.T, columns.T, gradOut)


def corners(coords, height, width):
    """Yields the four pixels around each point, and their weights: align_corners true, moved to the border."""
    coords = f64(coords)
    x0, x1, tx = between((coords[..., 0] + 1) / 2 * (width - 1), width)
    y0, y1, ty = between((coords[..., 1] + 1) / 2 * (height - 1), height)
    yield y0, x0, (1 - ty) * (1 - tx)
    yield y0, x1, (1 - ty) * tx
    yield y1, x0, ty * (1 - tx)
    yield y1, x1, ty * tx


@operation("out")
def gridSample(x, images, coords, out):
    require(images, len(x), "an image's number")
    x = f64(x)
    image = images[:, None, None]
    out[...] = sum(w[..., None] * x[image, row, column] for row, column, w in corners(coords, *x.shape[1:3]))


@operation("gradX")
def gridSampleGradient(gradOut, images, coords, gradX):
    require(images, len(gradX), "an image's number")
    total = f64(gradX)
    image = images[:, None, None]
    for row, column, w in corners(coords, *gradX.shape[1:3]):
        np.add.at(total, (image, row, column), w[..., None] * gradOut)
    gradX[...] = total
