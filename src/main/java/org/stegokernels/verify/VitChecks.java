package org.stegokernels.verify;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.Backbone.FeatureKind;

/** {@code vit_micro_*}: a whole small transformer, its weights under {@code weights.}, at several image sizes. */
final class VitChecks implements ReferenceFamily {
    private static final String WEIGHTS = "weights.";
    private static final Pattern SIZED = Pattern.compile("(\\d+x\\d+)\\..+");

    @Override
    public Set<String> required() {
        return Set.of("vit_micro_p8", "vit_micro_p16");
    }

    @Override
    public boolean reads(String file) {
        return file.startsWith("vit_micro_");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile(
                "weights\\..+|\\d+x\\d+\\.(input|pos_embed|tokens\\.\\d+|qkv\\.last|keys\\.last|attention\\.last|feat)");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        Architecture architecture = Architecture.of(file.safetensors(), WEIGHTS);
        for (String size : file.cases(SIZED)) {
            String name = file.name() + "/" + size + "/";
            if (!architecture.rotates()) {
                checks.check(name + "pos_embed", scope -> new Forward(file, size, scope).positions());
            }
            for (int i = 0; i <= architecture.depth(); i++) {
                int blocks = i;
                checks.check(name + "tokens." + i, scope -> new Forward(file, size, scope).tokens(blocks));
            }
            checks.check(name + "qkv.last", scope -> new Forward(file, size, scope).lastQkv());
            checks.check(name + "attention.last", scope -> new Forward(file, size, scope).lastAttention());
            checks.check(name + "attention.class", scope -> new Forward(file, size, scope).classAttention());
            checks.check(name + "feat", scope -> new Forward(file, size, scope).finalTokens());
            checks.check(name + "feat.patches", scope -> new Forward(file, size, scope).patchFeatures());
            checks.check(name + "keys", scope -> new Forward(file, size, scope).keyFeatures());
        }
    }

    /** The transformer over one input, and what the file says about it. */
    private static final class Forward {
        private final ReferenceFile file;
        private final String size;
        private final CheckScope scope;
        private final Backbone model;
        private final Tensor input;

        Forward(ReferenceFile file, String size, CheckScope scope) {
            this.file = file;
            this.size = size + ".";
            this.scope = scope;
            this.model = scope.owned(Backbone.load(file.safetensors(), WEIGHTS, scope.device()));
            this.input = scope.input(file.tensor(this.size + "input", 4));
        }

        /** Returns the class token with its position, and the stretched positions of the patches. */
        Comparison positions() {
            int width = model.width();
            float[] expected = file.tensor(size + "pos_embed", 3).values();
            float[] classToken = file.floats(WEIGHTS + "cls_token");
            for (int i = 0; i < width; i++) {
                expected[i] += classToken[i];
            }
            float[] actual = new float[expected.length];
            model.tokens(input, new Backbone.Observer() {
                @Override
                public void embedding(Tensor first, Tensor positions) {
                    place(scope.device().floats(first), actual, 0);
                    place(scope.device().floats(positions), actual, width);
                }
            });
            return matches(actual, expected);
        }

        Comparison tokens(int blocks) {
            float[] expected = file.floats(size + "tokens." + blocks);
            float[] actual = new float[expected.length];
            model.tokens(input, new Backbone.Observer() {
                @Override
                public void tokens(int passed, Tensor tokens) {
                    if (passed == blocks) {
                        place(scope.device().floats(tokens), actual, 0);
                    }
                }
            });
            return matches(actual, expected);
        }

        Comparison lastQkv() {
            HostTensor expected = TensorLayout.interleaved(part(0), part(1), part(2));
            Tensor out = scope.output(expected.shape().dims());
            runToLastQkv(qkv -> scope.kernels().slice(qkv, 0, 0, out));
            return matches(scope.device().floats(out), expected.values());
        }

