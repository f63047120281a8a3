package org.stegokernels.verify;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.MiniBatchKMeans;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;

/** {@code minibatch_kmeans}: assignments and centres after each mini-batch. */
final class MiniBatchChecks implements ReferenceFamily {
    private static final Pattern CASE = Pattern.compile("(?:batch|assign|centers)\\.(\\d+)");

    @Override
    public Set<String> required() {
        return Set.of("minibatch_kmeans");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile("points|centers_init|(batch|assign|centers)\\.\\d+");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        checks.checkTraining("minibatch_kmeans/assign", scope -> run(file, scope, true));
        checks.checkTraining("minibatch_kmeans/centers", scope -> run(file, scope, false));
    }

    /** Returns the worst of all batches, of labels or of centres. */
    private static Comparison run(ReferenceFile file, CheckScope scope, boolean labels) {
        HostTensor points = file.tensor("points", 2);
        Tensor all = scope.input(points);
        MiniBatchKMeans means = scope.owned(new MiniBatchKMeans(
                scope.device(),
                Metric.EUCLIDEAN,
                file.floats("centers_init"),
                file.shape("centers_init", 2).dim(0)));
        Comparison worst = null;
        int batches = file.cases(CASE).size();
        for (int batch = 0; batch < batches; batch++) {
            int[] rows = file.ints("batch." + batch);
            Tensor assigned = scope.intOutput(rows.length);
            means.update(all, scope.input(rows, rows.length), assigned);
            Comparison here = labels
                    ? Comparison.labels(scope.device().ints(assigned), file.ints("assign." + batch), Comparison.EXACT)
                    : Comparison.relative(means.centers(), file.floats("centers." + batch), Comparison.FORWARD);
            if (!here.passed()) {
                return here.prefixed("batch " + batch + ": ");
            }
            worst = worst == null || here.error() > worst.error() ? here : worst;
        }
        return worst;
    }
}
