package org.stegokernels.verify;

import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.verify.RandomChecks.Trial;

/** Sampling at points, and the backward of both ways to sample. */
final class RandomSampling {
    private RandomSampling() {}

    static Map<String, Trial> trials() {
        Map<String, Trial> trials = new LinkedHashMap<>();
        trials.put("bilinearGradient", RandomSampling::bilinearGradient);
        trials.put("gridSample", RandomSampling::gridSample);
        trials.put("gridSampleGradient", RandomSampling::gridSampleGradient);
        return trials;
    }

    /** Points outside of the image and at its very border among them. */
    private static Comparison gridSample(CheckScope scope, Draw draw) {
        int images = draw.between(1, 3);
        int height = draw.size(12);
        int width = draw.size(12);
        int channels = draw.size(100);
        int samples = draw.between(1, 4);
        int rows = draw.size(9);
        int columns = draw.size(9);
        draw.note("x [%d, %d, %d, %d] to [%d, %d, %d]", images, height, width, channels, samples, rows, columns);
        float[] x = draw.normal(images * height * width * channels);
        int[] chosen = draw.indices(samples, images);
        float[] coords = coords(draw, samples * rows * columns * 2);
        Tensor out = scope.output(samples, rows, columns, channels);
        Tensor imageTensor = scope.input(chosen, samples);
        Tensor coordTensor = scope.input(coords, samples, rows, columns, 2);
        scope.training().gridSample(scope.input(x, images, height, width, channels), imageTensor, coordTensor, out);
        return Comparison.relative(
                scope.device().floats(out),
                TrainingOracle.gridSample(Comparison.widened(x), height, width, channels, chosen, coords),
                Comparison.FORWARD);
    }

    private static Comparison gridSampleGradient(CheckScope scope, Draw draw) {
        int images = draw.between(1, 3);
        int height = draw.size(6);
        int width = draw.size(6);
        int channels = draw.between(1, 5);
        int samples = draw.between(1, 4);
        int side = draw.size(5);
        draw.note("x [%d, %d, %d, %d] to [%d, %d, %d]", images, height, width, channels, samples, side, side);
        float[] x = draw.normal(images * height * width * channels);
        int[] chosen = draw.indices(samples, images);
        float[] coords = coords(draw, samples * side * side * 2);
        float[] g = draw.normal(samples * side * side * channels);
        Tensor gradX = scope.inOut(new float[x.length], images, height, width, channels);
        scope.training()
                .gridSampleGradient(
                        scope.input(g, samples, side, side, channels),
                        scope.input(chosen, samples),
                        scope.input(coords, samples, side, side, 2),
                        gradX);
        return Comparison.relative(
                scope.device().floats(gradX),
                TrainingOracle.gradient(
                        at -> TrainingOracle.dot(
                                TrainingOracle.gridSample(at, height, width, channels, chosen, coords), g),
                        Comparison.widened(x)),
                Comparison.TRAINING);
    }

    private static Comparison bilinearGradient(CheckScope scope, Draw draw) {
        int batch = draw.between(1, 2);
        int height = draw.size(6);
        int width = draw.size(6);
        int channels = draw.between(1, 5);
        int outHeight = draw.size(12);
        int outWidth = draw.size(12);
        draw.note("gradX [%d, %d, %d, %d] from %d x %d", batch, height, width, channels, outHeight, outWidth);
        float[] g = draw.normal(batch * outHeight * outWidth * channels);
        Tensor gradX = scope.output(batch, height, width, channels);
        scope.training().bilinearGradient(scope.input(g, batch, outHeight, outWidth, channels), gradX);
        return Comparison.relative(
                scope.device().floats(gradX),
                TrainingOracle.gradient(
                        at -> TrainingOracle.dot(
                                TrainingOracle.bilinear(at, batch, height, width, channels, outHeight, outWidth), g),
                        new double[batch * height * width * channels]),
                Comparison.TRAINING);
    }

    private static float[] coords(Draw draw, int count) {
        float[] coords = draw.normal(count, 0, 0.7);
        coords[0] = 1;
        coords[count - 1] = -1;
        return coords;
    }
}
