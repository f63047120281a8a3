package org.stegokernels.verify;

import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.verify.RandomChecks.Trial;

/** Linear layers and the patch embedding. */
final class RandomLinear {
    /** Keeps the oracle's loops to a fraction of a second. */
    private static final int MAX_PRODUCTS = 20_000_000;

    private RandomLinear() {}

    static Map<String, Trial> trials() {
        Map<String, Trial> trials = new LinkedHashMap<>();
        trials.put("linear", RandomLinear::linear);
        trials.put("patchEmbed", RandomLinear::patchEmbed);
        return trials;
    }

    private static Comparison linear(CheckScope scope, Draw draw) {
        int inputs = draw.size(1600);
        int outputs = draw.size(400);
        int batch = draw.coin() ? 1 : draw.between(2, 3);
        int tokens = Math.min(draw.size(200), Math.max(1, MAX_PRODUCTS / (batch * inputs * outputs)));
        boolean biased = draw.between(0, 3) > 0;
        Activation activation = draw.oneOf(Activation.values());
        boolean residual = draw.coin();
        boolean inPlace = residual && draw.coin();
        draw.note(
                "x [%d, %d, %d], outputs %d, bias %b, %s, residual %b, in place %b",
                batch, tokens, inputs, outputs, biased, activation, residual, inPlace);

        float[] x = draw.normal(batch * tokens * inputs);
        float[] weight = draw.normal(outputs * inputs, 0, 1 / Math.sqrt(inputs));
        float[] bias = biased ? draw.normal(outputs) : null;
        float[] added = residual ? draw.normal(batch * tokens * outputs) : null;
        Tensor out = inPlace ? scope.inOut(added, batch, tokens, outputs) : scope.output(batch, tokens, outputs);
        Tensor addedTensor = null;
        if (residual) {
            addedTensor = inPlace ? out : scope.input(added, batch, tokens, outputs);
        }
        LinearWeights weights = scope.linear(weight, bias, inputs, outputs);
        scope.kernels().linear(scope.input(x, batch, tokens, inputs), weights, activation, addedTensor, out);
        return Comparison.relative(
                scope.device().floats(out),
                Oracle.linear(x, weight, bias, activation, added, inputs, outputs),
                Comparison.FORWARD);
    }

    private static Comparison patchEmbed(CheckScope scope, Draw draw) {
        int patch = draw.between(1, 16);
        int batch = draw.between(1, 3);
        int rows = draw.size(7);
        int columns = draw.size(7);
        int height = rows * patch;
        int width = columns * patch;
        int outputs = draw.size(130);
        int prefixes = draw.between(0, 5);
        draw.note(
                "image [%d, 3, %d, %d], patch %d, outputs %d, prefix %d",
                batch, height, width, patch, outputs, prefixes);

        int inputs = 3 * patch * patch;
        float[] image = draw.normal(batch * 3 * height * width);
        float[] weight = draw.normal(outputs * inputs, 0, 1 / Math.sqrt(inputs));
        float[] bias = draw.normal(outputs);
        float[] prefix = draw.normal(prefixes * outputs);
        float[] positions = draw.normal(rows * columns * outputs);
        Tensor out = scope.output(batch, prefixes + rows * columns, outputs);
        scope.kernels()
                .patchEmbed(
                        scope.input(image, batch, 3, height, width),
                        scope.linear(weight, bias, inputs, outputs),
                        patch,
                        scope.input(prefix, prefixes, outputs),
                        scope.input(positions, rows * columns, outputs),
                        out);
        return Comparison.relative(
                scope.device().floats(out),
                Oracle.patchEmbed(image, batch, 3, height, width, weight, bias, patch, prefix, positions, outputs),
                Comparison.FORWARD);
    }
}
