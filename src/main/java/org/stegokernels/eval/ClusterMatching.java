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
 * Which class each prediction stands for.
 *
 * @param classOf for each prediction its class, or {@link #NONE}
 */
public record ClusterMatching(int[] classOf) {
    /** The class of a cluster that stands for none. */
    public static final int NONE = -1;

    /** Predictions that are classes already: those of a linear probe. */
    public static ClusterMatching identity(int classes) {
        return new ClusterMatching(IntStream.range(0, classes).toArray());
    }

    /**
     * The one-to-one matching that makes the most pixels right (Kuhn 1955, Munkres 1957). Clusters left over stand for
     * {@link #NONE}.
     */
    public static ClusterMatching hungarian(ConfusionMatrix matrix) {
        int size = matrix.predictions();
        SimpleWeightedGraph<Integer, DefaultWeightedEdge> graph = new SimpleWeightedGraph<>(DefaultWeightedEdge.class);
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
        return new ClusterMatching(classOf);
    }

    /**
     * Each cluster stands for the class that most of its pixels are of, the first one on a tie: many clusters may stand
     * for one class, and some classes have none. The accuracy is then the purity of the clusters, which only grows with
     * their number. A cluster without pixels stands for {@link #NONE}.
     */
    public static ClusterMatching majority(ConfusionMatrix matrix) {
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
        return new ClusterMatching(classOf);
    }

    private static Set<Integer> vertices(
            SimpleWeightedGraph<Integer, DefaultWeightedEdge> graph, int first, int count) {
        Set<Integer> vertices =
                IntStream.range(first, first + count).boxed().collect(Collectors.toCollection(TreeSet::new));
        vertices.forEach(graph::addVertex);
        return vertices;
    }
}
