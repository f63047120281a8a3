package org.stegokernels.verify;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.CorrespondenceLoss.Observer;
import org.stegokernels.train.loss.Objective;

/** {@code prototypes}: the labels that masks get in a step of PriMaPs-EM, by the loss of the running prototypes and its gradient. */
final class PrototypesChecks implements ReferenceFamily {
    @Override
    public Set<String> required() {
        return Set.of("prototypes");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile("code|momentum|running|masks|loss|grad\\.running");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        for (String part : new String[] {"loss", "grad.running"}) {
            checks.checkTraining("prototypes/" + part, scope -> step(file, scope, part));
        }
    }

    private static Comparison step(ReferenceFile file, CheckScope scope, String part) {
        Objective objective = scope.owned(Objective.primaps(
                scope.device(),
                file.tensor("momentum", 2),
                new Objective.Prototypes(file.metadataDouble("focus"), 0, 1)));
        HostTensor running = file.tensor("running", 2);
        Objective.Parameter trained = objective.clusterParameters().get(0);
        scope.device().write(running.values(), trained.value());
        int[] numbers = file.ints("masks");
        byte[] masks = new byte[numbers.length];
        for (int i = 0; i < masks.length; i++) {
            masks[i] = (byte) numbers[i];
        }
        int[] dims = file.shape("masks", 3).dims();
        Tensor code = scope.input(file.channelsLast("code"));
        Objective.Losses losses = objective.run(
                new Objective.Inputs(code, null, null, null, null, new Objective.Proposals(masks, dims[1], dims[2], 0)),
                code,
                null,
                Observer.NONE);
        return part.equals("loss")
                ? Comparison.loss(losses.cluster(), file.floats(part)[0], Comparison.FORWARD)
                : Comparison.relative(
                        scope.device().floats(trained.gradient()), file.floats(part), Comparison.BACKWARD);
    }
}