        /** Returns the whole T x T matrix of each head. */
        Comparison lastAttention() {
            HostTensor expected = file.tensor(size + "attention.last", 4);
            Tensor out = scope.output(expected.shape().dims());
            runToLastQkv(qkv ->
                    scope.kernels().attentionWeights(qkv, model.architecture().heads(), out));
            return matches(scope.device().floats(out), expected.values());
        }

        /** Compares the first row of each head, to the patches, the last of its columns: what an attention map shows. */
        Comparison classAttention() {
            HostTensor all = file.tensor(size + "attention.last", 4);
            int tokens = all.shape().dim(-1);
            int prefix = model.architecture().prefixTokens();
            int patches = tokens - prefix;
            int heads = all.shape().dim(0) * all.shape().dim(1);
            float[] expected = new float[heads * patches];
            for (int h = 0; h < heads; h++) {
                System.arraycopy(all.values(), h * tokens * tokens + prefix, expected, h * patches, patches);
            }
            Tensor found = model.featuresWithAttention(input, FeatureKind.FEAT).attention();
            return matches(scope.device().floats(found), expected);
        }

        Comparison finalTokens() {
            return matches(
                    scope.device().floats(model.tokens(input, Backbone.Observer.NONE)), file.floats(size + "feat"));
        }

        Comparison patchFeatures() {
            HostTensor expected = patchesOf(file.tensor(size + "feat", 3));
            return matches(scope.device().floats(model.features(input, FeatureKind.FEAT)), expected.values());
        }

        /**
         * Returns the keys of the last block, heads concatenated: KK features. Where positions are rotations, {@code qkv.last}
         * has the turned ones, {@code keys.last} those.
         */
        Comparison keyFeatures() {
            HostTensor keys = model.architecture().rotates()
                    ? file.tensor(size + "keys.last", 3)
                    : TensorLayout.headsConcatenated(part(1));
            HostTensor expected = patchesOf(keys);
            return matches(scope.device().floats(model.features(input, FeatureKind.KK)), expected.values());
        }

        /** Queries (0), keys (1) or values (2) of {@code qkv.last}, {@code [B, heads, T, D]}. */
        private HostTensor part(int index) {
            HostTensor all = file.tensor(size + "qkv.last", 5);
            Shape shape = all.shape();
            int length = shape.size() / shape.dim(0);
            return HostTensor.of(
                    Arrays.copyOfRange(all.values(), index * length, (index + 1) * length),
                    shape.dim(1),
                    shape.dim(2),
                    shape.dim(3),
                    shape.dim(4));
        }

        /** Cuts {@code [B, R + P, C]} to {@code [B, P, C]}. */
        private HostTensor patchesOf(HostTensor tokens) {
            Shape shape = tokens.shape();
            int batch = shape.dim(0);
            int prefix = model.architecture().prefixTokens();
            int skipped = prefix * shape.dim(2);
            int length = (shape.dim(1) - prefix) * shape.dim(2);
            float[] out = new float[batch * length];
            for (int b = 0; b < batch; b++) {
                System.arraycopy(tokens.values(), b * (skipped + length) + skipped, out, b * length, length);
            }
            return HostTensor.of(out, batch, shape.dim(1) - prefix, shape.dim(2));
        }

        private void runToLastQkv(Consumer<Tensor> use) {
            int last = model.architecture().depth() - 1;
            model.tokens(input, new Backbone.Observer() {
                @Override
                public void qkv(int block, Tensor qkv) {
                    if (block == last) {
                        use.accept(qkv);
                    }
                }
            });
        }
    }

    /** @throws IllegalArgumentException if it does not end where the target ends, or before */
    private static void place(float[] values, float[] target, int at) {
        if (at + values.length > target.length) {
            throw new IllegalArgumentException(
                    "the model gives " + (at + values.length) + " values, the file has " + target.length);
        }
        System.arraycopy(values, 0, target, at, values.length);
    }

    private static Comparison matches(float[] actual, float[] expected) {
        return Comparison.relative(actual, expected, Comparison.NETWORK);
    }
}
