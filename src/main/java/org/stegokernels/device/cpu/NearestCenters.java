package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.tensor.Tensor;

/**
 * One pass over the points of a batch: a task gathers a few rows, scores them against all centres, and adds each to the
 * sum of the best while it is still in the cache. The nearest centre c of x is the one with the largest {@code x c - c^2
 * / 2}. Sums are kept for chunks of a size that depends on shapes alone, and added in order.
 */
final class NearestCenters {
    /** Rows gathered at a time. */
    private static final int BLOCK = 128;

    private static final int CHUNKS = 32;

    private final Tiles tiles;
    private final int block;
    private final TrainingLanes lanes;
    private final RowLanes rows;
    private final Parallel parallel;
    private final Workspace workspace;

    NearestCenters(Tiles tiles, TrainingLanes lanes, RowLanes rows, Parallel parallel, Workspace workspace) {
        this.tiles = tiles;
        this.block = tiles.rows(BLOCK);
        this.lanes = lanes;
        this.rows = rows;
        this.parallel = parallel;
        this.workspace = workspace;
    }

    /**
     * Arrays and sizes of one call.
     *
     * @param shared the packed centres, and after them the sums of each chunk
     * @param start what the scores of a row begin with
     */
    private record Call(
            float[] points,
            int[] chosen,
            int[] labels,
            int channels,
            int clusters,
            int width,
            float[] shared,
            float[] start) {
        int sums() {
            return clusters * channels;
        }
    }

    void run(Tensor points, Tensor chosen, Tensor centers, Tensor labels, Tensor sums, Tensor counts) {
        int channels = centers.shape().dim(1);
        int clusters = centers.shape().dim(0);
        int width = tiles.columns(clusters);
        int count = chosen.shape().size();
        int[] which = CpuDevice.intArray(chosen);
        requireInside(which, count, points.shape().dim(0));
        int chunk = Math.max(block, ((count + CHUNKS - 1) / CHUNKS + block - 1) / block * block);
        int chunks = (count + chunk - 1) / chunk;
        int partials = width * channels;
        float[] shared = workspace.shared(partials + chunks * clusters * channels);
        Call call = new Call(
                CpuDevice.array(points),
                which,
                CpuDevice.intArray(labels),
                channels,
                clusters,
                width,
                shared,
                start(CpuDevice.array(centers), clusters, channels, width));
        tiles.packTransposed(CpuDevice.array(centers), 0, clusters, channels, shared, 0);
        float[][] scratch = workspace.workers(tiles.size(block, channels) + block * width);
        parallel.forEach(chunks, (index, worker) -> {
            int sum = partials + index * call.sums();
            Arrays.fill(shared, sum, sum + call.sums(), 0f);
            int last = Math.min(count, (index + 1) * chunk);
            for (int first = index * chunk; first < last; first += block) {
                block(call, first, Math.min(block, last - first), scratch[worker], sum);
            }
        });
        float[] total = CpuDevice.array(sums);
        Arrays.fill(total, 0, call.sums(), 0f);
        for (int index = 0; index < chunks; index++) {
            rows.add(shared, partials + index * call.sums(), call.sums(), total, 0);
        }
        int[] counted = CpuDevice.intArray(counts);
        Arrays.fill(counted, 0, clusters, 0);
        for (int i = 0; i < count; i++) {
            counted[call.labels[i]]++;
        }
    }

    private static void requireInside(int[] chosen, int count, int points) {
        for (int i = 0; i < count; i++) {
            if (chosen[i] < 0 || chosen[i] >= points) {
                throw new IllegalArgumentException(
                        "nearestCenters: row " + chosen[i] + " at " + i + " is not in 0.." + (points - 1));
            }
        }
    }

    /** Returns {@code -c^2 / 2} for each centre; columns after the last one can't win. */
    private float[] start(float[] centers, int clusters, int channels, int width) {
        float[] start = new float[width];
        Arrays.fill(start, Float.NEGATIVE_INFINITY);
        for (int c = 0; c < clusters; c++) {
            start[c] = (float) (-0.5 * lanes.dot(centers, c * channels, centers, c * channels, channels));
        }
        return start;
    }

    private void block(Call call, int first, int count, float[] own, int sum) {
        int channels = call.channels;
        int scores = tiles.size(block, channels);
        for (int i = 0; i < count; i++) {
            tiles.packRow(call.points, call.chosen[first + i] * channels, channels, own, 0, i);
            System.arraycopy(call.start, 0, own, scores + i * call.width, call.width);
        }
        tiles.multiply(
                own, 0, channels, tiles.rows(count), call.shared, 0, channels, call.width, own, scores, call.width);
        for (int i = 0; i < count; i++) {
            int label = largest(own, scores + i * call.width, call.clusters);
            call.labels[first + i] = label;
            rows.add(call.points, call.chosen[first + i] * channels, channels, call.shared, sum + label * channels);
        }
    }

    private static int largest(float[] x, int offset, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            best = x[offset + i] > x[offset + best] ? i : best;
        }
        return best;
    }
}
