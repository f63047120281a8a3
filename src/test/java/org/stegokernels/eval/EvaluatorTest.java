package org.stegokernels.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.data.Datasets;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.eval.ConfusionMatrix.Count;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.FeatureExtractor;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.stego.Segmenter.Options.Protocol;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.vit.FiniteCheck.NotFiniteException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor;

/** Whole evaluations against the published pipeline, and against counts of single segmentations. */
class EvaluatorTest {
    private static final int CLASSES = 6;
    private static final Evaluator.Settings SETTINGS =
            new Evaluator.Settings(Evaluator.Settings.DEFAULT.options().withSize(64), Count.ALL, 2);

    @TempDir
    Path folder;

    private Device device;
    private Stego model;

    @BeforeEach
    void open() throws IOException {
        device = TestDevices.open(Devices.choose("cpu"));
        model = Stego.load(ReferenceVectors.open("pipeline"), device);
        Files.writeString(folder.resolve("classes.txt"), "a\nb\nc\nd\ne\nf\n");
    }

    @AfterEach
    void close() {
        device.checkGuards();
        model.close();
        device.close();
    }

    private void add(String name, RgbImage image, LabelMap labels) throws IOException {
        Datasets.write(folder.resolve("imgs/val/" + name + ".png"), image);
        Datasets.write(folder.resolve("labels/val/" + name + ".png"), labels);
    }

    /** Blocks of random classes, some of them ignored. */
    private void addNoise(String name, int width, int height, long seed) throws IOException {
        Random random = new Random(seed);
        byte[] blocks = new byte[64];
        for (int i = 0; i < blocks.length; i++) {
            int label = random.nextInt(CLASSES + 1);
            blocks[i] = (byte) (label == CLASSES ? LabelMap.IGNORE : label);
        }
        byte[] rgb = new byte[3 * width * height];
        random.nextBytes(rgb);
        add(name, new RgbImage(width, height, rgb), Resize.nearest(new LabelMap(8, 8, blocks), width, height));
    }

    private Dataset data() {
        return Dataset.open(Dataset.Settings.of(Dataset.Kind.DIRECTORY, folder, "val"));
    }

    private Evaluator.Result evaluate(Evaluator.Settings settings) {
        return Evaluator.run(model, data(), settings, new StageTimes(), () -> {});
    }

    private static Evaluator.Settings with(Segmenter.Options options) {
        return new Evaluator.Settings(options, SETTINGS.count(), SETTINGS.pictures());
    }

    @ParameterizedTest
    @EnumSource(Probe.class)
    void predictionsAreThoseOfThePublishedPipeline(Probe probe) throws IOException {
        try (Safetensors reference = ReferenceVectors.open("pipeline")) {
            int[] dims = reference.entry("image").shape().dims();
            byte[] labels = reference.bytes(probe == Probe.CLUSTER ? "cluster_labels" : "linear_labels");
            add(
                    "image",
                    new RgbImage(dims[1], dims[0], reference.bytes("image")),
                    new LabelMap(dims[1], dims[0], labels));
        }
        Segmenter.Options whole = SETTINGS.options().withProtocol(Protocol.WHOLE);
        Evaluator.Result evaluation = evaluate(with(whole));
        Scores scores = (probe == Probe.CLUSTER ? evaluation.cluster() : evaluation.linear()).orElseThrow();
        assertThat(scores.accuracy()).isGreaterThanOrEqualTo(0.999);
        assertThat(scores.meanIou()).isGreaterThan(0.98);
    }

