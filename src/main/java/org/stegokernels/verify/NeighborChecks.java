package org.stegokernels.verify;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.stegokernels.knn.NeighborGraph;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;

/** {@code knn}: cosine neighbours of all images, equal but for ties. */
final class NeighborChecks implements ReferenceFamily {
    private static final Pattern CASE = Pattern.compile("top(\\d+)_(?:index|similarity)");
    /** Cosines closer than this are a tie in float. */
    private static final double TIE = 1e-6;

    @Override
    public Set<String> required() {
        return Set.of("knn");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile("features|top\\d+_(index|similarity)");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        for (String k : file.cases(CASE)) {
            checks.checkTraining("knn/top" + k + "_index", scope -> indices(file, scope, Integer.parseInt(k)));
            checks.checkTraining(
                    "knn/top" + k + "_similarity", scope -> similarities(file, scope, Integer.parseInt(k)));
        }
    }

    private static NeighborGraph graph(ReferenceFile file, CheckScope scope, int k) {
        HostTensor features = file.tensor("features", 2);
        return NeighborGraph.build(
                scope.device(), features.values(), features.shape().dim(1), k);
    }

    private static Comparison similarities(ReferenceFile file, CheckScope scope, int k) {
        return Comparison.relative(
                graph(file, scope, k).similarities(), file.doubles("top" + k + "_similarity"), Comparison.FORWARD);
    }

    /**
     * Compares indices. An index that differs counts as equal if the file has it, or its rank's cosine, within a tie.
     */
    private static Comparison indices(ReferenceFile file, CheckScope scope, int k) {
        HostTensor features = file.tensor("features", 2);
        Shape shape = file.shape("top" + k + "_index", 2);
        int[] expected = file.ints("top" + k + "_index");
        double[] cosines = file.doubles("top" + k + "_similarity");
        int[] actual = graph(file, scope, k).indices();
        for (int i = 0; i < Math.min(actual.length, expected.length); i++) {
            if (actual[i] != expected[i] && actual[i] >= 0) {
                double cosine = cosine(features.values(), features.shape().dim(1), i / shape.dim(1), actual[i]);
                actual[i] = Math.abs(cosine - cosines[i]) < TIE ? expected[i] : actual[i];
            }
        }
        return Comparison.labels(actual, expected, Comparison.EXACT);
    }

    private static double cosine(float[] features, int channels, int a, int b) {
        double product = 0;
        double squareA = 0;
        double squareB = 0;
        for (int c = 0; c < channels; c++) {
            double x = features[a * channels + c];
            double y = features[b * channels + c];
            product += x * y;
            squareA += x * x;
            squareB += y * y;
        }
        return product / Math.sqrt(squareA * squareB);
    }
}
