package org.stegokernels.verify;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.CorrespondenceLoss.Observer;
import org.stegokernels.train.loss.CorrespondenceLoss.Pairs;
import org.stegokernels.train.loss.Objective;

/** {@code smoothness}: SmooSeg's energy, the student's loss, their gradients, and that of the softmax. */
final class SmoothnessChecks implements ReferenceFamily {
    @Override
    public Set<String> required() {
        return Set.of("smoothness");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile(
                "feats|code|clusters|others|within|across|data|grad\\.(code|student)|softmax\\.(y|grad_[xy])");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        checks.checkTraining("smoothness/softmax.grad_x", scope -> softmaxGradient(file, scope));
        for (String part : new String[] {"within", "across", "data", "grad.code", "grad.student"}) {
            checks.checkTraining("smoothness/" + part, scope -> objective(file, scope, part));
        }
    }

    private static Comparison softmaxGradient(ReferenceFile file, CheckScope scope) {
        HostTensor expected = file.channelsLast("softmax.grad_x");
        Tensor gradX = scope.output(expected.shape().dims());
        Tensor y = scope.input(file.channelsLast("softmax.y"));
        float scale = (float) (1 / file.metadataDouble("temperature"));
        scope.training().softmaxGradient(y, scale, scope.input(file.channelsLast("softmax.grad_y")), gradX);
        return Comparison.relative(scope.device().floats(gradX), expected.values(), Comparison.BACKWARD);
    }

    private static Comparison objective(ReferenceFile file, CheckScope scope, String part) {
        HostTensor code = file.channelsLast("code");
        Objective objective = scope.owned(Objective.smooseg(
                scope.device(),
                file.tensor("clusters", 2),
                new Objective.Smoothness(
                        file.metadataDouble("temperature"),
                        0,
                        true,
                        file.metadataDouble("within_shift"),
                        file.metadataDouble("across_shift"))));
        int[] others = file.ints("others");
        float[] coords = new float[2 * others.length];
        Pairs pairs = new Pairs(1, coords, coords, new int[][] {others});
        Tensor gradCode =
                scope.inOut(new float[code.values().length], code.shape().dims());
        Objective.Losses losses = objective.run(
                new Objective.Inputs(scope.input(file.channelsLast("feats")), null, null, pairs, null, null),
                scope.input(code),
                gradCode,
                Observer.NONE);
        return switch (part) {
            case "data" -> Comparison.loss(losses.cluster(), file.floats(part)[0], Comparison.FORWARD);
            case "grad.code" ->
                Comparison.relative(
                        scope.device().floats(gradCode), file.channelsLast(part).values(), Comparison.BACKWARD);
            case "grad.student" ->
                Comparison.relative(
                        scope.device()
                                .floats(objective.clusterParameters().get(0).gradient()),
                        file.floats(part),
                        Comparison.BACKWARD);
            default -> Comparison.loss(losses.terms().get(part), file.floats(part)[0], Comparison.FORWARD);
        };
    }
}
