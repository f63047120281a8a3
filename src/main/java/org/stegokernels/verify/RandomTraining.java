package org.stegokernels.verify;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.verify.RandomChecks.Trial;

/** Layers with weights that are trained, their backward, and Adam. */
final class RandomTraining {
    private static final float EPSILON = 1e-10f;

    private RandomTraining() {}

    static Map<String, Trial> trials() {
        Map<String, Trial> trials = new LinkedHashMap<>();
        trials.put("training.linear", RandomTraining::trainedLinear);
        trials.put("linearGradient", RandomTraining::linearGradient);
        trials.put("fill", RandomTraining::fill);
        trials.put("reluGradient", RandomTraining::reluGradient);
        trials.put("scaleChannels", RandomTraining::scaleChannels);
        trials.put("addScaled", RandomTraining::addScaled);
        trials.put("normalizeGradient", RandomTraining::normalizeGradient);
        trials.put("softmaxGradient", RandomTraining::softmaxGradient);
        trials.put("adam", RandomTraining::adam);
        return trials;
    }

    private static Comparison trainedLinear(CheckScope scope, Draw draw) {
        int rows = draw.size(300);
        int inputs = draw.size(200);
        int outputs = draw.size(120);
        Activation activation = draw.oneOf(Activation.values());
        boolean residual = draw.coin();
        draw.note("x [%d, %d], outputs %d, %s, residual %b", rows, inputs, outputs, activation, residual);
        float[] x = draw.normal(rows * inputs);
        float[] weight = draw.normal(outputs * inputs, 0, 1 / Math.sqrt(inputs));
        float[] bias = draw.coin() ? draw.normal(outputs) : null;
        float[] added = residual ? draw.normal(rows * outputs) : null;
        Tensor out = residual ? scope.inOut(added, rows, outputs) : scope.output(rows, outputs);
        scope.training()
                .linear(
                        scope.input(x, rows, inputs),
                        scope.input(weight, outputs, inputs),
                        bias == null ? null : scope.input(bias, outputs),
                        activation,
                        residual ? out : null,
                        out);
        return Comparison.relative(
                scope.device().floats(out),
                Oracle.linear(x, weight, bias, activation, added, inputs, outputs),
                Comparison.FORWARD);
    }

    private static Comparison linearGradient(CheckScope scope, Draw draw) {
        int rows = draw.size(1200);
        int inputs = draw.size(120);
        int outputs = draw.size(90);
        draw.note("x [%d, %d], outputs %d", rows, inputs, outputs);
        float[] x = draw.normal(rows * inputs);
        float[] weight = draw.normal(outputs * inputs);
        float[] g = draw.normal(rows * outputs);
        Tensor gradX = scope.output(rows, inputs);
        Tensor gradWeight = scope.output(outputs, inputs);
        Tensor gradBias = scope.output(outputs);
        scope.training()
                .linearGradient(
                        scope.input(x, rows, inputs),
                        scope.input(weight, outputs, inputs),
                        scope.input(g, rows, outputs),
                        gradX,
                        gradWeight,
                        gradBias);
        float[] ones = new float[rows];
        Arrays.fill(ones, 1);
        return Comparison.worstOf(
                sums(scope, gradX, (a, b) -> TrainingOracle.product(a, b, rows, outputs, inputs), g, weight),
                sums(scope, gradWeight, (a, b) -> TrainingOracle.transposedProduct(a, b, rows, outputs, inputs), g, x),
                sums(scope, gradBias, (a, b) -> TrainingOracle.transposedProduct(a, b, rows, 1, outputs), ones, g));
    }

    /** Compares a product of matrices, each element of which is a sum that may cancel. */
    private static Comparison sums(
            CheckScope scope, Tensor actual, BiFunction<float[], float[], double[]> product, float[] a, float[] b) {
        return Comparison.sums(
                scope.device().floats(actual),
                product.apply(a, b),
                product.apply(squared(a), squared(b)),
                Comparison.TRAINING);
    }

