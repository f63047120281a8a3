package org.stegokernels.verify;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.stegokernels.stego.ClusterProbe;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.ClusterLoss;
import org.stegokernels.train.loss.LinearProbeLoss;
import org.stegokernels.train.loss.Objective.Parameter;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;

/** {@code probes}: the cluster probe's assignments, hard and soft, and the code upsampled for the linear probe. */
final class ProbeChecks implements ReferenceFamily {
    /** The sharpness in the names of the soft assignments. */
    private static final float ALPHA = 2;

    @Override
    public Set<String> required() {
        return Set.of("probes");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile(
                "clusters|code|code\\.upsampled|label|log_probs\\.alpha2|linear\\.(weight|bias|loss|grad\\.(weight|bias))"
                        + "|(hard|alpha2)\\.(probs|loss|grad\\.(clusters|code))");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        checks.check("probes/hard.probs", scope -> hard(file, scope));
        checks.check("probes/alpha2.probs", scope -> soft(file, scope, "alpha2.probs", false));
        checks.check("probes/log_probs.alpha2", scope -> soft(file, scope, "log_probs.alpha2", true));
        checks.check("probes/code.upsampled", scope -> upsampled(file, scope));
        for (String assignment : new String[] {"hard", "alpha2"}) {
            float alpha = assignment.equals("hard") ? ClusterLoss.HARD : ALPHA;
            for (String part : new String[] {"loss", "grad.clusters", "grad.code"}) {
                String name = assignment + "." + part;
                checks.checkTraining("probes/" + name, scope -> clusterLoss(file, scope, alpha, name));
            }
        }
        for (String name : new String[] {"linear.loss", "linear.grad.weight", "linear.grad.bias"}) {
            checks.checkTraining("probes/" + name, scope -> linearLoss(file, scope, name));
        }
    }

    private static Comparison hard(ReferenceFile file, CheckScope scope) throws IOException {
        HostTensor expected = file.channelsLast("hard.probs");
        int[] dims = expected.shape().dims();
        Tensor cosines = scope.output(dims);
        Tensor nearest = scope.intOutput(dims[0], dims[1], dims[2]);
        probe(file, scope).forward(scope.input(file.channelsLast("code")), cosines);
        scope.kernels().argmax(cosines, nearest);
        int[] clusters = scope.device().ints(nearest);
        float[] oneHot = new float[expected.values().length];
        for (int i = 0; i < clusters.length; i++) {
            oneHot[i * dims[3] + clusters[i]] = 1;
        }
        return Comparison.relative(oneHot, expected.values(), Comparison.FORWARD);
    }

    private static Comparison soft(ReferenceFile file, CheckScope scope, String expectedName, boolean logarithm)
            throws IOException {
        HostTensor expected = file.channelsLast(expectedName);
        Tensor out = scope.output(expected.shape().dims());
        Tensor code = scope.input(file.channelsLast("code"));
        ClusterProbe probe = probe(file, scope);
        if (logarithm) {
            probe.logProbabilities(code, ALPHA, out);
        } else {
            probe.probabilities(code, ALPHA, out);
        }
        return Comparison.relative(scope.device().floats(out), expected.values(), Comparison.FORWARD);
    }

    private static Comparison upsampled(ReferenceFile file, CheckScope scope) {
        HostTensor expected = file.channelsLast("code.upsampled");
        Tensor out = scope.output(expected.shape().dims());
        scope.kernels().bilinear(scope.input(file.channelsLast("code")), out);
        return Comparison.relative(scope.device().floats(out), expected.values(), Comparison.FORWARD);
    }

    private static Comparison clusterLoss(ReferenceFile file, CheckScope scope, float alpha, String name) {
        HostTensor code = file.channelsLast("code");
        ClusterLoss probe = scope.owned(new ClusterLoss(scope.device(), file.tensor("clusters", 2)));
        Tensor gradCode = scope.output(code.shape().dims());
        double loss = probe.run(scope.input(code), alpha, gradCode);
        if (name.endsWith("loss")) {
            return Comparison.loss(loss, file.floats(name)[0], Comparison.FORWARD);
        }
        if (name.endsWith("code")) {
            return Comparison.relative(
                    scope.device().floats(gradCode), file.channelsLast(name).values(), Comparison.BACKWARD);
        }
        return gradient(file, scope, probe.parameters().get(0), name);
    }

    private static Comparison linearLoss(ReferenceFile file, CheckScope scope, String name) {
        HostTensor code = file.channelsLast("code");
        LinearProbeLoss probe = scope.owned(
                new LinearProbeLoss(scope.device(), file.tensor("linear.weight", 4), file.tensor("linear.bias", 1)));
        Tensor labels = scope.input(file.ints("label"), file.shape("label", 3).dims());
        double loss = probe.run(scope.input(code), labels);
        if (name.endsWith("loss")) {
            return Comparison.loss(loss, file.floats(name)[0], Comparison.FORWARD);
        }
        return gradient(file, scope, probe.parameters().get(name.endsWith("weight") ? 0 : 1), name);
    }

    private static Comparison gradient(ReferenceFile file, CheckScope scope, Parameter parameter, String name) {
        return Comparison.relative(scope.device().floats(parameter.gradient()), file.floats(name), Comparison.BACKWARD);
    }

    /** Returns the file's clusters under the name that a model has them by. */
    private static ClusterProbe probe(ReferenceFile file, CheckScope scope) throws IOException {
        ByteArrayOutputStream model = new ByteArrayOutputStream();
        SafetensorsWriter.writeTyped(
                model, Map.of("cluster_probe.clusters", file.safetensors().typed("clusters")), Map.of());
        try (Safetensors renamed = Safetensors.of(file.name() + "/clusters", ByteBuffer.wrap(model.toByteArray()))) {
            return scope.owned(ClusterProbe.load(renamed, "", scope.device()));
        }
    }
}
