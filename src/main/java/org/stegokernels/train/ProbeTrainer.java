package org.stegokernels.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.stegokernels.data.Dataset;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.eval.ConfusionMatrix;
import org.stegokernels.eval.ConfusionMatrix.Count;
import org.stegokernels.eval.Evaluator.Picture;
import org.stegokernels.eval.Scores;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.Resize;
import org.stegokernels.stego.FeatureExtractor;
import org.stegokernels.stego.LinearProbe;
import org.stegokernels.stego.LinearProbe.Goal;
import org.stegokernels.stego.LinearProbe.Values;
import org.stegokernels.stego.PatchStore.Patches;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.TypedTensor.DType;

/**
 * Trains a linear probe on a few labelled photographs. Each patch is a row whose target is the share of each class among
 * its labelled pixels, weighted by their number, and by the rarity of their class; a photograph is learnt from at its size
 * and enlarged, where small things fill patches of their own. The ridge is the one that makes the best of photographs that
 * the probe has not seen. If asked, a head learns with it ({@link HeadFit}), in each of these trials
 * anew. Deterministic.
 */
public final class ProbeTrainer {
    /**
     * Pixels of a class weigh its share of all labelled pixels to minus this: with 0 all weigh the same, and rare classes
     * are not found; with 1 all classes do, and are found too often.
     */
    private static final double RARITY = 0.75;

    /** Ridges to choose from, the strongest first, and that of a training that is too small to choose. */
    private static final double[] RIDGES = {1e-3, 3e-4, 1e-4, 1e-5};

    private static final double USUAL_RIDGE = 1e-4;
    private static final int STEPS = 100;
    /** Parts into which the photographs are split to choose the ridge. */
    private static final int FOLDS = 5;

    private static final int LEAST_PHOTOGRAPHS = 3;
    /** Scale of the second view of a photograph. A third and its mirror image made no difference. */
    private static final double ENLARGED = 1.25;
    /** Copies of the features in memory: as read, as rows of a fit, in its standard form, on the device. */
    private static final long COPIES = 4;

    private static final int PICTURES = 8;
    /** Pixels on the longer side of what is labelled to check a probe: no patch is so small that more would tell more. */
    private static final int CHECKED_SIDE = 640;

    private final Device device;
    private final List<Example> examples;
    private final Map<String, HostTensor> head;
    private final int classes;
    private final int[] classOf;

    /**
     * A labelled photograph.
     *
     * @param patches the features of its patches, {@code [rows, columns, C]}, as a segmentation computes them
     * @param enlarged the features of the photograph at a larger size, from which a probe learns, too
     * @param labels of its pixels, at any size: classes, or 255
     */
    public record Example(String id, Patches patches, Patches enlarged, LabelMap labels) {
        /** Returns the example with the same labels and other vectors for its patches. */
        Example with(UnaryOperator<Patches> change) {
            return new Example(id, change.apply(patches), change.apply(enlarged), labels);
        }
    }

    /**
     * A probe that was trained.
     *
     * @param classOf the class of each output: those that have a labelled pixel, rising
     * @param ridge by which its weights were held to 0, as {@link LinearProbe#fit} says
     * @param checked the scores over all photographs, each labelled by a probe that was trained on others; empty if there
     *     are too few
     * @param pictures some of the photographs with their labels by such a probe
     * @param head that learnt along, by the names in a model file; empty if none did
     */
    public record Taught(
            Values probe,
            int[] classOf,
            double ridge,
            Optional<Scores> checked,
            List<Picture> pictures,
            Map<String, HostTensor> head) {}

    /**
     * Settings of the features.
     *
     * @param options of which size and mirror image count; photographs are seen as a segmentation sees them
     * @param codes whether the probe is one of the head's codes; else of the backbone's features
     * @param cache folder in which features are kept, a file for each photograph; null for none
     * @param type {@link DType#F16} or {@link DType#F32}
     */
    public record Features(Segmenter.Options options, boolean codes, Path cache, DType type) {}

    private ProbeTrainer(Device device, List<Example> examples, Map<String, HostTensor> head, int classes) {
        this.device = device;
        this.head = head;
        this.examples = List.copyOf(examples);
        this.classes = classes;
        boolean[] labelled = new boolean[classes];
        for (Example example : examples) {
            int[] counts = example.labels().counts();
            for (int id = 0; id < classes; id++) {
                labelled[id] |= counts[id] > 0;
            }
        }
        classOf = IntStream.range(0, classes).filter(id -> labelled[id]).toArray();
    }