    private static float[] squared(float[] values) {
        float[] squares = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            squares[i] = values[i] * values[i];
        }
        return squares;
    }

    private static Comparison fill(CheckScope scope, Draw draw) {
        int count = draw.size(40_000);
        float value = draw.coin() ? 0 : (float) draw.between(-9.0, 9.0);
        draw.note("out [%d], value %s", count, value);
        return Comparison.relative(
                new TrainingOnDevice(scope).fill(count, value), OnDevice.filled(count, value), Comparison.EXACT);
    }

    private static Comparison reluGradient(CheckScope scope, Draw draw) {
        int count = draw.size(5000);
        draw.note("y [%d]", count);
        float[] y = draw.normal(count);
        for (int i = 0; i < count; i++) {
            y[i] = Math.max(0, y[i]);
        }
        float[] g = draw.normal(count);
        double[] expected = new double[count];
        for (int i = 0; i < count; i++) {
            expected[i] = y[i] > 0 ? g[i] : 0;
        }
        Tensor gradX = scope.output(count);
        scope.training().reluGradient(scope.input(y, count), scope.input(g, count), gradX);
        return Comparison.relative(scope.device().floats(gradX), expected, Comparison.EXACT);
    }

    private static Comparison scaleChannels(CheckScope scope, Draw draw) {
        int images = draw.between(1, 4);
        int pixels = draw.size(60);
        int channels = draw.size(300);
        draw.note("x [%d, %d, %d]", images, pixels, channels);
        float[] x = draw.normal(images * pixels * channels);
        float[] factors = draw.normal(images * channels);
        double[] expected = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            expected[i] = (double) x[i] * factors[i / (pixels * channels) * channels + i % channels];
        }
        Tensor out = scope.output(images, pixels, channels);
        scope.training()
                .scaleChannels(scope.input(x, images, pixels, channels), scope.input(factors, images, channels), out);
        return Comparison.relative(scope.device().floats(out), expected, Comparison.FORWARD);
    }

    private static Comparison addScaled(CheckScope scope, Draw draw) {
        int count = draw.size(40_000);
        float factor = (float) draw.between(-2.0, 2.0);
        draw.note("x [%d] times %s, onto the constant 3", count, factor);
        float[] x = draw.normal(count);
        double[] expected = new double[count];
        for (int i = 0; i < count; i++) {
            expected[i] = 3 + (double) factor * x[i];
        }
        Tensor sum = scope.output(count);
        scope.training().fill(sum, 3);
        scope.training().addScaled(scope.input(x, count), factor, sum);
        return Comparison.relative(scope.device().floats(sum), expected, Comparison.FORWARD);
    }

    private static Comparison normalizeGradient(CheckScope scope, Draw draw) {
        int rows = draw.size(20);
        int channels = draw.size(40);
        draw.note("x [%d, %d]", rows, channels);
        float[] x = draw.normal(rows * channels);
        float[] g = draw.normal(rows * channels);
        Tensor gradX = scope.output(rows, channels);
        scope.training()
                .normalizeGradient(scope.input(x, rows, channels), EPSILON, scope.input(g, rows, channels), gradX);
        return gradient(
                scope,
                gradX,
                TrainingOracle.gradient(
                        at -> TrainingOracle.dot(TrainingOracle.normalize(at, channels, EPSILON), g),
                        Comparison.widened(x)));
    }

    private static Comparison softmaxGradient(CheckScope scope, Draw draw) {
        int rows = draw.size(20);
        int channels = draw.size(40);
        double scale = draw.oneOf(new Double[] {1.0, 10.0, -2.0});
        draw.note("y [%d, %d], scale %s", rows, channels, scale);
        double[] x = Comparison.widened(draw.normal(rows * channels, 0, 1 / Math.abs(scale)));
        float[] g = draw.normal(rows * channels);
        double[] probabilities = TrainingOracle.softmax(x, channels, scale);
        float[] y = new float[probabilities.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = (float) probabilities[i];
        }
        Tensor gradX = scope.output(rows, channels);
        scope.training()
                .softmaxGradient(scope.input(y, rows, channels), (float) scale, scope.input(g, rows, channels), gradX);
        return gradient(
                scope,
                gradX,
                TrainingOracle.gradient(at -> TrainingOracle.dot(TrainingOracle.softmax(at, channels, scale), g), x));
    }

    private static Comparison adam(CheckScope scope, Draw draw) {
        int count = draw.size(3000);
        int step = draw.between(1, 50);
        AdamSettings settings = AdamSettings.of(draw.between(1e-4, 1e-1));
        draw.note("parameter [%d], step %d, %s", count, step, settings);
        float[] parameter = draw.normal(count);
        float[] g = draw.normal(count);
        float[] mean = draw.normal(count, 0, 0.1);
        float[] square = new float[count];
        for (int i = 0; i < count; i++) {
            square[i] = 0.01f + mean[i] * mean[i];
        }
        Tensor value = scope.inOut(parameter, count);
        Tensor m = scope.inOut(mean, count);
        Tensor v = scope.inOut(square, count);
        scope.training().adam(value, scope.input(g, count), m, v, settings, step);
        double[] expected = Comparison.widened(parameter);
        double[] expectedMean = Comparison.widened(mean);
        double[] expectedSquare = Comparison.widened(square);
        TrainingOracle.adam(expected, g, expectedMean, expectedSquare, settings, step);
        return Comparison.worstOf(
                Comparison.relative(scope.device().floats(value), expected, Comparison.FORWARD),
                Comparison.relative(scope.device().floats(m), expectedMean, Comparison.FORWARD),
                Comparison.relative(scope.device().floats(v), expectedSquare, Comparison.FORWARD));
    }

    private static Comparison gradient(CheckScope scope, Tensor actual, double[] expected) {
        return Comparison.relative(scope.device().floats(actual), expected, Comparison.TRAINING);
    }
}
