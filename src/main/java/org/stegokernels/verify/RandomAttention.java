package org.stegokernels.verify;

import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.verify.RandomChecks.Trial;

/** Attention, its weights, and the rotation of its queries and keys. */
final class RandomAttention {
    private RandomAttention() {}

    static Map<String, Trial> trials() {
        Map<String, Trial> trials = new LinkedHashMap<>();
        trials.put("attention", RandomAttention::attention);
        trials.put("attentionWeights", RandomAttention::attentionWeights);
        trials.put("rope", RandomAttention::rope);
        return trials;
    }

    /** Sizes and values of one draw; some are peaked, so that the running maximum of an online softmax matters. */
    private record Qkv(int batch, int tokens, int heads, int headDim, float[] values) {
        static Qkv draw(Draw draw) {
            int batch = draw.between(1, 2);
            int tokens = draw.size(400);
            int heads = draw.between(1, 4);
            int headDim = draw.size(80);
            double deviation = draw.coin() ? 1 : 2.5;
            draw.note(
                    "batch %d, tokens %d, heads %d, head dim %d, deviation %s",
                    batch, tokens, heads, headDim, deviation);
            return new Qkv(
                    batch, tokens, heads, headDim, draw.normal(batch * tokens * 3 * heads * headDim, 0, deviation));
        }

        Tensor upload(CheckScope scope) {
            return scope.input(values, batch, tokens, 3 * heads * headDim);
        }
    }

    private static Comparison attention(CheckScope scope, Draw draw) {
        Qkv qkv = Qkv.draw(draw);
        Tensor out = scope.output(qkv.batch(), qkv.tokens(), qkv.heads() * qkv.headDim());
        scope.kernels().attention(qkv.upload(scope), qkv.heads(), out);
        return Comparison.relative(
                scope.device().floats(out),
                Oracle.attention(qkv.values(), qkv.batch(), qkv.tokens(), qkv.heads(), qkv.headDim()),
                Comparison.FORWARD);
    }

    private static Comparison attentionWeights(CheckScope scope, Draw draw) {
        Qkv qkv = Qkv.draw(draw);
        int queries = draw.coin() ? 1 : draw.size(qkv.tokens());
        draw.note("%s, queries %d", draw, queries);
        Tensor out = scope.output(qkv.batch(), qkv.heads(), queries, qkv.tokens());
        scope.kernels().attentionWeights(qkv.upload(scope), qkv.heads(), out);
        return Comparison.relative(
                scope.device().floats(out),
                Oracle.attentionWeights(qkv.values(), qkv.batch(), qkv.tokens(), qkv.heads(), qkv.headDim(), queries),
                Comparison.FORWARD);
    }

    private static Comparison rope(CheckScope scope, Draw draw) {
        int batch = draw.between(1, 3);
        int patches = draw.size(200);
        int tokens = patches + draw.between(0, 6);
        int heads = draw.between(1, 6);
        int half = draw.size(48);
        draw.note("batch %d, tokens %d, patches %d, heads %d, head dim %d", batch, tokens, patches, heads, 2 * half);
        float[] qkv = draw.normal(batch * tokens * 3 * heads * 2 * half, 0, draw.between(0.1, 6.0));
        float[] cos = new float[patches * half];
        float[] sin = new float[patches * half];
        for (int i = 0; i < cos.length; i++) {
            double angle = draw.between(-2 * Math.PI, 2 * Math.PI);
            cos[i] = (float) Math.cos(angle);
            sin[i] = (float) Math.sin(angle);
        }
        Tensor out = scope.inOut(qkv, batch, tokens, 3 * heads * 2 * half);
        scope.kernels().rope(scope.input(cos, patches, half), scope.input(sin, patches, half), out);
        return Comparison.relative(
                scope.device().floats(out),
                Oracle.rope(qkv, batch, tokens, heads, cos, sin, patches, half),
                Comparison.FORWARD);
    }
}
