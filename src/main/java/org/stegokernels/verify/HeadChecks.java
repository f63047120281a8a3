package org.stegokernels.verify;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.stego.SegmentationHead;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.HeadGradient;
import org.stegokernels.train.loss.Objective.Parameter;

/** {@code segmentation_head}: the code of features, as evaluated, and with given dropout masks as trained. */
final class HeadChecks implements ReferenceFamily {
    @Override
    public Set<String> required() {
        return Set.of("segmentation_head");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile(
                "feat|mask[12]|grad_code|((eval|dropout)\\.grad\\.)?cluster(1\\.0|2\\.[02])\\.(weight|bias)"
                        + "|(eval|dropout)\\.code(\\.linear_only)?");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        for (boolean dropout : new boolean[] {false, true}) {
            String code = (dropout ? "dropout" : "eval") + ".code";
            checks.check("segmentation_head/" + code, scope -> code(file, scope, dropout, code));
            String linear = code + ".linear_only";
            checks.check("segmentation_head/" + linear, scope -> linearOnly(file, scope, dropout, linear));
            String gradient = (dropout ? "dropout" : "eval") + ".grad.";
            for (String parameter : SegmentationHead.TENSORS) {
                checks.checkTraining(
                        "segmentation_head/" + gradient + parameter,
                        scope -> gradient(file, scope, dropout, gradient, parameter));
            }
        }
    }

    private static Comparison code(ReferenceFile file, CheckScope scope, boolean dropout, String expectedName) {
        HostTensor expected = file.channelsLast(expectedName);
        SegmentationHead head = scope.owned(SegmentationHead.load(file.safetensors(), "", scope.device()));
        Tensor out = scope.output(expected.shape().dims());
        Tensor linear = scope.input(features(file, dropout, "mask1"));
        Tensor nonlinear = scope.input(features(file, dropout, "mask2"));
        head.forward(linear, nonlinear, out);
        return Comparison.relative(scope.device().floats(out), expected.values(), Comparison.FORWARD);
    }

    private static Comparison linearOnly(ReferenceFile file, CheckScope scope, boolean dropout, String expectedName) {
        HostTensor expected = file.channelsLast(expectedName);
        HostTensor weight = file.tensor("cluster1.0.weight", 4);
        Tensor out = scope.output(expected.shape().dims());
        scope.kernels()
                .linear(
                        scope.input(features(file, dropout, "mask1")),
                        scope.linear(
                                weight.values(),
                                file.floats("cluster1.0.bias"),
                                weight.shape().dim(1),
                                weight.shape().dim(0)),
                        Activation.NONE,
                        null,
                        out);
        return Comparison.relative(scope.device().floats(out), expected.values(), Comparison.FORWARD);
    }

    private static Comparison gradient(
            ReferenceFile file, CheckScope scope, boolean dropout, String prefix, String parameter) {
        HostTensor features = file.channelsLast("feat");
        HostTensor gradCode = file.channelsLast("grad_code");
        HeadGradient head = scope.owned(new HeadGradient(
                scope.device(), true, name -> file.safetensors().tensor(name)));
        head.forward(
                scope.input(features),
                dropout ? mask(file, scope, "mask1") : null,
                dropout ? mask(file, scope, "mask2") : null,
                scope.output(gradCode.shape().dims()));
        head.backward(scope.input(gradCode));
        Parameter checked = head.parameters().stream()
                .filter(p -> p.name().equals(parameter))
                .findFirst()
                .orElseThrow();
        return Comparison.relative(
                scope.device().floats(checked.gradient()), file.floats(prefix + parameter), Comparison.BACKWARD);
    }

    private static Tensor mask(ReferenceFile file, CheckScope scope, String name) {
        HostTensor mask = file.tensor(name, 4);
        return scope.input(mask.values(), mask.shape().dim(0), mask.shape().dim(1));
    }

    /** Returns the features, {@code [B, H, W, C]}, each channel of each image times its mask {@code [B, C, 1, 1]}. */
    private static HostTensor features(ReferenceFile file, boolean dropout, String mask) {
        HostTensor features = file.channelsLast("feat");
        if (dropout) {
            Shape shape = features.shape();
            int channels = shape.dim(-1);
            int image = shape.size() / shape.dim(0);
            float[] factors = file.tensor(mask, 4).values();
            for (int i = 0; i < shape.size(); i++) {
                features.values()[i] *= factors[i / image * channels + i % channels];
            }
        }
        return features;
    }
}
