package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.tensor.Tensor;

/**
 * Exact nearest neighbours by dot product. Keys are packed a few thousand at a time; a task multiplies a block of queries
 * with all of them, panel by panel, and lets each score that beats the worst of its row's best so far into them. The best
 * so far lie where the result goes, sorted. Keys come in ascending order, so an equal score never displaces one before.
 */
final class TopK {
    /** Keys packed at a time. */
    private static final int KEYS = 2048;
    /** Queries of a task: with one panel of keys they stay in the level-2 cache. */
    private static final int QUERIES = 64;
    /** Channels multiplied at a time: that much of a panel, and the rows it meets, stay in the level-1 cache. */
    private static final int DEPTH = 192;
    /** Panels between two looks for scores that are good enough. */
    private static final int PANELS = 4;

    private final Tiles tiles;
    private final int block;
    private final TrainingLanes lanes;
    private final Parallel parallel;
    private final Workspace workspace;

    TopK(Tiles tiles, TrainingLanes lanes, Parallel parallel, Workspace workspace) {
        this.tiles = tiles;
        this.block = tiles.rows(QUERIES);
        this.lanes = lanes;
        this.parallel = parallel;
        this.workspace = workspace;
    }

    /** The best of each query so far: {@code [M, k]}. */
    private record Best(float[] scores, int[] indices, int k) {
        void insert(int query, int key, float score) {
            int first = query * k;
            int place = first + k - 1;
            while (place > first && scores[place - 1] < score) {
                scores[place] = scores[place - 1];
                indices[place] = indices[place - 1];
                place--;
            }
            scores[place] = score;
            indices[place] = key;
        }

        float worst(int query) {
            return scores[query * k + k - 1];
        }
    }

    void run(Tensor queries, Tensor keys, Tensor similarities, Tensor indices) {
        Best best = new Best(
                CpuDevice.array(similarities),
                CpuDevice.intArray(indices),
                similarities.shape().dim(1));
        Arrays.fill(best.scores, 0, similarities.shape().size(), Float.NEGATIVE_INFINITY);
        Arrays.fill(best.indices, 0, similarities.shape().size(), -1);
        float[] q = CpuDevice.array(queries);
        float[] x = CpuDevice.array(keys);
        int depth = keys.shape().dim(1);
        int total = keys.shape().dim(0);
        int rows = queries.shape().dim(0);
        int panel = tiles.panel();
        float[] packed = workspace.shared(Math.min(KEYS, tiles.columns(total)) * depth);
        float[][] scratch = workspace.workers(block * (depth + PANELS * panel));
        for (int firstKey = 0; firstKey < total; firstKey += KEYS) {
            int first = firstKey;
            int count = Math.min(KEYS, total - first);
            parallel.forEach(tiles.columns(count) / panel, (index, worker) -> {
                int from = index * panel;
                int width = Math.min(panel, count - from);
                tiles.packTransposed(x, (first + from) * depth, width, depth, packed, from * depth);
            });
            parallel.forEach((rows + block - 1) / block, (index, worker) -> {
                int from = index * block;
                int height = Math.min(block, rows - from);
                tiles.copyRows(q, from * depth, height, depth, scratch[worker], block * PANELS * panel);
                search(best, from, height, packed, first, count, depth, scratch[worker]);
            });
        }
    }

    /** Scores of a block of queries and a few panels of keys lie at the start of the scratch, queries behind. */
    private void search(
            Best best, int firstQuery, int height, float[] packed, int firstKey, int keys, int depth, float[] own) {
        int stride = PANELS * tiles.panel();
        for (int column = 0; column < keys; column += stride) {
            int width = Math.min(stride, keys - column);
            Arrays.fill(own, 0, block * stride, 0f);
            for (int panel = column; panel < column + width; panel += tiles.panel()) {
                multiply(own, height, packed, panel * depth, depth, panel - column);
            }
            for (int row = 0; row < height; row++) {
                select(best, firstQuery + row, own, row * stride, width, firstKey + column);
            }
        }
    }

    /** All queries by one panel, in slices of channels that add up in their order. */
    private void multiply(float[] own, int height, float[] packed, int panelOffset, int depth, int outOffset) {
        int panel = tiles.panel();
        int stride = PANELS * panel;
        for (int first = 0; first < depth; first += DEPTH) {
            tiles.multiply(
                    own,
                    block * stride + first,
                    depth,
                    tiles.rows(height),
                    packed,
                    panelOffset + first * panel,
                    Math.min(DEPTH, depth - first),
                    panel,
                    own,
                    outOffset,
                    stride);
        }
    }

    private void select(Best best, int query, float[] scores, int offset, int width, int firstKey) {
        int end = offset + width;
        int at = lanes.firstAbove(scores, offset, end, best.worst(query));
        while (at < end) {
            best.insert(query, firstKey + at - offset, scores[at]);
            at = lanes.firstAbove(scores, at + 1, end, best.worst(query));
        }
    }
}
