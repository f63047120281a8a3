package org.stegokernels.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.stegokernels.testing.ReferenceVectors.assertClose;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor;

@ParameterizedClass(name = "{0}")
@MethodSource("org.stegokernels.testing.TestDevices#all")
class VisionTransformerTest {
    private static final String PREFIX = "weights.";
    private static final double TOLERANCE = 1e-5;

    @Parameter
    private Devices.Choice choice;

    private Device device;

    @BeforeEach
    void open() {
        device = TestDevices.open(choice);
    }

    @AfterEach
    void close() {
        device.checkGuards();
        device.close();
    }

    static Stream<Arguments> sizes() {
        return Stream.of("vit_micro_p8", "vit_micro_p16").flatMap(name -> {
            try (Safetensors file = ReferenceVectors.open(name)) {
                return file.names().stream()
                        .filter(tensor -> tensor.endsWith(".input"))
                        .map(tensor -> Arguments.of(name, tensor.substring(0, tensor.indexOf('.'))))
                        .toList()
                        .stream();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void everyStepMatchesTheReference(String name, String size) {
        try (Safetensors file = ReferenceVectors.open(name);
                Backbone model = Backbone.load(file, PREFIX, device)) {
            Tensor image = upload(device, file.tensor(size + ".input"));
            Tensor tokens = model.tokens(image, new Comparison(file, size, model.architecture()));
            assertClose("feat", device.floats(tokens), file.floats(size + ".feat"), TOLERANCE);
        }
    }

    /** Holds what passes by against the reference, which has the heads apart and the queries in front of the keys. */
    private final class Comparison implements Backbone.Observer {
        private final Safetensors file;
        private final String size;
        private final Architecture config;

        Comparison(Safetensors file, String size, Architecture config) {
            this.file = file;
            this.size = size;
            this.config = config;
        }

        @Override
        public void embedding(Tensor classToken, Tensor positions) {
            float[] expected = file.floats(size + ".pos_embed");
            int width = config.width();
            float[] rest = Arrays.copyOfRange(expected, width, expected.length);
            assertClose("positions", device.floats(positions), rest, TOLERANCE);
            float[] token = file.floats(PREFIX + "cls_token");
            for (int i = 0; i < width; i++) {
                token[i] += expected[i];
            }
            assertThat(device.floats(classToken)).containsExactly(token);
        }

        @Override
        public void tokens(int blocks, Tensor tokens) {
            String name = size + ".tokens." + blocks;
            assertClose(name, device.floats(tokens), file.floats(name), TOLERANCE);
        }

        @Override
        public void qkv(int block, Tensor qkv) {
            if (block < config.depth() - 1) {
                return;
            }
            assertClose("qkv", device.floats(qkv), tokensFirst(file.tensor(size + ".qkv.last")), TOLERANCE);
            HostTensor expected = file.tensor(size + ".attention.last");
            try (Tensor attention = device.allocate(expected.shape().dims())) {
                device.kernels().attentionWeights(qkv, config.heads(), attention);
                assertClose("attention", device.floats(attention), expected.values(), TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void featuresAreTheTokensOrKeysOfThePatches(String name, String size) {
        try (Safetensors file = ReferenceVectors.open(name);
                Backbone model = Backbone.load(file, PREFIX, device)) {
            Tensor image = upload(device, file.tensor(size + ".input"));
            HostTensor tokens = file.tensor(size + ".feat");
            Tensor feat = model.features(image, FeatureKind.FEAT);
            assertThat(feat.shape().dims()).containsExactly(2, tokens.shape().dim(1) - 1, model.width());
            assertClose("feat", device.floats(feat), withoutFirstToken(tokens, 0, 1), TOLERANCE);

            int[] dims = file.entry(size + ".qkv.last").shape().dims();
            int width = dims[2] * dims[4];
            HostTensor qkv = HostTensor.of(tokensFirst(file.tensor(size + ".qkv.last")), dims[1], dims[3], 3 * width);
            Tensor keys = model.features(image, FeatureKind.KK);
            assertThat(keys.shape()).isEqualTo(feat.shape());
            assertClose("KK", device.floats(keys), withoutFirstToken(qkv, 1, 3), TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void attentionIsTheFirstRowOfTheLastBlocksAttentionToPatches(String name, String size) {
        try (Safetensors file = ReferenceVectors.open(name);
                Backbone model = Backbone.load(file, PREFIX, device)) {
            HostTensor all = file.tensor(size + ".attention.last");
            int[] dims = all.shape().dims();
            int tokens = dims[3];
            int patches = tokens - 1;
            float[] expected = new float[dims[0] * dims[1] * patches];
            for (int row = 0; row < dims[0] * dims[1]; row++) {
                System.arraycopy(all.values(), row * tokens * tokens + 1, expected, row * patches, patches);
            }
            Tensor image = upload(device, file.tensor(size + ".input"));
            for (FeatureKind kind : FeatureKind.values()) {
                float[] alone = device.floats(model.features(image, kind));
                Backbone.Attended run = model.featuresWithAttention(image, kind);
                assertThat(device.floats(run.features())).containsExactly(alone);
                assertThat(run.attention().shape().dims()).containsExactly(dims[0], dims[1], patches);
                assertClose("class attention, " + kind, device.floats(run.attention()), expected, TOLERANCE);
            }
        }
    }

    @Test
    void anImageAloneGivesTheBitsThatItGivesInABatch() {
        try (Safetensors file = ReferenceVectors.open("vit_micro_p8");
                Backbone model = Backbone.load(file, PREFIX, device)) {
            HostTensor both = file.tensor("40x56.input");
            int half = both.values().length / 2;
            float[] together = device.floats(model.features(upload(device, both), FeatureKind.FEAT));
            Tensor second = device.upload(Arrays.copyOfRange(both.values(), half, 2 * half), 1, 3, 40, 56);
            float[] alone = device.floats(model.features(second, FeatureKind.FEAT));
            assertThat(alone).containsExactly(Arrays.copyOfRange(together, together.length / 2, together.length));
        }
    }

    @Test
    void imagesOfChangingSizeTakeNoMoreMemoryThanTheFirstOfEach() {
        try (Device device = oneThread();
                Safetensors file = ReferenceVectors.open("vit_micro_p8");
                Backbone model = Backbone.load(file, PREFIX, device)) {
            Tensor wide = device.allocate(2, 3, 40, 56);
            Tensor tall = device.allocate(1, 3, 64, 24);
            long before = device.allocatedBytes();
            long afterTwo = 0;
            for (int i = 0; i < 50; i++) {
                model.features(i % 2 == 0 ? wide : tall, i % 3 == 0 ? FeatureKind.KK : FeatureKind.FEAT);
                model.tokens(i % 2 == 0 ? tall : wide, Backbone.Observer.NONE);
                model.featuresWithAttention(tall, FeatureKind.KK);
                if (i == 1) {
                    afterTwo = device.allocatedBytes();
                }
            }
            assertThat(afterTwo).isGreaterThan(before);
            assertThat(device.allocatedBytes()).isEqualTo(afterTwo);
        }
    }

    @Test
    void imagesOfEverNewSizesTakeNoMoreMemoryThanTheLargest() {
        try (Device device = oneThread();
                Safetensors file = ReferenceVectors.open("vit_micro_p8");
                Backbone model = Backbone.load(file, PREFIX, device)) {
            long most = 0;
            for (int round = 0; round < 2; round++) {
                for (int side = 12; side >= 1; side--) {
                    try (Tensor image = device.allocate(1, 3, 8 * side, 96)) {
                        model.tokens(image, Backbone.Observer.NONE);
                    }
                    if (round == 0 && side == 9) {
                        most = device.allocatedBytes();
                    }
                }
            }
            assertThat(device.allocatedBytes()).isLessThanOrEqualTo(most);
        }
    }

    @Test
    void closingFreesEverything() {
        try (Device device = oneThread();
                Safetensors file = ReferenceVectors.open("vit_micro_p8");
                Tensor image = upload(device, file.tensor("64x24.input"))) {
            try (Backbone model = Backbone.load(file, PREFIX, device)) {
                model.features(image, FeatureKind.FEAT);
            }
            long once = device.allocatedBytes();
            try (Backbone model = Backbone.load(file, PREFIX, device)) {
                model.features(image, FeatureKind.FEAT);
            }
            assertThat(device.allocatedBytes()).isEqualTo(once);
        }
    }

    @Test
    void anImageThatIsNotWholePatchesIsNamed() {
        try (Safetensors file = ReferenceVectors.open("vit_micro_p8");
                Backbone model = Backbone.load(file, PREFIX, device)) {
            for (int[] dims : new int[][] {{1, 3, 40, 57}, {1, 3, 41, 56}, {1, 1, 40, 56}, {3, 40, 56}, {1, 3, 0, 8}}) {
                try (Tensor image = device.allocate(dims)) {
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> model.features(image, FeatureKind.FEAT))
                            .withMessageContainingAll("multiples of the patch size 8", Arrays.toString(dims));
                }
            }
        }
    }

    @Test
    void aWeightThatIsNotANumberIsNamedAndNothingStaysAllocated() {
        try (Safetensors file = ReferenceVectors.open("vit_micro_p8")) {
            Map<String, TypedTensor> tensors = MemoryFiles.tensors(file);
            HostTensor bias = file.tensor("weights.blocks.1.mlp.fc2.bias");
            bias.values()[3] = Float.NaN;
            tensors.put("weights.blocks.1.mlp.fc2.bias", TypedTensor.of(bias));
            Safetensors broken = MemoryFiles.file(tensors, file.metadata());
            long before = device.allocatedBytes();
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> Backbone.load(broken, PREFIX, device))
                    .withMessageContainingAll("\"weights.blocks.1.mlp.fc2.bias\"", "the value NaN");
            assertThat(device.allocatedBytes()).isEqualTo(before);
        }
    }

    /** With several threads each takes its scratch memory when it first happens to get work: too late to compare. */
    private Device oneThread() {
        return choice.open(new Device.Options(1, true));
    }

    private static Tensor upload(Device device, HostTensor tensor) {
        return device.upload(tensor.values(), tensor.shape().dims());
    }

    /** {@code [3, B, heads, T, D]} to {@code [B, T, 3, heads, D]}. */
    private static float[] tokensFirst(HostTensor qkv) {
        int[] n = qkv.shape().dims();
        float[] out = new float[qkv.values().length];
        int from = 0;
        for (int which = 0; which < 3; which++) {
            for (int b = 0; b < n[1]; b++) {
                for (int head = 0; head < n[2]; head++) {
                    for (int t = 0; t < n[3]; t++) {
                        int to = (((b * n[3] + t) * 3 + which) * n[2] + head) * n[4];
                        System.arraycopy(qkv.values(), from, out, to, n[4]);
                        from += n[4];
                    }
                }
            }
        }
        return out;
    }

    /** Returns all tokens of {@code [B, T, C]} but the first, with the {@code part}th of {@code parts} of their channels. */
    private static float[] withoutFirstToken(HostTensor tokens, int part, int parts) {
        int[] n = tokens.shape().dims();
        int width = n[2] / parts;
        float[] out = new float[n[0] * (n[1] - 1) * width];
        int to = 0;
        for (int b = 0; b < n[0]; b++) {
            for (int t = 1; t < n[1]; t++) {
                System.arraycopy(tokens.values(), (b * n[1] + t) * n[2] + part * width, out, to, width);
                to += width;
            }
        }
        return out;
    }
}