    /**
     * Reads photographs and labels, and computes the features that the cache has not.
     *
     * @param progress called after each photograph
     * @throws IOException if features can't be kept
     * @throws TrainingException if there is not enough memory for all of them
     * @throws org.stegokernels.data.Dataset.DatasetException if a label map can't be used
     * @throws org.stegokernels.image.ImageException if a photograph can't be read
     */
    public static List<Example> read(Dataset data, Stego model, Features settings, Runnable progress)
            throws IOException {
        Segmenter.Options options = settings.options();
        int larger = (int) Math.min(Segmenter.Options.MAX_SIZE, Math.round(ENLARGED * options.size()));
        List<Example> examples = new ArrayList<>();
        try (Views views = new Views(model, settings, options);
                Views enlarged = new Views(model, settings, options.withSize(larger))) {
            for (int index = 0; index < data.size(); index++) {
                Patches patches = views.of(data, index);
                Patches second = enlarged.of(data, index);
                if (index == 0) {
                    requireRoom(
                            data.size(),
                            patches.values().length + second.values().length,
                            Runtime.getRuntime().maxMemory());
                }
                Example example = new Example(data.example(index).id(), patches, second, data.labels(index));
                examples.add(settings.codes() ? example.with(each -> codes(model, each)) : example);
                progress.run();
            }
        }
        return examples;
    }

    private static Patches codes(Stego model, Patches features) {
        float[] codes = model.head().orElseThrow().codes(features.values());
        return new Patches(features.rows(), features.columns(), codes);
    }

    /** Features of photographs at one size, from the cache or computed. */
    private static final class Views implements AutoCloseable {
        private final FeatureExtractor extractor;
        private final PhotographFeatures features;

        Views(Stego model, Features settings, Segmenter.Options options) {
            FeatureKind kind = model.info().settings().feature();
            String what = String.join(
                    "/",
                    model.backboneKey(),
                    kind.name(),
                    options.protocol().name(),
                    Integer.toString(options.size()),
                    Boolean.toString(options.flip()));
            features = new PhotographFeatures(settings.cache(), what, settings.type());
            extractor = new FeatureExtractor(model.backbone(), kind, options);
        }

        Patches of(Dataset data, int index) throws IOException {
            return features.get(
                    data.example(index).image(), photograph -> extractor.patches(extractor.frame(data.image(index))));
        }

        @Override
        public void close() {
            extractor.close();
        }
    }

    /**
     * Makes sure that the features of all photographs fit into memory, as often as a fit needs them.
     *
     * @param values of a photograph
     * @param memory in bytes
     * @throws TrainingException if they don't
     */
    static void requireRoom(int photographs, long values, long memory) {
        long all = photographs * values;
        long bytes = COPIES * Float.BYTES * all;
        if (bytes > memory || all > Integer.MAX_VALUE) {
            long fitting = Math.min(memory / (COPIES * Float.BYTES), Integer.MAX_VALUE) / values;
            throw new TrainingException.BadSettings("the features of " + photographs + " photographs need "
                    + (bytes >> 20) + " MiB of memory; the Java heap may have " + (memory >> 20)
                    + " MiB, which is enough for " + fitting
                    + ": label fewer, choose a smaller --size, or start Java with a larger -Xmx");
        }
    }

    /**
     * Trains a probe.
     *
     * @param data whose examples these are, in its order
     * @param head the start of a head that learns with the probe, which is then one of its codes; empty for none
     * @param progress called after each of some fits
     * @throws TrainingException if fewer than two classes have a labelled pixel
     */
    public static Taught train(
            Device device, Dataset data, List<Example> examples, Map<String, HostTensor> head, Runnable progress) {
        ProbeTrainer trainer =
                new ProbeTrainer(device, examples, head, data.classes().count());
        if (trainer.classOf.length < 2) {
            throw new TrainingException.BadSettings(
                    "labels of at least two classes are needed to tell them apart; there "
                            + (trainer.classOf.length == 0 ? "are none" : "is one"));
        }
        synchronized (device.monitor()) {
            return trainer.train(data, progress);
        }
    }

    /** Returns how often {@link #train} calls its progress. */
    public static int fits(int photographs) {
        return 1 + (photographs < LEAST_PHOTOGRAPHS ? 0 : RIDGES.length * Math.min(FOLDS, photographs));
    }

