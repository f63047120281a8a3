package org.stegokernels.stego;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.stegokernels.cluster.Clustering;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.cluster.KMeans;
import org.stegokernels.device.Device;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.Sha256;
import org.stegokernels.stego.Pipeline.Frame;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;
import org.stegokernels.vit.Backbone.FeatureKind;

/**
 * A search for classes where no model knows any: k-means over the features that a backbone gives the patches of a set of
 * photographs. It looks at each photograph twice, and keeps the features in a temporary file between the two.
 *
 * <pre>{@code
 * try (ClusterFinder finder = new ClusterFinder(model, Segmenter.Options.DEFAULT)) {
 *     for (RgbImage photograph : photographs) {
 *         finder.add(photograph);
 *     }
 *     finder.find(8, 0);
 *     Segmentation first = finder.segment(0, photographs.get(0));
 * }
 * }</pre>
 *
 * <p>Several threads may look at photographs, which are computed one after the other.
 */
public final class ClusterFinder implements AutoCloseable {
    /** Labels are bytes, and one of them means ignore. */
    public static final int MAX_CLUSTERS = LabelMap.IGNORE;

    /** k-means looks at no more features than fit in 192 MiB: more change nothing but the time. */
    private static final int MAX_SAMPLE_VALUES = 48 << 20;

    private static final int MAX_SAMPLE_PATCHES = 200_000;

    private final Device device;
    private final Segmenter.Options options;
    private final StageTimes times;
    private final FeatureExtractor extractor;
    private final PatchEncoder encoder;
    private final PatchStore store;
    private Segmenter segmenter;

    /**
     * Makes a finder for a backbone.
     *
     * @param model whose backbone is used, head and probes are not; not closed by this object
     * @throws IOException if no temporary file can be made
     */
    public ClusterFinder(Stego model, Segmenter.Options options, StageTimes times) throws IOException {
        this.device = model.device();
        this.options = options;
        this.times = times;
        store = new PatchStore(model.backbone().width());
        FeatureKind kind = model.info().settings().feature();
        extractor = new FeatureExtractor(model.backbone(), kind, options);
        encoder = new PatchEncoder(model.backbone(), kind, null, options.flip());
    }

    /** As {@link #ClusterFinder(Stego, Segmenter.Options, StageTimes)}, without times. */
    public ClusterFinder(Stego model, Segmenter.Options options) throws IOException {
        this(model, options, new StageTimes());
    }

    /**
     * Adds the patches of a photograph in the first round.
     *
     * @throws IOException if the disk for temporary files is full
     */
    public void add(RgbImage photograph) throws IOException {
        long start = System.nanoTime();
        Frame frame = extractor.frame(photograph);
        times.add(Stage.RESIZE, start);
        synchronized (device.monitor()) {
            start = System.nanoTime();
            PatchStore.Patches patches = extractor.patches(frame);
            times.add(Stage.BACKBONE, start);
            store.add(patches, key(frame.working()));
        }
    }

    /** Returns a number of its own for each photograph, so that their order changes no cluster, on any device. */
    private static long key(RgbImage working) {
        return ByteBuffer.wrap(Sha256.of(working.rgb())).getLong();
    }

    /**
     * Finds the classes. The one with the most patches gets the number 0, and so on.
     *
     * @param clusters how many, 1 to {@link #MAX_CLUSTERS}
     * @param seed equal seeds give equal classes
     * @throws IllegalArgumentException if there are fewer different patches than clusters, or no photograph was added
     */
    public void find(int clusters, long seed) throws IOException {
        long start = System.nanoTime();
        int channels = encoder.channels();
        float[] sample = store.sample(Math.min(MAX_SAMPLE_PATCHES, MAX_SAMPLE_VALUES / channels), seed);
        if (clusters < 1 || clusters > MAX_CLUSTERS || sample.length / channels < clusters) {
            throw new IllegalArgumentException("can't find " + clusters + " clusters among " + sample.length / channels
                    + " patches; at most " + MAX_CLUSTERS + " and no more than patches");
        }
        Clustering found = KMeans.fit(
                device, Points.of(List.of(sample), channels), KMeans.Settings.of(clusters, Metric.COSINE, seed));
        CentroidClassifier classifier =
                new CentroidClassifier(device, found.largestFirst().centroids(), channels);
        segmenter = new Segmenter(encoder, classifier, options, times);
        times.add(Stage.CLUSTER, start);
    }

    /** Returns the classes found, by id. */
    public List<Segmentation.ClassInfo> classes() {
        return segmenter.classes();
    }

    /**
     * Segments a photograph in the second round.
     *
     * @param index which photograph it is, in the order in which they were added, from 0
     * @throws IllegalArgumentException if the photograph is not of the size it was
     */
    public Segmentation segment(int index, RgbImage photograph) throws IOException {
        synchronized (device.monitor()) {
            return segmenter.segment(photograph, store.get(index));
        }
    }

    /** Frees what the finder took and deletes the temporary file; the model stays open. */
    @Override
    public void close() throws IOException {
        if (segmenter != null) {
            segmenter.close();
        }
        extractor.close();
        encoder.close();
        store.close();
    }
}
