package org.stegokernels.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.train.HeadGradient;
import org.stegokernels.train.TrainingStep;
import org.stegokernels.train.loss.LinearProbeLoss;
import org.stegokernels.train.loss.Objective;
import org.stegokernels.train.loss.Objective.Parameter;

/** {@code train_trace}: a training run with all its randomness given; every step's losses and the weights it ends with. */
final class TraceChecks implements ReferenceFamily {
    @Override
    public Set<String> required() {
        return Set.of("train_trace");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile(
                "losses|(init|final)\\.(cluster[12]\\.\\d\\.|linear\\.)(weight|bias)|(init|final)\\.clusters"
                        + "|step\\.\\d+\\.(feats(_pos)?|label|coords[12]|negatives)");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        String[] columns = file.metadata("columns").split(",");
        for (int column = 0; column < columns.length; column++) {
            int index = column;
            String name = columns[column].trim();
            checks.checkTraining("train_trace/" + name, scope -> {
                float[] expected = file.floats("losses");
                int steps = expected.length / columns.length;
                List<TrainingStep.Losses> losses = new ArrayList<>();
                run(file, scope, losses);
                float[] actual = new float[steps];
                float[] wanted = new float[steps];
                for (int step = 0; step < steps; step++) {
                    actual[step] = losses.get(step).byName().get(ours(name)).floatValue();
                    wanted[step] = expected[step * columns.length + index];
                }
                return Comparison.relative(actual, wanted, Comparison.BACKWARD);
            });
        }
        checks.checkTraining("train_trace/final", scope -> weights(file, scope));
    }

    /** Returns our name of a loss. */
    private static String ours(String published) {
        return switch (published) {
            case "pos_intra" -> "intra";
            case "pos_inter" -> "inter";
            case "neg_inter" -> "negative";
            default -> published;
        };
    }

    /** Returns the worst of all parameters. */
    private static Comparison weights(ReferenceFile file, CheckScope scope) {
        Comparison worst = null;
        for (Map.Entry<String, Parameter> parameter :
                run(file, scope, new ArrayList<>()).entrySet()) {
            String name = "final." + parameter.getKey();
            Comparison here =
                    Comparison.relative(parameter.getValue().host().values(), file.floats(name), Comparison.BACKWARD);
            if (!here.passed()) {
                return here.prefixed(name + ": ");
            }
            worst = worst == null || here.error() > worst.error() ? here : worst;
        }
        return worst;
    }

    /** Trains through all steps of the file. Returns the parameters by the file's names, without their prefix. */
    private static Map<String, Parameter> run(ReferenceFile file, CheckScope scope, List<TrainingStep.Losses> losses) {
        HeadGradient head = new HeadGradient(
                scope.device(),
                file.names().contains("init.cluster2.0.weight"),
                name -> file.safetensors().tensor("init." + name));
        LinearProbeLoss linear = new LinearProbeLoss(
                scope.device(), file.tensor("init.linear.weight", 4), file.tensor("init.linear.bias", 1));
        Objective objective = Objective.stego(
                scope.device(),
                file.tensor("init.clusters", 2),
                CorrespondenceChecks.settings(file, true, true, false),
                null);
        TrainingStep training = scope.owned(new TrainingStep(
                scope.device(),
                new TrainingStep.Modules(head, linear, objective),
                AdamSettings.of(file.metadataDouble("lr_net")),
                AdamSettings.of(file.metadataDouble("lr_probes"))));
        int steps = file.shape("losses", 2).dim(0);
        for (int step = 0; step < steps; step++) {
            losses.add(training.run(batch(file, scope, "step." + step + ".")));
        }
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        head.parameters().forEach(parameter -> parameters.put(parameter.name(), parameter));
        parameters.put("linear.weight", linear.parameters().get(0));
        parameters.put("linear.bias", linear.parameters().get(1));
        parameters.put("clusters", objective.clusters());
        return parameters;
    }

    private static TrainingStep.Batch batch(ReferenceFile file, CheckScope scope, String prefix) {
        HostTensor features =
                TensorLayout.stacked(file.channelsLast(prefix + "feats"), file.channelsLast(prefix + "feats_pos"));
        Shape labels = file.shape(prefix + "label", 3);
        return new TrainingStep.Batch(
                scope.input(features),
                scope.input(file.ints(prefix + "label"), labels.dims()),
                CorrespondenceChecks.pairs(file, prefix),
                TrainingStep.Masks.NONE);
    }
}
