package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.tensor.Tensor;

/**
 * Exact nearest neighbours by dot product. Keys are packed a few thousand at a time; a task multiplies a block of
 * queries with all of them, panel by panel, and lets each score that beats the worst of its row's best so far into
 * them. The best so far lie where the result goes, sorted.
 *
 * <p>If the keys are the queries themselves, each pair is multiplied once: a score counts for its query, and for its
 * key as well. Queries of many tasks share a key, so each worker has best queries of its own for the keys at hand.
 */
final class TopK {
    /** Keys packed at a time. */
    private static final int KEYS = 2048;
    /** Queries of a task: with one panel of keys they stay in the level-2 cache. */
    private static final int QUERIES = 64;
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

    /** Keys packed now: number {@code first} and those after it. */
    private record Keys(float[] packed, int first, int count, int depth) {}

    /**
     * One worker's best queries for each of the keys at hand.
     *
     * @param limits for each key the largest score that is too bad: one as good as the worst may have a smaller index
     */
    private record BestQueries(BestKeys best, float[] limits) {
        static BestQueries allocate(int keys, int k) {
            return new BestQueries(BestKeys.allocate(keys, k), new float[keys]);
        }

        void clear(int keys) {
            best.clear(keys);
            Arrays.fill(limits, 0, keys, Float.NEGATIVE_INFINITY);
        }

        void offer(int key, int query, float score) {
            best.offer(key, query, score);
            limits[key] = Math.nextDown(best.worst(key));
        }
    }

    void run(Tensor queries, Tensor keys, Tensor similarities, Tensor indices) {
        int k = similarities.shape().dim(1);
        BestKeys best = new BestKeys(CpuDevice.array(similarities), CpuDevice.intArray(indices), k);
        float[] q = CpuDevice.array(queries);
        float[] x = CpuDevice.array(keys);
        int depth = keys.shape().dim(1);
        int total = keys.shape().dim(0);
        int rows = queries.shape().dim(0);
        best.clear(rows);
        float[] packed = workspace.shared(Math.min(KEYS, tiles.columns(total)) * depth);
        float[][] scratch = workspace.workers(tiles.size(block, depth) + block * PANELS * tiles.panel());
        BestQueries[] mirrored = q == x ? mirrored(Math.min(KEYS, total), k) : null;
        for (int first = 0; first < total; first += KEYS) {
            Keys some = new Keys(packed, first, Math.min(KEYS, total - first), depth);
            pack(x, some);
            int end = mirrored == null ? rows : first + some.count;
            parallel.forEach((end + block - 1) / block, (index, worker) -> {
                int from = index * block;
                int height = Math.min(block, end - from);
                tiles.packRows(q, from * depth, depth, height, depth, scratch[worker], block * PANELS * tiles.panel());
                search(best, mirrored == null ? null : mirrored[worker], from, height, some, scratch[worker]);
            });
            if (mirrored != null) {
                merge(best, mirrored, some);
            }
        }
    }

    private BestQueries[] mirrored(int keys, int k) {
        BestQueries[] mirrored = new BestQueries[parallel.threads()];
        for (int worker = 0; worker < mirrored.length; worker++) {
            mirrored[worker] = BestQueries.allocate(keys, k);
            mirrored[worker].clear(keys);
        }
        return mirrored;
    }

    private void pack(float[] x, Keys keys) {
        int panel = tiles.panel();
        parallel.forEach(tiles.columns(keys.count) / panel, (index, worker) -> {
            int from = index * panel;
            int width = Math.min(panel, keys.count - from);
            tiles.packTransposed(
                    x, (keys.first + from) * keys.depth, width, keys.depth, keys.packed, from * keys.depth);
        });
    }

    /**
     * Merges the workers' lists. The workers' best queries for the keys at hand become best keys of these, which are
     * queries too.
     */
    private void merge(BestKeys best, BestQueries[] mirrored, Keys keys) {
        parallel.forEach((keys.count + block - 1) / block, (index, worker) -> {
            for (int key = index * block; key < Math.min(keys.count, (index + 1) * block); key++) {
                for (BestQueries found : mirrored) {
                    best.offerAll(keys.first + key, found.best, key);
                }
            }
        });
        for (BestQueries found : mirrored) {
            found.clear(keys.count);
        }
    }

    /** Scores of a block of queries and a few panels of keys lie at the start of the scratch, queries after them. */
    private void search(BestKeys best, BestQueries mirrored, int firstQuery, int height, Keys keys, float[] own) {
        int stride = PANELS * tiles.panel();
        int column = mirrored == null ? 0 : Math.max(0, firstQuery - keys.first) / stride * stride;
        for (; column < keys.count; column += stride) {
            int end = Math.min(column + stride, keys.count);
            Arrays.fill(own, 0, block * stride, 0f);
            tiles.multiply(
                    own,
                    block * stride,
                    keys.depth,
                    tiles.rows(height),
                    keys.packed,
                    column * keys.depth,
                    keys.depth,
                    tiles.columns(end - column),
                    own,
                    0,
                    stride);
            for (int row = 0; row < height; row++) {
                int query = firstQuery + row;
                int scores = row * stride - column;
                if (mirrored == null) {
                    select(best, query, own, scores, column, end, keys.first);
                } else {
                    // A query meets itself and those after it; those before have met it.
                    int itself = query - keys.first;
                    select(best, query, own, scores, Math.max(column, itself), end, keys.first);
                    mirror(mirrored, query, own, scores, Math.max(column, itself + 1), end);
                }
            }
        }
    }

    /**
     * Selects the best keys. The score of key {@code firstKey + i} is {@code scores[offset + i]}. Keys ascend: a tie
     * never displaces one before.
     */
    private void select(BestKeys best, int query, float[] scores, int offset, int from, int to, int firstKey) {
        int end = offset + to;
        int at = lanes.firstAbove(scores, offset + from, end, best.worst(query));
        while (at < end) {
            best.offer(query, firstKey + at - offset, scores[at]);
            at = lanes.firstAbove(scores, at + 1, end, best.worst(query));
        }
    }

    /** Offers the scores to the keys. Queries come in any order. */
    private void mirror(BestQueries mirrored, int query, float[] scores, int offset, int from, int to) {
        int at = lanes.firstAbove(scores, offset, from, to, mirrored.limits);
        while (at < to) {
            mirrored.offer(at, query, scores[offset + at]);
            at = lanes.firstAbove(scores, offset, at + 1, to, mirrored.limits);
        }
    }
}
