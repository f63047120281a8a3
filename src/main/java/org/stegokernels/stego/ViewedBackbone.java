package org.stegokernels.stego;

import java.util.Arrays;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.stego.ModelInfo.Views;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.Backbone;

/**
 * A backbone that sees an image at several sizes and in windows, as {@link Views} says, and averages the features. Images
 * are resized bilinearly, and so are features to the grid of the image. The mean has the direction of the mean of the
 * features' directions, so that each size counts the same, and the mean of their lengths, for heads and probes that were
 * trained on others.
 */
final class ViewedBackbone implements Backbone {
    private final Backbone backbone;
    private final Views views;
    private final Device device;
    private final GrowingBuffer images;
    private final GrowingBuffer cuts;
    private final GrowingBuffer blends;
    private final GrowingBuffer grids;
    private final GrowingBuffer means;
    private float[] blended = new float[0];
    private float[] seen = new float[0];
    private float[] sums = new float[0];
    private float[] lengths = new float[0];

    /**
     * @param backbone closed with this object
     * @param views that fit its patches
     */
    ViewedBackbone(Backbone backbone, Views views) {
        this.backbone = backbone;
        this.views = views;
        device = backbone.device();
        images = new GrowingBuffer(device);
        cuts = new GrowingBuffer(device);
        blends = new GrowingBuffer(device);
        grids = new GrowingBuffer(device);
        means = new GrowingBuffer(device);
    }

    @Override
    public Architecture architecture() {
        return backbone.architecture();
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Tensor features(Tensor image, FeatureKind kind) {
        int batch = image.shape().dim(0);
        int rows = rows(image);
        int columns = columns(image);
        int patches = batch * rows * columns;
        int size = patches * width();
        seen = grown(seen, size);
        sums = zeros(sums, size);
        lengths = zeros(lengths, patches);
        for (double scale : views.scales()) {
            Tensor resized = resized(image, scale);
            Tensor features = inWindows(resized, kind).view(batch, rows(resized), columns(resized), width());
            Tensor grid = features;
            if (resized != image) {
                grid = grids.view(batch, rows, columns, width());
                device.kernels().bilinear(features, grid);
            }
            device.read(grid, seen);
            add(patches);
        }
        average(patches);
        Tensor mean = means.view(batch, rows * columns, width());
        device.write(sums, mean);
        return mean;
    }

    private int rows(Tensor image) {
        return image.shape().dim(2) / patch();
    }

    private int columns(Tensor image) {
        return image.shape().dim(3) / patch();
    }

    /** Returns an image in whole patches at another scale, or itself if that has as many. */
    private Tensor resized(Tensor image, double scale) {
        int rows = (int) Math.max(1, Math.round(rows(image) * scale));
        int columns = (int) Math.max(1, Math.round(columns(image) * scale));
        if (rows == rows(image) && columns == columns(image)) {
            return image;
        }
        int planes = 3 * image.shape().dim(0);
        Tensor out = images.view(planes, rows * patch(), columns * patch(), 1);
        device.kernels()
                .bilinear(image.view(planes, image.shape().dim(2), image.shape().dim(3), 1), out);
        return out.view(image.shape().dim(0), 3, rows * patch(), columns * patch());
    }

    /** Computes the features of an image, {@code [B, P, C]}, blended from those of its windows if it is larger than one. */
    private Tensor inWindows(Tensor image, FeatureKind kind) {
        int rows = rows(image);
        int columns = columns(image);
        int window = views.window() / patch();
        if (window == 0 || window >= Math.max(rows, columns)) {
            return backbone.features(image, kind);
        }
        int batch = image.shape().dim(0);
        Windows across = Windows.of(columns, window, 0);
        Windows down = Windows.of(rows, window, 0);
        int size = batch * rows * columns * width();
        blended = zeros(blended, size);
        for (int y = 0; y < down.count(); y++) {
            for (int x = 0; x < across.count(); x++) {
                Tensor features = backbone.features(cut(image, across, x, down, y), kind);
                seen = grown(seen, features.shape().size());
                device.read(features, seen);
                blend(batch, rows, columns, across, x, down, y);
            }
        }
        Tensor out = blends.view(batch, rows * columns, width());
        device.write(blended, out);
        return out;
    }

    private Tensor cut(Tensor image, Windows across, int x, Windows down, int y) {
        int planes = 3 * image.shape().dim(0);
        int height = down.length() * patch();
        int width = across.length() * patch();
        Tensor out = cuts.view(planes, height, width);
        device.kernels()
                .slice(
                        image.view(planes, image.shape().dim(2), image.shape().dim(3)),
                        down.begin(y) * patch(),
                        across.begin(x) * patch(),
                        out);
        return out.view(image.shape().dim(0), 3, height, width);
    }

    /** Adds the weighted features of a window of each image. */
    private void blend(int batch, int rows, int columns, Windows across, int x, Windows down, int y) {
        int channels = width();
        int from = 0;
        for (int image = 0; image < batch; image++) {
            for (int row = 0; row < down.length(); row++) {
                int first = (image * rows + down.begin(y) + row) * columns + across.begin(x);
                int to = first * channels;
                for (int column = 0; column < across.length(); column++) {
                    float weight = down.weights(y)[row] * across.weights(x)[column];
                    for (int c = 0; c < channels; c++) {
                        blended[to++] += weight * seen[from++];
                    }
                }
            }
        }
    }

    /** Adds the directions and the lengths of what was seen. */
    private void add(int patches) {
        int channels = width();
        for (int i = 0; i < patches; i++) {
            double length = length(seen, i * channels, channels);
            lengths[i] += (float) length;
            for (int c = i * channels; c < (i + 1) * channels && length > 0; c++) {
                sums[c] += (float) (seen[c] / length);
            }
        }
    }

    private void average(int patches) {
        int channels = width();
        for (int i = 0; i < patches; i++) {
            double length = length(sums, i * channels, channels);
            double factor = length == 0 ? 0 : lengths[i] / (views.scales().size() * length);
            for (int c = i * channels; c < (i + 1) * channels; c++) {
                sums[c] = (float) (sums[c] * factor);
            }
        }
    }

    private static double length(float[] values, int from, int count) {
        double squares = 0;
        for (int i = from; i < from + count; i++) {
            squares += (double) values[i] * values[i];
        }
        return Math.sqrt(squares);
    }

    private static float[] grown(float[] array, int size) {
        return array.length < size ? new float[size] : array;
    }

    private static float[] zeros(float[] array, int size) {
        float[] grown = grown(array, size);
        Arrays.fill(grown, 0, size, 0);
        return grown;
    }

    /** As {@link Backbone#featuresWithAttention}; the attention is that of the image as it is, seen as a whole. */
    @Override
    public Attended featuresWithAttention(Tensor image, FeatureKind kind) {
        Tensor features = features(image, kind);
        return new Attended(
                features, backbone.featuresWithAttention(image, kind).attention());
    }

    /** As {@link Backbone#tokens}, of the image as it is, seen as a whole. */
    @Override
    public Tensor tokens(Tensor image, Observer observer) {
        return backbone.tokens(image, observer);
    }

    @Override
    public void close() {
        synchronized (device.monitor()) {
            backbone.close();
            images.close();
            cuts.close();
            blends.close();
            grids.close();
            means.close();
        }
    }
}
