package org.stegokernels.serve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.stegokernels.cluster.Clustering;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.cluster.KMeans;
import org.stegokernels.device.Device;
import org.stegokernels.serve.ClassBoard.BoardClass;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.tensor.HostTensor;

/**
 * Classes found anew in the codes of a sample of all patches by k-means: all of them, or the parts of one. The same
 * photographs and the same board give the same classes. To be used while one has the device.
 */
final class Grouping {
    private static final String PREFIX = "cluster";
    /** A cluster that shares more than this with a class, of what either has, is still that class. */
    private static final double SAME = 0.5;

    private static final int LEAST = 2;

    private final Device device;
    private final int channels;
    private final float[] sample;
    private final float alpha;

    /**
     * @param sample {@code [n, C]}
     * @param alpha sharpness of clusters
     */
    Grouping(Device device, int channels, float[] sample, float alpha) {
        this.device = device;
        this.channels = channels;
        this.sample = sample;
        this.alpha = alpha;
    }

    /**
     * Finds k clusters in place of all classes. A class that is still there in the main keeps its id, name and colour.
     *
     * @throws Problem 422 if there are not so many different patches
     */
    ClassBoard clusters(ClassBoard before, int k, int generation) {
        requireCount(k);
        float[] centres = found(sample, k);
        Candidates found = new Candidates(
                generation,
                Candidates.Source.CLUSTERS,
                Probe.CLUSTER,
                HostTensor.of(centres, k, channels),
                null,
                alpha);
        BoardClass[] stays = new BoardClass[k];
        if (before.candidates() != null) {
            stays = stays(before, before.candidates(), found);
        }
        Set<Integer> kept = new HashSet<>();
        List<BoardClass> named = new ArrayList<>();
        for (BoardClass each : stays) {
            if (each != null) {
                kept.add(each.id());
                named.add(each);
            }
        }
        int id = before.nextId();
        int[] classOf = new int[k];
        List<BoardClass> classes = new ArrayList<>();
        for (int i = 0; i < k; i++) {
            BoardClass each = stays[i];
            if (each == null) {
                each = ClassBoard.fresh(named, id++, ClassBoard.freeName(named, PREFIX, 1));
                named.add(each);
            }
            classes.add(each);
            classOf[i] = each.id();
        }
        List<Teaching.Stroke> strokes = before.strokes().stream()
                .filter(stroke -> kept.contains(stroke.classId()))
                .toList();
        return before.changed(found, classes, classOf, strokes, "Find " + k + " clusters");
    }

    /** Returns for each cluster the class that it still is, or null. */
    private BoardClass[] stays(ClassBoard before, Candidates old, Candidates found) {
        int[] numbers = before.numbers();
        int[] was = old.best(old.logits(device, sample));
        int[] is = found.best(found.logits(device, sample));
        int classes = before.classes().size();
        int[][] shared = new int[found.count()][classes];
        int[] ofCluster = new int[found.count()];
        int[] ofClass = new int[classes];
        for (int i = 0; i < is.length; i++) {
            shared[is[i]][numbers[was[i]]]++;
            ofCluster[is[i]]++;
            ofClass[numbers[was[i]]]++;
        }
        BoardClass[] stays = new BoardClass[found.count()];
        for (int k = 0; k < stays.length; k++) {
            for (int c = 0; c < classes; c++) {
                if (shared[k][c] > SAME * (ofCluster[k] + ofClass[c] - shared[k][c])) {
                    stays[k] = before.classes().get(c);
                }
            }
        }
        return stays;
    }

    /**
     * Splits a class into parts, of which the largest keeps its id, name and colour.
     *
     * @throws Problem 404 if there is no such class, 422 if it can't be split into so many
     */
    ClassBoard split(ClassBoard before, int id, int into, int generation) {
        requireCount(into);
        BoardClass whole = before.get(id);
        Candidates old = before.candidates();
        boolean[] among = before.among(id);
        int[] best = old.best(old.logits(device, sample));
        float[] centres = found(rows(best, among), into);

        List<BoardClass> classes = new ArrayList<>();
        int[] ids = new int[into];
        ids[0] = id;
        List<BoardClass> named = new ArrayList<>(before.classes());
        for (int i = 1; i < into; i++) {
            BoardClass part =
                    ClassBoard.fresh(named, before.nextId() + i - 1, ClassBoard.freeName(named, whole.name(), i + 1));
            named.add(part);
            ids[i] = part.id();
        }
        for (BoardClass each : before.classes()) {
            classes.add(each);
            if (each.id() == id) {
                classes.addAll(named.subList(before.classes().size(), named.size()));
            }
        }
        int kept = 0;
        int[] classOf = new int[old.count() + into];
        for (int k = 0; k < old.count(); k++) {
            if (!among[k]) {
                classOf[kept++] = before.classOf()[k];
            }
        }
        System.arraycopy(ids, 0, classOf, kept, into);
        Candidates parts = old.probe() == Probe.LINEAR
                ? Candidates.of(
                        new Teaching(device, channels).split(old, among, sample, centres),
                        generation,
                        old.source(),
                        old.alpha())
                : replaced(old, among, centres, generation);
        return before.changed(parts, classes, Arrays.copyOf(classOf, kept + into), before.strokes(), "Split class");
    }

    private Candidates replaced(Candidates old, boolean[] among, float[] centres, int generation) {
        float[] weights = new float[old.weights().values().length + centres.length];
        int at = 0;
        for (int k = 0; k < among.length; k++) {
            if (!among[k]) {
                System.arraycopy(old.weights().values(), k * channels, weights, at, channels);
                at += channels;
            }
        }
        System.arraycopy(centres, 0, weights, at, centres.length);
        int count = (at + centres.length) / channels;
        return new Candidates(
                generation,
                old.source(),
                Probe.CLUSTER,
                HostTensor.of(Arrays.copyOf(weights, count * channels), count, channels),
                null,
                old.alpha());
    }

    private float[] rows(int[] best, boolean[] among) {
        float[] rows = new float[sample.length];
        int at = 0;
        for (int i = 0; i < best.length; i++) {
            if (among[best[i]]) {
                System.arraycopy(sample, i * channels, rows, at, channels);
                at += channels;
            }
        }
        return Arrays.copyOf(rows, at);
    }

    private static void requireCount(int count) {
        if (count < LEAST || count > Candidates.MOST) {
            throw new Problem(422, "There can be " + LEAST + " to " + Candidates.MOST + " of them, not " + count + ".");
        }
    }

    /** Returns centres of length 1, those of the largest clusters first. */
    private float[] found(float[] points, int k) {
        if (points.length / channels < k) {
            throw new Problem(
                    422,
                    "There are only " + points.length / channels + " patches to make " + k
                            + " of. Ask for fewer, or add photographs.");
        }
        try {
            return KMeans.fit(device, Points.of(List.of(points), channels), KMeans.Settings.of(k, Metric.COSINE, 0))
                    .largestFirst()
                    .centroids();
        } catch (Clustering.ImpossibleException e) {
            throw new Problem(422, "That can't be done: " + e.getMessage() + ".");
        }
    }
}