    private Taught train(Dataset data, Runnable progress) {
        double ridge = USUAL_RIDGE;
        Scores best = null;
        List<LabelMap> predictions = List.of();
        if (examples.size() >= LEAST_PHOTOGRAPHS) {
            LabelMap[][] predicted = leftOut(progress);
            for (int i = 0; i < RIDGES.length; i++) {
                Scores scores = scores(predicted[i]);
                if (best == null || scores.meanIou() > best.meanIou()) {
                    best = scores;
                    ridge = RIDGES[i];
                    predictions = List.of(predicted[i]);
                }
            }
        }
        try (HeadFit learnt = headFor(examples)) {
            Values probe = fit(new Rows(coded(learnt, examples)), ridge);
            progress.run();
            return new Taught(
                    probe,
                    classOf,
                    ridge,
                    Optional.ofNullable(best),
                    pictures(data, predictions),
                    learnt == null ? Map.of() : learnt.tensors());
        }
    }

    private Scores scores(LabelMap[] predicted) {
        ConfusionMatrix matrix = new ConfusionMatrix(classes, classes);
        for (int i = 0; i < predicted.length; i++) {
            LabelMap map = predicted[i];
            matrix.add(map, Resize.nearest(examples.get(i).labels(), map.width(), map.height()), Count.ALL);
        }
        return Scores.ofClasses(matrix);
    }

    /** Returns a head that has learnt from some photographs; null if none is asked for. */
    private HeadFit headFor(List<Example> taught) {
        if (head.isEmpty()) {
            return null;
        }
        HeadFit learnt = new HeadFit(device, head);
        try {
            learnt.run(new Rows(taught).goal(), fit(new Rows(coded(learnt, taught)), USUAL_RIDGE));
            return learnt;
        } catch (RuntimeException e) {
            learnt.close();
            throw e;
        }
    }

    /** Returns photographs with a head's codes in place of features; as they are without a head. */
    private static List<Example> coded(HeadFit learnt, List<Example> some) {
        if (learnt == null) {
            return some;
        }
        return some.stream()
                .map(example -> example.with(patches -> new Patches(
                        patches.rows(), patches.columns(), learnt.codes(patches.values(), patches.channels()))))
                .toList();
    }

    private static List<Picture> pictures(Dataset data, List<LabelMap> predictions) {
        List<Picture> pictures = new ArrayList<>();
        int count = Math.min(PICTURES, predictions.size());
        for (int i = 0; i < count; i++) {
            int index = (int) ((long) i * predictions.size() / count);
            LabelMap predicted = predictions.get(index);
            pictures.add(new Picture(
                    data.example(index).id(),
                    Resize.antialiased(data.image(index), predicted.width(), predicted.height()),
                    Resize.nearest(data.labels(index), predicted.width(), predicted.height()),
                    Map.of(Probe.LINEAR, predicted)));
        }
        return pictures;
    }

    /** Labels each photograph, for each ridge, by a head and a probe that were trained on the other folds. */
    private LabelMap[][] leftOut(Runnable progress) {
        int folds = Math.min(FOLDS, examples.size());
        LabelMap[][] predicted = new LabelMap[RIDGES.length][examples.size()];
        for (int fold = 0; fold < folds; fold++) {
            int out = fold;
            List<Example> others = IntStream.range(0, examples.size())
                    .filter(i -> i % folds != out)
                    .mapToObj(examples::get)
                    .toList();
            try (HeadFit learnt = headFor(others)) {
                Rows rows = new Rows(coded(learnt, others));
                for (int i = 0; i < RIDGES.length; i++) {
                    Values probe = fit(rows, RIDGES[i]);
                    for (int j = fold; j < examples.size(); j += folds) {
                        predicted[i][j] =
                                label(coded(learnt, List.of(examples.get(j))).get(0), probe);
                    }
                    progress.run();
                }
            }
        }
        return predicted;
    }

    private Values fit(Rows rows, double ridge) {
        Values zero = new Values(new float[classOf.length * rows.channels], new float[classOf.length]);
        return LinearProbe.fit(device, rows.goal(), zero, ridge, STEPS);
    }

    /** Labels a photograph at the size at which it is checked. */
    private LabelMap label(Example example, Values probe) {
        Patches patches = example.patches();
        int outputs = probe.outputs();
        int channels = probe.weights().length / outputs;
        Resize.Size size = checkedSize(example.labels());
        try (Tensor x = device.upload(patches.values(), 1, patches.rows(), patches.columns(), channels);
                Tensor weights = device.upload(probe.weights(), outputs, channels);
                Tensor bias = device.upload(probe.bias(), outputs);
                Tensor grid = device.allocate(1, patches.rows(), patches.columns(), outputs);
                Tensor pixels = device.allocate(1, size.height(), size.width(), outputs);
                Tensor best = device.allocate(ElementType.I32, Shape.of(1, size.height(), size.width()))) {
            device.training().linear(x, weights, bias, Activation.NONE, null, grid);
            device.kernels().bilinear(grid, pixels);
            device.kernels().argmax(pixels, best);
            int[] found = new int[size.width() * size.height()];
            device.read(best, found);
            byte[] labels = new byte[found.length];
            for (int i = 0; i < found.length; i++) {
                labels[i] = (byte) classOf[found[i]];
            }
            return new LabelMap(size.width(), size.height(), labels);
        }
    }

