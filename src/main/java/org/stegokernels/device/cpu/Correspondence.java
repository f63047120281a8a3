package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.tensor.Tensor;

/**
 * A term of the correspondence loss, image by image. Feature correlations of all images come first, because centring
 * needs their mean; then each image's code correlations, which become their own gradient in place, and the two products
 * of that with the codes. Nothing is larger than {@code [B, P, P]}, up to the padding of a tile.
 */
final class Correspondence {
    private final Tiles tiles;
    private final TrainingLanes lanes;
    private final RowLanes rows;
    private final Parallel parallel;
    private final Workspace workspace;

    Correspondence(Tiles tiles, TrainingLanes lanes, RowLanes rows, Parallel parallel, Workspace workspace) {
        this.tiles = tiles;
        this.lanes = lanes;
        this.rows = rows;
        this.parallel = parallel;
        this.workspace = workspace;
    }

    /** Sizes of a call: P points in each of B images, and P up to whole tiles downwards and whole panels across. */
    private record Sizes(int images, int points, int high, int wide) {
        int correlations() {
            return high * wide;
        }
    }

    /** @return the loss */
    double run(
            Tensor features1,
            Tensor features2,
            Tensor code1,
            Tensor code2,
            CorrespondenceRule rule,
            float weight,
            Tensor gradCode1,
            Tensor gradCode2) {
        int points = features1.shape().dim(1);
        Sizes sizes = new Sizes(features1.shape().dim(0), points, tiles.rows(points), tiles.columns(points));
        float[] correlations = workspace.shared(sizes.images * sizes.correlations());
        double mean = correlate(features1, features2, sizes, rule.pointwise(), correlations);
        float base = (float) (rule.shift() - mean);
        double count = (double) sizes.images * points * points;
        float factor = (float) (-weight / count);
        int channels = code1.shape().dim(2);
        float[] c1 = CpuDevice.array(code1);
        float[] c2 = CpuDevice.array(code2);
        float[] g1 = CpuDevice.array(gradCode1);
        float[] g2 = CpuDevice.array(gradCode2);
        int panel = tiles.columns(channels);
        int operand = Math.max(tiles.size(points, channels), tiles.size(points, points));
        int panels = Math.max(sizes.wide * channels, points * panel);
        float[][] scratch = workspace.workers(sizes.correlations() + operand + panels + sizes.high * panel);
        double[] losses = new double[sizes.images];
        parallel.forEach(sizes.images, (image, worker) -> {
            float[] own = scratch[worker];
            int rowTiles = sizes.correlations();
            int packed = rowTiles + operand;
            int first = image * points * channels;
            tiles.packRows(c1, first, channels, points, channels, own, rowTiles);
            tiles.packTransposed(c2, first, points, channels, own, packed);
            Arrays.fill(own, 0, sizes.correlations(), 0f);
            tiles.multiply(own, rowTiles, channels, sizes.high, own, packed, channels, sizes.wide, own, 0, sizes.wide);
            int judged = image * sizes.correlations();
            for (int at = 0; at < points * sizes.wide; at += sizes.wide) {
                losses[image] += lanes.correspond(
                        correlations, judged + at, own, at, points, base, rule.lowest(), rule.highest(), factor);
            }
            int result = packed + panels;
            tiles.packRows(own, 0, sizes.wide, points, points, own, rowTiles);
            addGradient(c2, first, own, rowTiles, packed, result, channels, sizes, g1);
            tiles.packColumns(own, 0, sizes.wide, points, points, own, rowTiles);
            addGradient(c1, first, own, rowTiles, packed, result, channels, sizes, g2);
        });
        return -Arrays.stream(losses).sum() / count;
    }

    /** Leaves feature correlations, centred for each point if asked for, and returns the mean that this took out. */
    private double correlate(Tensor features1, Tensor features2, Sizes sizes, boolean pointwise, float[] correlations) {
        int points = sizes.points;
        int channels = features1.shape().dim(2);
        float[] f1 = CpuDevice.array(features1);
        float[] f2 = CpuDevice.array(features2);
        int panels = tiles.size(points, channels);
        float[][] scratch = workspace.workers(panels + sizes.wide * channels);
        double[] sums = new double[sizes.images];
        parallel.forEach(sizes.images, (image, worker) -> {
            float[] own = scratch[worker];
            int first = image * points * channels;
            int out = image * sizes.correlations();
            tiles.packRows(f1, first, channels, points, channels, own, 0);
            tiles.packTransposed(f2, first, points, channels, own, panels);
            Arrays.fill(correlations, out, out + sizes.correlations(), 0f);
            tiles.multiply(
                    own, 0, channels, sizes.high, own, panels, channels, sizes.wide, correlations, out, sizes.wide);
            if (pointwise) {
                for (int row = out; row < out + points * sizes.wide; row += sizes.wide) {
                    double sum = lanes.sum(correlations, row, points);
                    sums[image] += sum;
                    float mean = (float) (sum / points);
                    lanes.subtract(correlations, row, points, mean);
                }
            }
        });
        return Arrays.stream(sums).sum() / ((double) sizes.images * points * points);
    }

    /** Adds the product of {@code [P, P]}, packed at {@code rowTiles}, and a code to a gradient. */
    private void addGradient(
            float[] code,
            int first,
            float[] own,
            int rowTiles,
            int packed,
            int result,
            int channels,
            Sizes sizes,
            float[] gradient) {
        int width = tiles.columns(channels);
        tiles.pack(code, first, sizes.points, channels, own, packed);
        Arrays.fill(own, result, result + sizes.high * width, 0f);
        tiles.multiply(own, rowTiles, sizes.points, sizes.high, own, packed, sizes.points, width, own, result, width);
        for (int point = 0; point < sizes.points; point++) {
            rows.add(own, result + point * width, channels, gradient, first + point * channels);
        }
    }
}
