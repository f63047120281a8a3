package org.stegokernels.eval;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.eval.Evaluator.PrecisionRecall;
import org.stegokernels.image.LabelMap;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;

/**
 * Pairs of points within images, with their similarity by features and by codes, and with whether they are of one
 * class: the data of {@link PrecisionRecall}. In each image two sets of 11 x 11 points, as many as the
 * published figure has, every one of the first with every one of the second; points without class are left out. One
 * thread at a time.
 */
final class CorrespondencePairs implements AutoCloseable {
    /** Points in a set. */
    static final int POINTS = 121;
    /** Images that pairs are drawn from, about: 2 million pairs. */
    private static final int IMAGES = 143;

    private static final float NORM_EPSILON = 1e-12f;

    private final Device device;
    private final int classes;
    private final int stride;
    private final GrowingBuffer firstBuffer;
    private final GrowingBuffer secondBuffer;
    private final GrowingBuffer cosineBuffer;
    /** Pairs by the kind of their similarity. */
    private final Map<String, Pairs> drawn = new LinkedHashMap<>();

    /** Encoded pairs in a growing array. */
    private static final class Pairs {
        private long[] pairs = new long[POINTS * POINTS];
        private int count;

        void add(long pair) {
            if (count == pairs.length) {
                pairs = Arrays.copyOf(pairs, 2 * count);
            }
            pairs[count++] = pair;
        }

        PrecisionRecall curve(String name) {
            return PrecisionRecall.of(name, Arrays.copyOf(pairs, count));
        }
    }

    /** Labelled points of one set: positions 0 to 1 and classes. */
    private record PointSet(double[] x, double[] y, int[] classes) {}

    /**
     * @param images how many there will be, of which some are taken, spread evenly
     * @param classes labels from here on are none
     */
    CorrespondencePairs(Device device, int images, int classes) {
        this.device = device;
        this.classes = classes;
        stride = (images + IMAGES - 1) / IMAGES;
        firstBuffer = new GrowingBuffer(device);
        secondBuffer = new GrowingBuffer(device);
        cosineBuffer = new GrowingBuffer(device);
    }

    /**
     * Draws from one image, or passes over it. What is drawn depends on the index and the labels alone.
     *
     * @param index which image it is, from 0
     * @param vectors what points are compared by, under the names of the curves; each {@code [h, w, C]}
     * @param labels of any size
     */
    void add(int index, Map<String, Tensor> vectors, LabelMap labels) {
        if (index % stride != 0) {
            return;
        }
        SplittableRandom random = new SplittableRandom(index);
        PointSet first = draw(random, labels);
        PointSet second = draw(random, labels);
        if (first.classes.length > 0 && second.classes.length > 0) {
            vectors.forEach(
                    (name, grid) -> compare(grid, first, second, drawn.computeIfAbsent(name, added -> new Pairs())));
        }
    }

    private PointSet draw(SplittableRandom random, LabelMap labels) {
        double[] x = new double[POINTS];
        double[] y = new double[POINTS];
        int[] of = new int[POINTS];
        int count = 0;
        for (int i = 0; i < POINTS; i++) {
            x[count] = random.nextDouble();
            y[count] = random.nextDouble();
            of[count] = labels.label((int) (x[count] * labels.width()), (int) (y[count] * labels.height()));
            count += of[count] < classes ? 1 : 0;
        }
        return new PointSet(Arrays.copyOf(x, count), Arrays.copyOf(y, count), Arrays.copyOf(of, count));
    }

    private void compare(Tensor grid, PointSet first, PointSet second, Pairs pairs) {
        float[] host = device.floats(grid);
        int channels = grid.shape().dim(2);
        Tensor queries = sample(host, grid.shape(), first, firstBuffer);
        Tensor keys = sample(host, grid.shape(), second, secondBuffer);
        int columns = second.classes.length;
        Tensor cosines = cosineBuffer.view(first.classes.length, columns);
        try (LinearWeights packed = device.kernels().packLinear(keys.view(columns, channels), null)) {
            device.kernels().linear(queries, packed, Activation.NONE, null, cosines);
        }
        float[] similarities = device.floats(cosines);
        for (int i = 0; i < similarities.length; i++) {
            pairs.add(
                    PrecisionRecall.encode(similarities[i], first.classes[i / columns] == second.classes[i % columns]));
        }
    }

    /** Returns vectors of length 1 at the points, bilinear between the centres of the patches: {@code [n, C]}. */
    private Tensor sample(float[] grid, Shape shape, PointSet points, GrowingBuffer buffer) {
        int rows = shape.dim(0);
        int columns = shape.dim(1);
        int channels = shape.dim(2);
        float[] values = new float[points.classes.length * channels];
        for (int i = 0; i < points.classes.length; i++) {
            double y = Math.max(0, points.y[i] * rows - 0.5);
            double x = Math.max(0, points.x[i] * columns - 0.5);
            int top = (int) y * columns;
            int bottom = Math.min((int) y + 1, rows - 1) * columns;
            int left = (int) x;
            int right = Math.min(left + 1, columns - 1);
            float down = (float) (y - (int) y);
            float along = (float) (x - left);
            for (int c = 0; c < channels; c++) {
                float upper =
                        grid[(top + left) * channels + c] * (1 - along) + grid[(top + right) * channels + c] * along;
                float lower = grid[(bottom + left) * channels + c] * (1 - along)
                        + grid[(bottom + right) * channels + c] * along;
                values[i * channels + c] = upper * (1 - down) + lower * down;
            }
        }
        Tensor tensor = buffer.view(points.classes.length, channels);
        device.write(values, tensor);
        device.kernels().normalize(tensor, NORM_EPSILON, tensor);
        return tensor;
    }

    /** Returns one curve for each name, in the order in which they first came. */
    List<PrecisionRecall> curves() {
        return drawn.entrySet().stream()
                .map(entry -> entry.getValue().curve(entry.getKey()))
                .toList();
    }

    @Override
    public void close() {
        firstBuffer.close();
        secondBuffer.close();
        cosineBuffer.close();
    }
}
