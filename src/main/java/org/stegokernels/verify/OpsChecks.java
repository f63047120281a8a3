package org.stegokernels.verify;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.Architecture;

/** {@code ops}: one operation each. The image operations share one input, {@code grid_sample.x}. */
final class OpsChecks implements ReferenceFamily {
    private static final String IMAGE = "grid_sample.x";
    /** PyTorch's {@code normalize}. */
    private static final float NORMALIZE_EPSILON = 1e-12f;

    @Override
    public Set<String> required() {
        return Set.of("ops");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile("(linear|layer_norm|attention|grid_sample)\\..*|(gelu|softmax)\\.[xy]"
                + "|(log_softmax|bicubic)\\.y|(bilinear|normalize)\\.(y|grad_[xy])|bicubic\\.scale");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        checks.check("ops/linear", scope -> linear(file, scope));
        checks.check("ops/layer_norm", scope -> layerNorm(file, scope));
        checks.check("ops/gelu", scope -> gelu(file, scope));
        checks.check("ops/attention", scope -> attention(file, scope));
        checks.check("ops/bicubic", scope -> bicubic(file, scope));
        checks.check("ops/bilinear", scope -> bilinear(file, scope));
        checks.check("ops/normalize", scope -> normalize(file, scope));
        checks.check("ops/softmax", scope -> softmax(file, scope));
        checks.check("ops/log_softmax", scope -> logSoftmax(file, scope));
        checks.checkTraining("ops/grid_sample", scope -> gridSample(file, scope));
        checks.checkTraining("ops/grid_sample.grad_x", scope -> gridSampleGradient(file, scope));
        checks.checkTraining("ops/bilinear.grad_x", scope -> bilinearGradient(file, scope));
        checks.checkTraining("ops/normalize.grad_x", scope -> normalizeGradient(file, scope));
    }

    private static Comparison linear(ReferenceFile file, CheckScope scope) {
        HostTensor x = file.tensor("linear.x", 2);
        HostTensor weight = file.tensor("linear.weight", 2);
        int outputs = weight.shape().dim(0);
        int inputs = weight.shape().dim(1);
        Tensor out = scope.output(x.shape().dim(0), outputs);
        scope.kernels()
                .linear(
                        scope.input(x),
                        scope.linear(weight.values(), file.floats("linear.bias"), inputs, outputs),
                        Activation.NONE,
                        null,
                        out);
        return matches(scope, out, file.floats("linear.y"));
    }

    private static Comparison layerNorm(ReferenceFile file, CheckScope scope) {
        HostTensor x = file.tensor("layer_norm.x", 2);
        Tensor gamma = scope.input(file.tensor("layer_norm.weight", 1));
        Tensor beta = scope.input(file.tensor("layer_norm.bias", 1));
        float epsilon = (float) file.metadataDouble("layer_norm_eps", Architecture.LAYER_NORM_EPSILON);
        Tensor out = scope.output(x.shape().dims());
        scope.kernels().layerNorm(scope.input(x), gamma, beta, epsilon, out);
        return matches(scope, out, file.floats("layer_norm.y"));
    }

    private static Comparison gelu(ReferenceFile file, CheckScope scope) {
        HostTensor x = file.tensor("gelu.x", 1);
        Tensor out = scope.output(x.shape().dims());
        scope.kernels().gelu(scope.input(x), out);
        return matches(scope, out, file.floats("gelu.y"));
    }

    private static Comparison attention(ReferenceFile file, CheckScope scope) {
        HostTensor queries = file.tensor("attention.q", 4);
        HostTensor qkv =
                TensorLayout.interleaved(queries, file.tensor("attention.k", 4), file.tensor("attention.v", 4));
        Shape shape = queries.shape();
        int heads = shape.dim(1);
        Tensor out = scope.output(shape.dim(0), shape.dim(2), heads * shape.dim(3));
        scope.kernels().attention(scope.input(qkv), heads, out);
        return matches(
                scope,
                out,
                TensorLayout.headsConcatenated(file.tensor("attention.y", 4)).values());
    }

