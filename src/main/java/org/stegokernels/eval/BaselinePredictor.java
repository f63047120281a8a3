package org.stegokernels.eval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.cluster.Clustering;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.cluster.KMeans;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.eval.Evaluator.Baseline;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.FeatureExtractor;
import org.stegokernels.stego.PatchStore;
import org.stegokernels.stego.Pipeline.Frame;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.vit.FiniteCheck.NotFiniteException;

/**
 * Predictions of k-means over the patches of the very images it is evaluated on. Looks at each image twice and keeps its
 * patches in a temporary file between the two. The scores of the clusters are enlarged to the pixels, bilinear; no CRF.
 */
final class BaselinePredictor implements Predictor {
    /** k-means looks at no more patches than fit in 192 MiB: more change nothing but the time. */
    private static final int MAX_SAMPLE_VALUES = 48 << 20;

    private static final int MAX_SAMPLE_PATCHES = 200_000;
    private static final int RGB = 3;
    private static final float NORM_EPSILON = 1e-12f;

    private final Device device;
    private final Baseline settings;
    private final Baseline.Kind kind;
    private final StageTimes times;
    private final int patch;
    private final FeatureExtractor extractor;
    private final PatchStore store;
    /** Place of an image's patches in the store. */
    private final Map<Integer, Integer> places = new HashMap<>();

    private final GrowingBuffer patchBuffer;
    private final GrowingBuffer unitBuffer;
    private final GrowingBuffer gridBuffer;
    private final GrowingBuffer pixelBuffer;
    private final GrowingBuffer bestBuffer;
    private LinearWeights scores;

    /**
     * @param model whose backbone is used, head and probes are not
     * @throws IOException if no temporary file can be made
     */
    BaselinePredictor(Stego model, Baseline settings, Segmenter.Options options, StageTimes times) throws IOException {
        this.device = model.device();
        patch = model.backbone().patch();
        this.settings = settings;
        kind = settings.kind();
        this.times = times;
        extractor =
                new FeatureExtractor(model.backbone(), model.info().settings().feature(), options);
        store = new PatchStore(
                kind == Baseline.Kind.RGB ? RGB : model.backbone().width());
        patchBuffer = new GrowingBuffer(device);
        unitBuffer = new GrowingBuffer(device);
        gridBuffer = new GrowingBuffer(device);
        pixelBuffer = new GrowingBuffer(device);
        bestBuffer = new GrowingBuffer(device, ElementType.I32);
    }

    /**
     * Encodes all images, then runs k-means. An image that can't be read fails again in the second round, and is named
     * then.
     *
     * @throws DatasetException if that is every image
     * @throws org.stegokernels.cluster.Clustering.ImpossibleException if there are fewer different patches than clusters
     * @throws IOException if the disk for temporary files is full
     */
    void look(Dataset data, Runnable progress) throws IOException {
        String reason = null;
        try (ExampleReader reader = new ExampleReader(data, this::frame, times)) {
            for (int index = 0; index < data.size(); index++) {
                try {
                    Frame frame = reader.next().frame();
                    long start = System.nanoTime();
                    store.add(kind == Baseline.Kind.RGB ? meanColors(frame.working()) : extractor.patches(frame));
                    times.add(Stage.BACKBONE, start);
                    places.put(index, places.size());
                } catch (NotFiniteException e) {
                    throw e.of(data.example(index).image());
                } catch (ImageException | DatasetException e) {
                    reason = reason == null ? e.getMessage() : reason;
                }
                progress.run();
            }
        }
        if (places.isEmpty()) {
            throw Evaluator.noneUsable(data, reason);
        }
        find(settings.clusters(), settings.seed());
    }

    private PatchStore.Patches meanColors(RgbImage working) {
        int rows = working.height() / patch;
        int columns = working.width() / patch;
        float[] means = new float[rows * columns * RGB];
        for (int i = 0; i < working.rgb().length; i++) {
            int x = i / RGB % working.width() / patch;
            int y = i / RGB / working.width() / patch;
            means[(y * columns + x) * RGB + i % RGB] += (working.rgb()[i] & 0xFF) / (float) (patch * patch);
        }
        return new PatchStore.Patches(rows, columns, means);
    }

    /** Finds the clusters. The score of a centre c for a patch x: its cosine, or {@code x c - |c|^2 / 2}, which is largest for the nearest. */
    private void find(int clusters, long seed) throws IOException {
        long start = System.nanoTime();
        int channels = store.channels();
        float[] sample = store.sample(Math.min(MAX_SAMPLE_PATCHES, MAX_SAMPLE_VALUES / channels), seed);
        Clustering found = KMeans.fit(
                device, Points.of(List.of(sample), channels), KMeans.Settings.of(clusters, kind.metric(), seed));
        float[] bias = new float[clusters];
        for (int i = 0; i < found.centroids().length && kind.metric() == Metric.EUCLIDEAN; i++) {
            bias[i / channels] -= found.centroids()[i] * found.centroids()[i] / 2;
        }
        try (Tensor weight = device.upload(found.centroids(), clusters, channels);
                Tensor offset = device.upload(bias, clusters)) {
            scores = device.kernels().packLinear(weight, offset);
        }
        times.add(Stage.CLUSTER, start);
    }

    @Override
    public Map<Probe, Integer> candidates() {
        return Map.of(Probe.CLUSTER, scores.outputs());
    }

    @Override
    public Frame frame(RgbImage image) {
        return extractor.frame(image);
    }

    @Override
    public Prediction predict(int index, Frame frame) {
        long start = System.nanoTime();
        PatchStore.Patches patches;
        try {
            patches = store.get(places.get(index));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Tensor current = patchBuffer.view(patches.rows(), patches.columns(), store.channels());
        device.write(patches.values(), current);
        Tensor points = current;
        if (kind.metric() == Metric.COSINE) {
            points = unitBuffer.view(current.shape().dims());
            device.kernels().normalize(current, NORM_EPSILON, points);
        }
        Tensor grid = gridBuffer.view(1, patches.rows(), patches.columns(), scores.outputs());
        device.kernels()
                .linear(
                        points.view(1, patches.rows(), patches.columns(), store.channels()),
                        scores,
                        Activation.NONE,
                        null,
                        grid);
        RgbImage target = frame.target();
        Tensor pixels = pixelBuffer.view(1, target.height(), target.width(), scores.outputs());
        device.kernels().bilinear(grid, pixels);
        Tensor best = bestBuffer.view(1, target.height(), target.width());
        device.kernels().argmax(pixels, best);
        LabelMap predicted = labels(device.ints(best), target);
        times.add(Stage.CLASSIFY, start);
        String name = kind == Baseline.Kind.RGB ? "mean colour" : "features";
        return new Prediction(Map.of(Probe.CLUSTER, predicted), Map.of(), Map.of(name, current));
    }

    private static LabelMap labels(int[] indices, RgbImage target) {
        byte[] labels = new byte[indices.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) indices[i];
        }
        return new LabelMap(target.width(), target.height(), labels);
    }

    @Override
    public void close() {
        extractor.close();
        patchBuffer.close();
        unitBuffer.close();
        gridBuffer.close();
        pixelBuffer.close();
        bestBuffer.close();
        if (scores != null) {
            scores.close();
        }
        try {
            store.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
