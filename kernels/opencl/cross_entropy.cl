// Cross-entropy of logits resized to the size of the labels (bilinear.cl), the resized logits never stored: the mean of
// classWeights[label] (log sum exp(l) - l[label]) over all labels in 0..classes-1; other labels are ignored.
//   logits, gradLogits [B, height, width, classes]; labels [B, outHeight, outWidth] int32; classWeights [classes]
//
// Work goes by cells. A cell (y, x) are the labels whose upper left neighbour is logit (y, x): all of them mix the same
// four rows of logits, the corners, by weights of their own. Cells cover the labels, so each label belongs to one cell,
// and what a logit gets comes from four cells: no atomics.
// The numbers kept for a label lie in the order of the cells, stride = B outHeight outWidth + V floats each: log sum exp, label
// (-1 if ignored), weights of the right and of the lower corners, weight of its class.
// Launch: row kernels over the cells, rows = B height width (see common.cl). In cross_entropy_pixels a lane takes V
// labels at a time; in cross_entropy_cells it takes classes of its own, and of the labels V at a time.

// The first of the indices 0..size-1 that have `index` as the lower of their source neighbours; size if there is none.
int first_of(int index, int inputSize, int size) {
    if (index == 0) {
        return 0;
    }
    if (index == inputSize) {
        return size;
    }
    long least = (2 * (long)index + 1) * size - inputSize;
    return (int)min((long)size, (least + 2 * inputSize - 1) / (2 * inputSize));
}

// Position of index i between its lower source neighbour and the upper one.
float fraction(int i, int lower, int inputSize, int size) {
    long position = max((long)0, (2 * (long)i + 1) * inputSize - size) - 2 * (long)lower * size;
    return (float)position / (2 * (float)size);
}

// A cell: its labels and its corners.
typedef struct {
    int top;
    int left;
    int columns;
    int count;
    size_t start;
    size_t corners[4];
} Cell;

Cell cell_at(int row, int height, int width, int classes, int outHeight, int outWidth) {
    int y = row / width % height;
    int x = row % width;
    size_t image = row / width / height;
    Cell cell;
    cell.top = first_of(y, height, outHeight);
    cell.left = first_of(x, width, outWidth);
    cell.columns = first_of(x + 1, width, outWidth) - cell.left;
    int lines = first_of(y + 1, height, outHeight) - cell.top;
    cell.count = lines * cell.columns;
    cell.start = (image * outHeight + cell.top) * outWidth + (size_t)lines * cell.left;
    int right = min(x + 1, width - 1);
    int bottom = min(y + 1, height - 1);
    cell.corners[0] = ((image * height + y) * width + x) * classes;
    cell.corners[1] = ((image * height + y) * width + right) * classes;
    cell.corners[2] = ((image * height + bottom) * width + x) * classes;
    cell.corners[3] = ((image * height + bottom) * width + right) * classes;
    return cell;
}

// A logit at V labels.
#define LOGIT(c)                                                                                                       \
    (logits[cell.corners[0] + (c)] * upperLeft + logits[cell.corners[1] + (c)] * upperRight                            \
     + logits[cell.corners[2] + (c)] * lowerLeft + logits[cell.corners[3] + (c)] * lowerRight)
#define CORNER_WEIGHTS(fx, fy)                                                                                         \
    floatV upperLeft = (1 - fx) * (1 - fy);                                                                            \
    floatV upperRight = fx * (1 - fy);                                                                                 \
    floatV lowerLeft = (1 - fx) * fy;                                                                                  \
    floatV lowerRight = fx * fy;

// The numbers kept of each label, and of each cell the sum of its losses and the number of its labels that count.
//   kept [5, stride]: see above; losses, counts [rows]
__kernel void cross_entropy_pixels(__global const float* logits, __global const int* labels, int rows, int height,
                                   int width, int classes, int outHeight, int outWidth, int stride,
                                   __global const float* classWeights, __global float* kept, __global float* losses,
                                   __global float* counts) {
    LANE_SCRATCH(scratch);
    FOR_ROWS(row, rows) {
        Cell cell = cell_at(row, height, width, classes, outHeight, outWidth);
        int y = row / width % height;
        int x = row % width;
        size_t first = (size_t)(row / width / height) * outHeight * outWidth;
        // Compensated, as in sum.cl: a cell of few logits and many labels has a long sum.
        float loss = 0;
        float lost = 0;
        float valid = 0;
        for (int p = LANE * V; p < cell.count; p += LANES * V) {
            // Behind the last label the last one is computed again, and not kept.
            float right[V];
            float below[V];
            int label[V];
            for (int i = 0; i < V; i++) {
                int pixel = min(p + i, cell.count - 1);
                int line = cell.top + pixel / cell.columns;
                int column = cell.left + pixel % cell.columns;
                right[i] = fraction(column, x, width, outWidth);
                below[i] = fraction(line, y, height, outHeight);
                label[i] = labels[first + (size_t)line * outWidth + column];
                label[i] = label[i] >= 0 && label[i] < classes ? label[i] : -1;
            }
            floatV fx = LOAD(right);
            floatV fy = LOAD(below);
            CORNER_WEIGHTS(fx, fy)
            floatV maximum = -INFINITY;
            for (int c = 0; c < classes; c++) {
                maximum = fmax(maximum, LOGIT(c));
            }
            floatV sum = 0;
            for (int c = 0; c < classes; c++) {
                sum += exponential(LOGIT(c) - maximum);
            }
            float whole[V];
            STORE(maximum + log(sum), whole);
            for (int i = 0; i < V && p + i < cell.count; i++) {
                size_t at = cell.start + p + i;
                kept[at] = whole[i];
                kept[stride + at] = label[i];
                kept[2 * (size_t)stride + at] = right[i];
                kept[3 * (size_t)stride + at] = below[i];
                kept[4 * (size_t)stride + at] = label[i] >= 0 ? classWeights[label[i]] : 0;
                if (label[i] >= 0) {
                    size_t c = label[i];
                    float upper = logits[cell.corners[0] + c] * (1 - right[i]) + logits[cell.corners[1] + c] * right[i];
                    float lower = logits[cell.corners[2] + c] * (1 - right[i]) + logits[cell.corners[3] + c] * right[i];
                    float term = classWeights[c] * (whole[i] - (upper * (1 - below[i]) + lower * below[i]));
                    float next = loss + term;
                    lost += fabs(loss) >= fabs(term) ? (loss - next) + term : (term - next) + loss;
                    loss = next;
                    valid += 1;
                }
            }
        }
        loss = LANES_SUM(loss, scratch) + LANES_SUM(lost, scratch);
        valid = LANES_SUM(valid, scratch);
        if (LANE == 0) {
            losses[row] = loss;
            counts[row] = valid;
        }
    }
}