    private static Comparison bicubic(ReferenceFile file, CheckScope scope) {
        HostTensor expected = file.channelsLast("bicubic.y");
        double[] scale = file.doubles("bicubic.scale");
        Tensor out = scope.output(expected.shape().dims());
        scope.kernels().bicubic(scope.input(file.channelsLast(IMAGE)), scale[0], scale[1], out);
        return matches(scope, out, expected.values());
    }

    private static Comparison bilinear(ReferenceFile file, CheckScope scope) {
        HostTensor expected = file.channelsLast("bilinear.y");
        Tensor out = scope.output(expected.shape().dims());
        scope.kernels().bilinear(scope.input(file.channelsLast(IMAGE)), out);
        return matches(scope, out, expected.values());
    }

    private static Comparison normalize(ReferenceFile file, CheckScope scope) {
        HostTensor x = file.channelsLast(IMAGE);
        Tensor out = scope.output(x.shape().dims());
        scope.kernels().normalize(scope.input(x), NORMALIZE_EPSILON, out);
        return matches(scope, out, file.channelsLast("normalize.y").values());
    }

    private static Comparison softmax(ReferenceFile file, CheckScope scope) {
        HostTensor x = file.tensor("softmax.x", 2);
        Tensor out = scope.output(x.shape().dims());
        scope.kernels().softmax(scope.input(x), 1, out);
        return matches(scope, out, file.floats("softmax.y"));
    }

    private static Comparison logSoftmax(ReferenceFile file, CheckScope scope) {
        HostTensor x = file.tensor("softmax.x", 2);
        Tensor out = scope.output(x.shape().dims());
        scope.kernels().logSoftmax(scope.input(x), 1, out);
        return matches(scope, out, file.floats("log_softmax.y"));
    }

    private static Comparison gridSample(ReferenceFile file, CheckScope scope) {
        HostTensor expected = file.channelsLast("grid_sample.y");
        Tensor out = scope.output(expected.shape().dims());
        Tensor images =
                scope.input(TensorLayout.upTo(out.shape().dim(0)), out.shape().dim(0));
        Tensor coords = scope.input(file.tensor("grid_sample.coords", 4));
        scope.training().gridSample(scope.input(file.channelsLast(IMAGE)), images, coords, out);
        return matches(scope, out, expected.values());
    }

    private static Comparison gridSampleGradient(ReferenceFile file, CheckScope scope) {
        HostTensor expected = file.channelsLast("grid_sample.grad_x");
        Tensor gradX = scope.inOut(
                new float[expected.values().length], expected.shape().dims());
        HostTensor gradOut = file.channelsLast("grid_sample.grad_y");
        int count = gradOut.shape().dim(0);
        Tensor images = scope.input(TensorLayout.upTo(count), count);
        Tensor coords = scope.input(file.tensor("grid_sample.coords", 4));
        scope.training().gridSampleGradient(scope.input(gradOut), images, coords, gradX);
        return gradientMatches(scope, gradX, expected);
    }

    private static Comparison bilinearGradient(ReferenceFile file, CheckScope scope) {
        HostTensor expected = file.channelsLast("bilinear.grad_x");
        Tensor gradX = scope.output(expected.shape().dims());
        scope.training().bilinearGradient(scope.input(file.channelsLast("bilinear.grad_y")), gradX);
        return gradientMatches(scope, gradX, expected);
    }

    private static Comparison normalizeGradient(ReferenceFile file, CheckScope scope) {
        HostTensor expected = file.channelsLast("normalize.grad_x");
        Tensor gradX = scope.output(expected.shape().dims());
        Tensor x = scope.input(file.channelsLast(IMAGE));
        Tensor gradOut = scope.input(file.channelsLast("normalize.grad_y"));
        scope.training().normalizeGradient(x, NORMALIZE_EPSILON, gradOut, gradX);
        return gradientMatches(scope, gradX, expected);
    }

    private static Comparison gradientMatches(CheckScope scope, Tensor gradient, HostTensor expected) {
        return Comparison.relative(scope.device().floats(gradient), expected.values(), Comparison.BACKWARD);
    }

    private static Comparison matches(CheckScope scope, Tensor out, float[] expected) {
        return Comparison.relative(scope.device().floats(out), expected, Comparison.FORWARD);
    }
}