    @Test
    void weightsThatOverflowOnEveryImageAreTheModelsFault() throws IOException {
        addNoise("a", 64, 64, 1);
        try (Safetensors file = ReferenceVectors.open("pipeline")) {
            Map<String, TypedTensor> tensors = MemoryFiles.tensors(file);
            float[] gains = file.floats("backbone.norm.weight");
            Arrays.fill(gains, 1e38f);
            tensors.put("backbone.norm.weight", TypedTensor.of(HostTensor.of(gains, gains.length)));
            try (Stego overflowing = Stego.load(MemoryFiles.file(tensors, file.metadata()), device)) {
                assertThatThrownBy(() -> Evaluator.run(overflowing, data(), SETTINGS, new StageTimes(), () -> {}))
                        .isInstanceOf(NotFiniteException.class)
                        .hasMessageContainingAll("a.png", "overflow in the features");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void countsWhatTheSegmenterSays(Protocol protocol) throws IOException {
        addNoise("a", 96, 64, 1);
        addNoise("b", 71, 83, 2);
        addNoise("c", 64, 64, 3);
        Segmenter.Options options = SETTINGS.options().withProtocol(protocol);
        Evaluator.Result result = evaluate(with(options));
        assertThat(result.images()).isEqualTo(3);
        for (Probe probe : Probe.values()) {
            long[][] counts = new long[CLASSES][CLASSES];
            try (Segmenter segmenter = Segmenter.of(model, options.withProbe(probe))) {
                for (int i = 0; i < 3; i++) {
                    LabelMap predicted = segmenter.segment(data().image(i)).labels();
                    LabelMap labels = data().labels(i);
                    labels = protocol == Protocol.WHOLE ? labels : Resize.centerSquare(labels, 64);
                    for (int p = 0; p < predicted.labels().length; p++) {
                        if (labels.labels()[p] != (byte) LabelMap.IGNORE) {
                            counts[predicted.labels()[p]][labels.labels()[p]]++;
                        }
                    }
                }
            }
            Scores scores = (probe == Probe.CLUSTER ? result.cluster() : result.linear()).orElseThrow();
            for (int p = 0; p < CLASSES; p++) {
                for (int label = 0; label < CLASSES; label++) {
                    assertThat(scores.matrix().count(p, label)).isEqualTo(counts[p][label]);
                }
            }
        }
    }

    @Test
    void picturesAreUnderTheMatchedClasses() throws IOException {
        addNoise("a", 64, 64, 1);
        addNoise("b", 64, 64, 2);
        Evaluator.Result result = evaluate(SETTINGS);
        assertThat(result.pictures()).hasSize(2);
        Scores scores = result.cluster().orElseThrow();
        long right = 0;
        for (Evaluator.Picture picture : result.pictures()) {
            LabelMap classes = picture.classesOf(Probe.CLUSTER, scores);
            for (int i = 0; i < classes.labels().length; i++) {
                right += classes.labels()[i] == picture.labels().labels()[i] ? 1 : 0;
            }
        }
        long all = 0;
        for (int label = 0; label < CLASSES; label++) {
            all += scores.matrix().labelled(label);
        }
        assertThat(scores.accuracy()).isCloseTo((double) right / all, within(1e-12));
    }

    @Test
    void extraClustersCountUnlessAskedOtherwise() throws IOException {
        addNoise("a", 64, 64, 5);
        Files.writeString(folder.resolve("classes.txt"), "a\nb\n");
        Datasets.write(folder.resolve("labels/val/a.png"), Datasets.columns(64, 64, 2));
        var tensors = MemoryFiles.tensors(ReferenceVectors.open("pipeline"));
        tensors.keySet().removeIf(name -> name.startsWith("linear_probe"));
        model.close();
        model = Stego.load(MemoryFiles.file(tensors, Map.of("num_heads", "4")), device);
        Scores all = evaluate(SETTINGS).cluster().orElseThrow();
        assertThat(all.matrix().predictions()).isEqualTo(CLASSES);
        assertThat(all.matrix().labelled(0) + all.matrix().labelled(1)).isEqualTo(64 * 64);
        Scores published = evaluate(new Evaluator.Settings(SETTINGS.options(), Count.PUBLISHED, 0))
                .cluster()
                .orElseThrow();
        for (int cluster = 0; cluster < CLASSES; cluster++) {
            assertThat(published.matrix().predicted(cluster))
                    .isEqualTo(cluster < 2 ? all.matrix().predicted(cluster) : 0);
        }
    }

    @Test
    void cachedFeaturesGiveTheSameFigures() throws IOException {
        addNoise("a", 96, 64, 1);
        addNoise("b", 64, 80, 2);
        for (boolean flip : new boolean[] {false, true}) {
            Segmenter.Options options = SETTINGS.options().withCrf(false).withFlip(flip);
            Evaluator.Result whole = evaluate(with(options));
            FeatureEvaluator.Result cached;
            try (Safetensors file = ReferenceVectors.open("pipeline");
                    FeatureEvaluator evaluator = new FeatureEvaluator(device, new Cache(flip), CLASSES, Count.ALL)) {
                int width = model.codeWidth();
                cached = evaluator.run(new FeatureEvaluator.Modules(
                        model.head().orElseThrow()::forward,
                        device.upload(file.floats("linear_probe.weight"), CLASSES, width),
                        device.upload(file.floats("linear_probe.bias"), CLASSES),
                        device.upload(file.floats("cluster_probe.clusters"), CLASSES, width)));
            }
            assertSame(cached.linear(), whole.linear().orElseThrow());
            assertSame(cached.cluster(), whole.cluster().orElseThrow());
        }
    }

    /** But for a pixel in a thousand, where two classes are as likely. */
    private static void assertSame(Scores cached, Scores whole) {
        long different = 0;
        for (int p = 0; p < CLASSES; p++) {
            for (int label = 0; label < CLASSES; label++) {
                different += Math.abs(
                        cached.matrix().count(p, label) - whole.matrix().count(p, label));
            }
        }
        assertThat(different).isLessThanOrEqualTo(2 * 64 * 64 / 1000);
        assertThat(cached.accuracy()).isCloseTo(whole.accuracy(), within(1e-3));
    }

    /** The features of the dataset, each image by itself. */
    private final class Cache implements FeatureEvaluator.Images {
        private final boolean mirrored;
        private final List<float[]> features = new ArrayList<>();
        private final List<float[]> mirrors = new ArrayList<>();

        Cache(boolean mirrored) {
            this.mirrored = mirrored;
            try (FeatureExtractor extractor = new FeatureExtractor(
                    model.backbone(),
                    FeatureKind.FEAT,
                    Segmenter.Options.DEFAULT.withSize(64).withFlip(false))) {
                for (int i = 0; i < data().size(); i++) {
                    RgbImage square = Resize.centerSquare(data().image(i), 64);
                    features.add(extractor.patches(extractor.frame(square)).values());
                    mirrors.add(
                            extractor.patches(extractor.frame(mirror(square))).values());
                }
            }
        }

        private static RgbImage mirror(RgbImage image) {
            byte[] rgb = new byte[image.rgb().length];
            for (int i = 0; i < image.pixels(); i++) {
                int x = i % image.width();
                System.arraycopy(image.rgb(), 3 * i, rgb, 3 * (i - x + image.width() - 1 - x), 3);
            }
            return new RgbImage(image.width(), image.height(), rgb);
        }

        @Override
        public int size() {
            return features.size();
        }

        @Override
        public int height() {
            return 8;
        }

        @Override
        public int width() {
            return 8;
        }

        @Override
        public int channels() {
            return model.backbone().width();
        }

        @Override
        public int labelSize() {
            return 64;
        }

        @Override
        public void features(int index, float[] out, int offset) {
            System.arraycopy(features.get(index), 0, out, offset, features.get(index).length);
        }

        @Override
        public boolean mirrored() {
            return mirrored;
        }

        @Override
        public void mirroredFeatures(int index, float[] out, int offset) {
            System.arraycopy(mirrors.get(index), 0, out, offset, mirrors.get(index).length);
        }

        @Override
        public void labels(int index, byte[] out, int offset) {
            System.arraycopy(Resize.centerSquare(data().labels(index), 64).labels(), 0, out, offset, 64 * 64);
        }
    }

    @Test
    void coloursFindWhatDiffersInColour() throws IOException {
        // The left half is of one class and colour, the right half of another.
        for (int i = 0; i < 3; i++) {
            byte[] labels = new byte[64 * 64];
            byte[] rgb = new byte[3 * labels.length];
            for (int p = 0; p < labels.length; p++) {
                labels[p] = (byte) (p % 64 < 32 ? 0 : 1);
                rgb[3 * p + labels[p]] = (byte) (200 + i);
            }
            add("h" + i, new RgbImage(64, 64, rgb), new LabelMap(64, 64, labels));
        }
        Files.writeString(folder.resolve("classes.txt"), "left\nright\n");
        Evaluator.Result result = Evaluator.run(
                new Evaluator.Baseline(Evaluator.Baseline.Kind.RGB, 2, 0),
                model,
                data(),
                with(SETTINGS.options().withCrf(false)),
                new StageTimes(),
                () -> {});
        assertThat(result.linear()).isEmpty();
        assertThat(result.cluster().orElseThrow().accuracy()).isGreaterThan(0.98);
        assertThat(result.correspondences().get(0).averagePrecision()).isGreaterThan(0.9);
    }

    @Test
    void anImageThatIsDamagedIsLeftOutAndNamed() throws IOException {
        addNoise("a", 64, 64, 1);
        addNoise("b", 64, 64, 2);
        addNoise("c", 64, 64, 3);
        Files.writeString(folder.resolve("imgs/val/b.png"), "no image");
        Datasets.write(folder.resolve("labels/val/c.png"), Datasets.columns(32, 64, 3));
        Evaluator.Result result = evaluate(SETTINGS);
        assertThat(result.images()).isEqualTo(1);
        assertThat(result.failures()).extracting(Evaluator.Failure::id).containsExactly("b", "c");
        assertThat(result.failures().get(1).reason()).contains("32x64").contains("64x64");
        Evaluator.Result baseline = Evaluator.run(
                new Evaluator.Baseline(Evaluator.Baseline.Kind.KMEANS, CLASSES, 0),
                model,
                data(),
                with(SETTINGS.options().withCrf(false)),
                new StageTimes(),
                () -> {});
        assertThat(baseline.failures()).isEqualTo(result.failures());
    }

    @Test
    void aSetWithoutLabelsOrWithOtherClassesIsRefused() throws IOException {
        addNoise("a", 64, 64, 1);
        Dataset photographs = Dataset.open(Dataset.Settings.of(Dataset.Kind.FOLDER, folder.resolve("imgs"), "val"));
        assertThatThrownBy(() -> Evaluator.run(model, photographs, SETTINGS, new StageTimes(), () -> {}))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("no labels");
        Files.writeString(folder.resolve("classes.txt"), "a\nb\nc\nd\ne\nf\ng\n");
        assertThatThrownBy(() -> evaluate(SETTINGS))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("7 classes");
    }
}
