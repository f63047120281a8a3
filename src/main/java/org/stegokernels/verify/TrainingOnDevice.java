package org.stegokernels.verify;

import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.tensor.Tensor;

/** Each operation of {@link TrainingKernels} as the device computes it, from host arrays to host arrays. */
final class TrainingOnDevice {
    private final CheckScope scope;
    private final TrainingKernels kernels;

    TrainingOnDevice(CheckScope scope) {
        this.scope = scope;
        this.kernels = scope.training();
    }

    /** A loss and its gradients; of most there is one. */
    record Loss(float loss, float[]... gradients) {}

    /** The gradients of a linear layer, null where none was asked for. */
    record LinearGradients(float[] x, float[] weight, float[] bias) {}

    /** Results of {@link TrainingKernels#adam}. */
    record AdamState(float[] parameter, float[] mean, float[] square) {}

    /** Results of {@link TrainingKernels#topK}. */
    record Neighbors(float[] similarities, int[] indices) {}

    /** Results of {@link TrainingKernels#nearestCenters}. */
    record Assigned(int[] labels, float[] sums, int[] counts) {}

    private float[] floats(Tensor tensor) {
        return tensor == null ? null : scope.device().floats(tensor);
    }

    private int[] ints(Tensor tensor) {
        return scope.device().ints(tensor);
    }

    float[] linear(
            float[] x, float[] weight, float[] bias, Activation activation, float[] added, int inputs, int outputs) {
        int rows = x.length / inputs;
        Tensor out = added == null ? scope.output(rows, outputs) : scope.inOut(added, rows, outputs);
        kernels.linear(
                scope.input(x, rows, inputs),
                scope.input(weight, outputs, inputs),
                bias == null ? null : scope.input(bias, outputs),
                activation,
                added == null ? null : out,
                out);
        return floats(out);
    }

    /** Computes those gradients that are asked for. */
    LinearGradients linearGradient(
            float[] x,
            float[] weight,
            float[] g,
            int inputs,
            int outputs,
            boolean ofX,
            boolean ofWeight,
            boolean ofBias) {
        int rows = g.length / outputs;
        Tensor gradX = ofX ? scope.output(rows, inputs) : null;
        Tensor gradWeight = ofWeight ? scope.output(outputs, inputs) : null;
        Tensor gradBias = ofBias ? scope.output(outputs) : null;
        kernels.linearGradient(
                ofWeight ? scope.input(x, rows, inputs) : null,
                scope.input(weight, outputs, inputs),
                scope.input(g, rows, outputs),
                gradX,
                gradWeight,
                gradBias);
        return new LinearGradients(floats(gradX), floats(gradWeight), floats(gradBias));
    }

    float[] fill(int count, float value) {
        Tensor out = scope.output(count);
        kernels.fill(out, value);
        return floats(out);
    }

    float[] addScaled(float[] x, float factor, float[] sum) {
        Tensor out = scope.inOut(sum, sum.length);
        kernels.addScaled(scope.input(x, x.length), factor, out);
        return floats(out);
    }

    float[] reluGradient(float[] y, float[] g, boolean inPlace) {
        Tensor in = inPlace ? scope.inOut(g, g.length) : scope.input(g, g.length);
        Tensor out = inPlace ? in : scope.output(g.length);
        kernels.reluGradient(scope.input(y, y.length), in, out);
        return floats(out);
    }

    float[] scaleChannels(float[] x, float[] factors, int channels, boolean inPlace) {
        int images = factors.length / channels;
        int pixels = x.length / factors.length;
        Tensor in = inPlace ? scope.inOut(x, images, pixels, channels) : scope.input(x, images, pixels, channels);
        Tensor out = inPlace ? in : scope.output(images, pixels, channels);
        kernels.scaleChannels(in, scope.input(factors, images, channels), out);
        return floats(out);
    }

    float[] normalizeGradient(float[] x, float epsilon, float[] g, int channels, boolean inPlace) {
        int rows = x.length / channels;
        Tensor in = inPlace ? scope.inOut(g, rows, channels) : scope.input(g, rows, channels);
        Tensor out = inPlace ? in : scope.output(rows, channels);
        kernels.normalizeGradient(scope.input(x, rows, channels), epsilon, in, out);
        return floats(out);
    }

    float[] softmaxGradient(float[] y, float scale, float[] g, int channels, boolean inPlace) {
        int rows = y.length / channels;
        Tensor in = inPlace ? scope.inOut(g, rows, channels) : scope.input(g, rows, channels);
        Tensor out = inPlace ? in : scope.output(rows, channels);
        kernels.softmaxGradient(scope.input(y, rows, channels), scale, in, out);
        return floats(out);
    }

    float[] bilinearGradient(float[] g, int batch, int height, int width, int channels, int outHeight, int outWidth) {
        Tensor gradX = scope.output(batch, height, width, channels);
        kernels.bilinearGradient(scope.input(g, batch, outHeight, outWidth, channels), gradX);
        return floats(gradX);
    }

    float[] gridSample(float[] x, int height, int width, int channels, int[] chosen, float[] coords) {
        int points = coords.length / 2 / chosen.length;
        Tensor out = scope.output(chosen.length, points, 1, channels);
        kernels.gridSample(
                scope.input(x, x.length / (height * width * channels), height, width, channels),
                scope.input(chosen, chosen.length),
                scope.input(coords, chosen.length, points, 1, 2),
                out);
        return floats(out);
    }