// Computes the share of each corner of each cell: the sum over its labels of a corner's weight times
// classWeights[label] (softmax(l) - [c = label]).
//   gradients [rows, 4, classes]
__kernel void cross_entropy_cells(__global const float* logits, __global const float* kept, int rows, int height,
                                  int width, int classes, int outHeight, int outWidth, int stride,
                                  __global float* gradients) {
    FOR_ROWS(row, rows) {
        Cell cell = cell_at(row, height, width, classes, outHeight, outWidth);
        __global const float* from = kept + cell.start;
        __global float* to = gradients + (size_t)row * 4 * classes;
        for (int c = LANE; c < classes; c += LANES) {
            floatV sums[4] = {TO_V(0.0f), TO_V(0.0f), TO_V(0.0f), TO_V(0.0f)};
            for (int p = 0; p < cell.count; p += V) {
                floatV fx = LOAD(from + 2 * (size_t)stride + p);
                floatV fy = LOAD(from + 3 * (size_t)stride + p);
                floatV label = LOAD(from + stride + p);
                if (p + V > cell.count) {
                    float own[V];
                    STORE(label, own);
                    for (int i = cell.count - p; i < V; i++) {
                        own[i] = -1;
                    }
                    label = LOAD(own);
                }
                CORNER_WEIGHTS(fx, fy)
                floatV share = exponential(LOGIT(c) - LOAD(from + p));
                share = label == TO_V(c) ? share - 1 : share;
                share *= LOAD(from + 4 * (size_t)stride + p);
                // Chosen, not multiplied: past the last label anything may lie.
                sums[0] += label < TO_V(0.0f) ? TO_V(0.0f) : share * upperLeft;
                sums[1] += label < TO_V(0.0f) ? TO_V(0.0f) : share * upperRight;
                sums[2] += label < TO_V(0.0f) ? TO_V(0.0f) : share * lowerLeft;
                sums[3] += label < TO_V(0.0f) ? TO_V(0.0f) : share * lowerRight;
            }
            for (int corner = 0; corner < 4; corner++) {
                to[corner * classes + c] = vector_sum(sums[corner]);
            }
        }
    }
}

// gradLogits = weight / valid times what the cells around each logit give to it; 0 if no label counts.
//   gradients [rows, 4, classes]; valid [1]
__kernel void cross_entropy_gather(__global const float* gradients, __global const float* valid, int rows, int height,
                                   int width, int classes, float weight, __global float* gradLogits) {
    float factor = valid[0] == 0 ? 0 : weight / valid[0];
    FOR_ROWS(row, rows) {
        int y = row / width % height;
        int x = row % width;
        __global const float* own = gradients + (size_t)row * 4 * classes;
        __global const float* left = own - 4 * (size_t)classes;
        __global const float* above = own - 4 * (size_t)width * classes;
        __global const float* aslant = above - 4 * (size_t)classes;
        for (int c = LANE; c < classes; c += LANES) {
            // At the right and lower borders a corner is its own neighbour.
            float sum = own[c];
            sum += x == width - 1 ? own[classes + c] : 0;
            sum += y == height - 1 ? own[2 * classes + c] : 0;
            sum += x == width - 1 && y == height - 1 ? own[3 * classes + c] : 0;
            if (x > 0) {
                sum += left[classes + c];
                sum += y == height - 1 ? left[3 * classes + c] : 0;
            }
            if (y > 0) {
                sum += above[2 * classes + c];
                sum += x == width - 1 ? above[3 * classes + c] : 0;
            }
            sum += x > 0 && y > 0 ? aslant[3 * classes + c] : 0;
            gradLogits[(size_t)row * classes + c] = factor * sum;
        }
    }
}

// loss[0] = total / valid, or 0.
//   global size: 1
__kernel void cross_entropy_loss(__global const float* total, __global const float* valid, __global float* loss) {
    loss[0] = valid[0] == 0 ? 0 : total[0] / valid[0];
}
