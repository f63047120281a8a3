"""Resizing and sampling of images of features, and the gradients of both."""
import numpy as np

from operation import f64, operation, require


def between(position, size):
    """Returns the lines on both sides of a position, clamped to the image, and how near the second is; NaN is the first."""
    position = np.clip(np.nan_to_num(position), 0, size - 1)
    low = position.astype(int)
    return low, np.minimum(low + 1, size - 1), position - low


def linear_taps(to, size):
    """Returns the lines and weights that each of `to` lines is mixed of, align_corners false."""
    low, high, t = between((np.arange(to) + 0.5) * size / to - 0.5, size)
    return [(low, 1 - t), (high, t)]


def cubic_taps(to, size, scale):
    """Returns the same for a bicubic resize, a = -0.75, taps outside repeating the border."""
    a, taps = -0.75, []
    position = (np.arange(to) + 0.5) / scale - 0.5
    for tap in range(-1, 3):
        line = np.floor(position).astype(int) + tap
        d = np.abs(position - line)
        near = ((a + 2) * d - (a + 3)) * d * d + 1
        far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
        taps.append((np.clip(line, 0, size - 1), np.where(d <= 1, near, np.where(d < 2, far, 0))))
    return taps


def mixed(rows, columns, x):
    """Mixes the lines and then the columns of [B, h, w, C]."""
    x = f64(x)
    lines = sum(weight[:, None, None] * x[:, line] for line, weight in rows)
    return sum(weight[:, None] * lines[:, :, column] for column, weight in columns)


def unmixed(rows, columns, g, height, width):
    """Returns the transpose of `mixed`: what goes back to each of height lines and width columns."""
    lines = np.zeros((len(g), g.shape[1], width, g.shape[3]))
    for column, weight in columns:
        np.add.at(lines.transpose(2, 0, 1, 3), column, (weight[:, None] * g).transpose(2, 0, 1, 3))
    out = np.zeros((len(g), height, width, g.shape[3]))
    for line, weight in rows:
        np.add.at(out.transpose(1, 0, 2, 3), line, (weight[:, None, None] * lines).transpose(1, 0, 2, 3))
    return out


@operation("out")
def bicubic(x, scaleY, scaleX, out):
    rows, columns = cubic_taps(out.shape[1], x.shape[1], scaleY), cubic_taps(out.shape[2], x.shape[2], scaleX)
    out[...] = mixed(rows, columns, x)


@operation("out")
def bilinear(x, out):
    out[...] = mixed(linear_taps(out.shape[1], x.shape[1]), linear_taps(out.shape[2], x.shape[2]), x)


@operation("gradX")
def bilinearGradient(gradOut, gradX):
    _, height, width, _ = gradX.shape
    rows, columns = linear_taps(gradOut.shape[1], height), linear_taps(gradOut.shape[2], width)
    gradX[...] = unmixed(rows, columns, f64(gradOut), height, width)


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
