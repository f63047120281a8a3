package org.stegokernels.eval;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jgrapht.alg.interfaces.MatchingAlgorithm;
import org.jgrapht.alg.matching.KuhnMunkresMinimalWeightBipartitePerfectMatching;
import org.jgrapht.graph.DefaultWeightedEdge;
import org.jgrapht.graph.SimpleWeightedGraph;

/**
 * The scores of predictions under a matching with the classes; shares, not percentages.
 *
 * @param matrix counts of pixels by class and prediction
 * @param matching the class that each prediction stands for
 * @param meanIou mean of the intersections over union of the classes that occur at all; NaN if none does
 * @param accuracy share of the pixels that are right; NaN if there are none
 * @param iou of each class: pixels that are it and predicted as it, over those that are either; NaN if there are none
 */
public record Scores(ConfusionMatrix matrix, Matching matching, double meanIou, double accuracy, double[] iou) {
    /**
     * The class that each prediction stands for.
     *
     * @param classOf for each prediction its class, or {@link #NONE}
     */
    public record Matching(int[] classOf) {
        /** The class of a cluster that stands for none. */
        public static final int NONE = -1;

        /** Matches predictions that are classes already, those of a linear probe, with themselves. */
        public static Matching identity(int classes) {
            return new Matching(IntStream.range(0, classes).toArray());
        }

        /**
         * Finds the one-to-one matching that makes the most pixels right (Kuhn 1955, Munkres 1957). Clusters left over stand for
         * {@link #NONE}.
         */
        public static Matching hungarian(ConfusionMatrix matrix) {
            int size = matrix.predictions();
            SimpleWeightedGraph<Integer, DefaultWeightedEdge> graph =
                    new SimpleWeightedGraph<>(DefaultWeightedEdge.class);
            Set<Integer> clusters = vertices(graph, 0, size);
            Set<Integer> classes = vertices(graph, size, size);
            for (int cluster = 0; cluster < size; cluster++) {
                for (int label = 0; label < size; label++) {
                    // Classes that don't exist make the sides equal; to be matched with one gains nothing.
                    long pixels = label < matrix.classes() ? matrix.count(cluster, label) : 0;
                    graph.setEdgeWeight(graph.addEdge(cluster, size + label), -pixels);
                }
            }
            MatchingAlgorithm.Matching<Integer, DefaultWeightedEdge> matching =
                    new KuhnMunkresMinimalWeightBipartitePerfectMatching<>(graph, clusters, classes).getMatching();
            int[] classOf = new int[size];
            Arrays.fill(classOf, NONE);
            for (DefaultWeightedEdge edge : matching) {
                int label = graph.getEdgeTarget(edge) - size;
                if (label < matrix.classes()) {
                    classOf[graph.getEdgeSource(edge)] = label;
                }
            }
            return new Matching(classOf);
        }

        /**
         * Matches each cluster with the class that most of its pixels are of, the first one on a tie: many clusters may stand
         * for one class, and some classes have none. The accuracy is then the purity of the clusters, which only grows with
         * their number. A cluster without pixels stands for {@link #NONE}.
         */
        public static Matching majority(ConfusionMatrix matrix) {
            int[] classOf = new int[matrix.predictions()];
            for (int cluster = 0; cluster < classOf.length; cluster++) {
                classOf[cluster] = NONE;
                long most = 0;
                for (int label = 0; label < matrix.classes(); label++) {
                    if (matrix.count(cluster, label) > most) {
                        most = matrix.count(cluster, label);
                        classOf[cluster] = label;
                    }
                }
            }
            return new Matching(classOf);
        }

        private static Set<Integer> vertices(
                SimpleWeightedGraph<Integer, DefaultWeightedEdge> graph, int first, int count) {
            Set<Integer> vertices =
                    IntStream.range(first, first + count).boxed().collect(Collectors.toCollection(TreeSet::new));
            vertices.forEach(graph::addVertex);
            return vertices;
        }
    }

    /** Scores predictions that are classes already: those of a linear probe. */
    public static Scores ofClasses(ConfusionMatrix matrix) {
        return of(matrix, Matching.identity(matrix.classes()));
    }

    /**
     * Scores clusters under the matching that makes the most pixels right over the whole set.
     *
     * @param count by which the matrix was counted
     */
    public static Scores ofClusters(ConfusionMatrix matrix, ConfusionMatrix.Count count) {
        Matching matching = Matching.hungarian(matrix);
        return count == ConfusionMatrix.Count.PUBLISHED ? asPublished(matrix, matching) : of(matrix, matching);
    }

    /** Counts pixels of a cluster that stands for no class as wrong: they are in the union of the class they are of. */
    public static Scores of(ConfusionMatrix matrix, Matching matching) {
        int classes = matrix.classes();
        long[] right = new long[classes];
        long[] predicted = new long[classes];
        for (int prediction = 0; prediction < matrix.predictions(); prediction++) {
            int label = matching.classOf()[prediction];
            if (label != Matching.NONE) {
                right[label] += matrix.count(prediction, label);
                predicted[label] += matrix.predicted(prediction);
            }
        }
        double[] iou = new double[classes];
        for (int label = 0; label < classes; label++) {
            iou[label] = (double) right[label] / (predicted[label] + matrix.labelled(label) - right[label]);
        }
        double all = Arrays.stream(predicted).sum() + unmatched(matrix, matching);
        return new Scores(matrix, matching, mean(iou), Arrays.stream(right).sum() / all, iou);
    }

    /**
     * Scores as the published code does with extra clusters: pixels of unmatched clusters, if there are any, form one more
     * class with an intersection over union of 0. Meant for counts of {@link ConfusionMatrix#addAsPublished}.
     */
    public static Scores asPublished(ConfusionMatrix matrix, Matching matching) {
        Scores scores = of(matrix, matching);
        if (unmatched(matrix, matching) == 0) {
            return scores;
        }
        double[] withOthers = Arrays.copyOf(scores.iou, scores.iou.length + 1);
        return new Scores(matrix, matching, mean(withOthers), scores.accuracy, scores.iou);
    }

    /** Returns the pixels of clusters that stand for no class. */
    private static long unmatched(ConfusionMatrix matrix, Matching matching) {
        long pixels = 0;
        for (int prediction = 0; prediction < matrix.predictions(); prediction++) {
            pixels += matching.classOf()[prediction] == Matching.NONE ? matrix.predicted(prediction) : 0;
        }
        return pixels;
    }

    private static double mean(double[] iou) {
        return Arrays.stream(iou).filter(Double::isFinite).average().orElse(Double.NaN);
    }
}
