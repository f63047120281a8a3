package org.stegokernels.verify;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.ExtraLosses;

/** {@code extras}: reconstruction loss, CRF loss, and Adam over some steps. */
final class ExtraChecks implements ReferenceFamily {
    private static final Pattern ADAM = Pattern.compile("adam\\.(?:grad|param)\\.([1-9]\\d*)");

    @Override
    public Set<String> required() {
        return Set.of("extras");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile("rec\\.((grad\\.)?(code|weight|bias)|feats|loss)"
                + "|crf_loss\\.(guidance|(grad\\.)?clusters|coords|loss)|adam\\.(param|grad)\\.\\d+");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        for (String part : new String[] {"loss", "grad.code", "grad.weight", "grad.bias"}) {
            checks.checkTraining("extras/rec." + part, scope -> reconstruction(file, scope, part));
        }
        for (String part : new String[] {"loss", "grad.clusters"}) {
            checks.checkTraining("extras/crf_loss." + part, scope -> crf(file, scope, part));
        }
        checks.checkTraining("extras/adam", scope -> adam(file, scope));
    }

    private static Comparison reconstruction(ReferenceFile file, CheckScope scope, String part) {
        HostTensor code = file.channelsLast("rec.code");
        ExtraLosses rec = scope.owned(new ExtraLosses(
                scope.device(),
                new ExtraLosses.Weights(1, 0, 0),
                new ExtraLosses.Decoder(file.tensor("rec.weight", 4), file.tensor("rec.bias", 1)),
                null));
        Tensor gradCode =
                scope.inOut(new float[code.values().length], code.shape().dims());
        double loss = rec.run(
                        code.shape().dim(0),
                        scope.input(file.channelsLast("rec.feats")),
                        null,
                        null,
                        scope.input(code),
                        gradCode)
                .reconstruction();
        String name = "rec." + part;
        return switch (part) {
            case "loss" -> Comparison.loss(loss, file.floats(name)[0], Comparison.FORWARD);
            case "grad.code" ->
                gradient(scope, gradCode, file.channelsLast(name).values());
            case "grad.weight" -> gradient(scope, rec.parameters().get(0).gradient(), file.floats(name));
            default -> gradient(scope, rec.parameters().get(1).gradient(), file.floats(name));
        };
    }

    private static Comparison crf(ReferenceFile file, CheckScope scope, String part) {
        HostTensor clusters = file.channelsLast("crf_loss.clusters");
        Tensor gradient = scope.output(clusters.shape().dims());
        Tensor loss = scope.output(1);
        GuidanceSettings settings = new GuidanceSettings(
                file.metadataDouble("crf_alpha"),
                file.metadataDouble("crf_beta"),
                file.metadataDouble("crf_gamma"),
                file.metadataDouble("crf_w1"),
                file.metadataDouble("crf_w2"),
                file.metadataDouble("crf_shift", 0));
        scope.training()
                .crfLoss(
                        scope.input(file.channelsLast("crf_loss.guidance")),
                        scope.input(clusters),
                        scope.input(
                                file.ints("crf_loss.coords"),
                                file.shape("crf_loss.coords", 2).dims()),
                        settings,
                        1,
                        gradient,
                        loss);
        if (part.equals("loss")) {
            return Comparison.loss(scope.device().floats(loss)[0], file.floats("crf_loss.loss")[0], Comparison.FORWARD);
        }
        return gradient(
                scope, gradient, file.channelsLast("crf_loss.grad.clusters").values());
    }

    /** Returns the worst of all steps. */
    private static Comparison adam(ReferenceFile file, CheckScope scope) {
        String[] betas = file.metadata("adam_betas").split(",");
        AdamSettings settings = new AdamSettings(
                file.metadataDouble("adam_lr"),
                Double.parseDouble(betas[0]),
                Double.parseDouble(betas[1]),
                file.metadataDouble("adam_eps"));
        HostTensor initial = file.safetensors().tensor("adam.param.0");
        int[] dims = initial.shape().dims();
        float[] zeros = new float[initial.shape().size()];
        Tensor parameter = scope.inOut(initial.values(), dims);
        Tensor mean = scope.inOut(zeros, dims);
        Tensor square = scope.inOut(zeros, dims);
        int steps = file.cases(ADAM).size();
        Comparison worst = null;
        for (int step = 1; step <= steps; step++) {
            Tensor gradient = scope.input(file.floats("adam.grad." + step), dims);
            scope.training().adam(parameter, gradient, mean, square, settings, step);
            Comparison here = Comparison.relative(
                    scope.device().floats(parameter), file.floats("adam.param." + step), Comparison.FORWARD);
            if (!here.passed()) {
                return here.prefixed("step " + step + ": ");
            }
            worst = worst == null || here.error() > worst.error() ? here : worst;
        }
        return worst;
    }

    private static Comparison gradient(CheckScope scope, Tensor actual, float[] expected) {
        return Comparison.relative(scope.device().floats(actual), expected, Comparison.BACKWARD);
    }
}