    private static Resize.Size checkedSize(LabelMap labels) {
        double scale = Math.min(1, (double) CHECKED_SIDE / Math.max(labels.width(), labels.height()));
        return new Resize.Size((int) Math.max(1, Math.round(labels.width() * scale)), (int)
                Math.max(1, Math.round(labels.height() * scale)));
    }

    /** The patches of some photographs that have a labelled pixel. */
    private final class Rows {
        private final int channels;
        private float[] codes = new float[0];
        private float[] targets = new float[0];
        private int count;

        Rows(List<Example> taught) {
            Patches first = taught.get(0).patches();
            channels = first.channels();
            int most = taught.stream()
                    .flatMap(each -> Stream.of(each.patches(), each.enlarged()))
                    .mapToInt(each -> each.rows() * each.columns())
                    .sum();
            codes = new float[most * channels];
            targets = new float[most * classOf.length];
            for (Example example : taught) {
                add(example.patches(), example.labels());
                add(example.enlarged(), example.labels());
            }
        }

        private void add(Patches patches, LabelMap labels) {
            float[] shares = shares(labels, patches.rows(), patches.columns(), classOf);
            for (int i = 0; i < patches.rows() * patches.columns(); i++) {
                float sum = 0;
                for (int k = 0; k < classOf.length; k++) {
                    sum += shares[i * classOf.length + k];
                }
                if (sum > 0) {
                    System.arraycopy(patches.values(), i * channels, codes, count * channels, channels);
                    System.arraycopy(shares, i * classOf.length, targets, count * classOf.length, classOf.length);
                    count++;
                }
            }
        }

        /** Returns the rows with weights that sum to 1. */
        Goal goal() {
            double[] mass = new double[classOf.length];
            for (int i = 0; i < count * classOf.length; i++) {
                mass[i % classOf.length] += targets[i];
            }
            double all = Arrays.stream(mass).sum();
            double[] factors = Arrays.stream(mass)
                    .map(each -> each == 0 ? 0 : Math.pow(each / all, -RARITY))
                    .toArray();
            double weighted = IntStream.range(0, mass.length)
                    .mapToDouble(k -> mass[k] * factors[k])
                    .sum();
            float[] weights = new float[count];
            float[] probabilities = new float[count * classOf.length];
            for (int i = 0; i < count; i++) {
                double sum = 0;
                for (int k = 0; k < classOf.length; k++) {
                    sum += targets[i * classOf.length + k] * factors[k];
                }
                for (int k = 0; k < classOf.length; k++) {
                    probabilities[i * classOf.length + k] =
                            (float) (targets[i * classOf.length + k] * factors[k] / sum);
                }
                weights[i] = (float) (sum / weighted);
            }
            return new Goal(Arrays.copyOf(codes, count * channels), probabilities, new boolean[0][], weights);
        }
    }

    /**
     * Returns the share of each class among the pixels of each patch, those without label included: the rows of a patch
     * without label are 0.
     *
     * @return {@code [rows, columns, classes]}
     */
    static float[] shares(LabelMap labels, int rows, int columns, int[] classOf) {
        int[] output = new int[LabelMap.IGNORE + 1];
        Arrays.fill(output, -1);
        for (int k = 0; k < classOf.length; k++) {
            output[classOf[k]] = k;
        }
        float[] shares = new float[rows * columns * classOf.length];
        int[] pixels = new int[rows * columns];
        for (int y = 0; y < labels.height(); y++) {
            int row = (int) ((long) y * rows / labels.height());
            for (int x = 0; x < labels.width(); x++) {
                int patch = row * columns + (int) ((long) x * columns / labels.width());
                pixels[patch]++;
                int k = output[labels.labels()[y * labels.width() + x] & 0xFF];
                if (k >= 0) {
                    shares[patch * classOf.length + k]++;
                }
            }
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] /= Math.max(1, pixels[i / classOf.length]);
        }
        return shares;
    }
}