    /** Adds the gradient to {@code sum}. */
    float[] gridSampleGradient(
            float[] g, int height, int width, int channels, int[] chosen, float[] coords, float[] sum) {
        int points = coords.length / 2 / chosen.length;
        Tensor gradX = scope.inOut(sum, sum.length / (height * width * channels), height, width, channels);
        kernels.gridSampleGradient(
                scope.input(g, chosen.length, points, 1, channels),
                scope.input(chosen, chosen.length),
                scope.input(coords, chosen.length, points, 1, 2),
                gradX);
        return floats(gradX);
    }

    /** Adds the gradients of both codes to {@code sum1} and {@code sum2}. */
    Loss correspondence(
            float[] f1,
            float[] f2,
            float[] c1,
            float[] c2,
            int images,
            int points,
            CorrespondenceRule rule,
            float weight,
            float[] sum1,
            float[] sum2) {
        int features = f1.length / (images * points);
        int channels = c1.length / (images * points);
        Tensor grad1 = scope.inOut(sum1, images, points, channels);
        Tensor grad2 = scope.inOut(sum2, images, points, channels);
        Tensor loss = scope.output(1);
        kernels.correspondence(
                scope.input(f1, images, points, features),
                scope.input(f2, images, points, features),
                scope.input(c1, images, points, channels),
                scope.input(c2, images, points, channels),
                rule,
                weight,
                grad1,
                grad2,
                loss);
        return new Loss(floats(loss)[0], floats(grad1), floats(grad2));
    }

    /** @param classWeights null for ones */
    Loss crossEntropy(
            float[] logits,
            int[] labels,
            float[] classWeights,
            int batch,
            int height,
            int width,
            int outHeight,
            int outWidth,
            float weight) {
        int classes = logits.length / (batch * height * width);
        Tensor gradient = scope.output(batch, height, width, classes);
        Tensor loss = scope.output(1);
        kernels.crossEntropy(
                scope.input(logits, batch, height, width, classes),
                scope.input(labels, batch, outHeight, outWidth),
                classWeights == null ? null : scope.input(classWeights, classes),
                weight,
                gradient,
                loss);
        return new Loss(floats(loss)[0], floats(gradient));
    }

    Loss assignmentLoss(float[] cosines, int clusters, float alpha, float weight) {
        int rows = cosines.length / clusters;
        Tensor gradient = scope.output(rows, clusters);
        Tensor loss = scope.output(1);
        kernels.assignmentLoss(scope.input(cosines, rows, clusters), alpha, weight, gradient, loss);
        return new Loss(floats(loss)[0], floats(gradient));
    }

    Loss agreementLoss(float[] a, float[] b, int channels, float weight) {
        int rows = a.length / channels;
        Tensor gradient = scope.output(rows, channels);
        Tensor loss = scope.output(1);
        kernels.agreementLoss(scope.input(a, rows, channels), scope.input(b, rows, channels), weight, gradient, loss);
        return new Loss(floats(loss)[0], floats(gradient));
    }

    Loss crfLoss(
            float[] guidance,
            float[] code,
            int batch,
            int height,
            int width,
            int[] points,
            GuidanceSettings settings,
            float weight) {
        int pixels = batch * height * width;
        Tensor gradient = scope.output(batch, height, width, code.length / pixels);
        Tensor loss = scope.output(1);
        kernels.crfLoss(
                scope.input(guidance, batch, height, width, guidance.length / pixels),
                scope.input(code, batch, height, width, code.length / pixels),
                scope.input(points, 2, points.length / 2),
                settings,
                weight,
                gradient,
                loss);
        return new Loss(floats(loss)[0], floats(gradient));
    }

    AdamState adam(float[] parameter, float[] g, float[] mean, float[] square, AdamSettings settings, int step) {
        Tensor value = scope.inOut(parameter, g.length);
        Tensor m = scope.inOut(mean, g.length);
        Tensor v = scope.inOut(square, g.length);
        kernels.adam(value, scope.input(g, g.length), m, v, settings, step);
        return new AdamState(floats(value), floats(m), floats(v));
    }

    /** @param queries may be the very array {@code keys}: the tensors are then one, too */
    Neighbors topK(float[] queries, float[] keys, int channels, int k) {
        Tensor keyRows = scope.input(keys, keys.length / channels, channels);
        int rows = queries.length / channels;
        Tensor queryRows = queries == keys ? keyRows : scope.input(queries, rows, channels);
        Tensor similarities = scope.output(rows, k);
        Tensor indices = scope.intOutput(rows, k);
        kernels.topK(queryRows, keyRows, similarities, indices);
        return new Neighbors(floats(similarities), ints(indices));
    }

    Assigned nearestCenters(float[] points, int[] rows, float[] centers, int channels) {
        int clusters = centers.length / channels;
        Tensor labels = scope.intOutput(rows.length);
        Tensor sums = scope.output(clusters, channels);
        Tensor counts = scope.intOutput(clusters);
        kernels.nearestCenters(
                scope.input(points, points.length / channels, channels),
                scope.input(rows, rows.length),
                scope.input(centers, clusters, channels),
                labels,
                sums,
                counts);
        return new Assigned(ints(labels), floats(sums), ints(counts));
    }

    /** Returns the means; totals are left to {@link RandomNeighbors}. */
    float[] runningMeans(float[] sums, int[] counts, int[] totals, float[] means) {
        int clusters = counts.length;
        int channels = means.length / clusters;
        Tensor meanTensor = scope.inOut(means, clusters, channels);
        kernels.runningMeans(
                scope.input(sums, clusters, channels),
                scope.input(counts, clusters),
                scope.inOut(totals, clusters),
                meanTensor);
        return floats(meanTensor);
    }
}
