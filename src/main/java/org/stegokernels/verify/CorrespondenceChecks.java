package org.stegokernels.verify;

import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.regex.Pattern;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.CorrespondenceLoss.Pairs;

/** {@code correlation_loss}: what is sampled, code correlations, and terms and gradients under each setting. */
final class CorrespondenceChecks implements ReferenceFamily {
    private static final Pattern CASE = Pattern.compile("([^.]+)\\.(?:loss|pos_intra|pos_inter|neg_inter)");
    private static final float NORM_EPSILON = 1e-10f;

    @Override
    public Set<String> required() {
        return Set.of("correlation_loss");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile(
                "(feats|code)(_pos)?|coords[12]|negatives|sampled\\.(feats|code)|pos_int(er|ra)_cd"
                        + "|(default|no_pointwise|no_clamp|stabilize)\\.(loss|pos_intra|pos_inter|neg_inter|grad\\.code(_pos)?)");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        for (String what : new String[] {"feats", "code"}) {
            checks.checkTraining("correlation_loss/sampled." + what, scope -> sampled(file, scope, what));
        }
        checks.checkTraining(
                "correlation_loss/pos_intra_cd", scope -> correlations(file, scope, "code", "coords1", "pos_intra_cd"));
        checks.checkTraining(
                "correlation_loss/pos_inter_cd",
                scope -> correlations(file, scope, "code_pos", "coords2", "pos_inter_cd"));
        SortedSet<String> cases = file.cases(CASE);
        for (String setting : cases) {
            for (String part : new String[] {"loss", "pos_intra", "pos_inter", "neg_inter"}) {
                String name = setting + "." + part;
                checks.checkTraining("correlation_loss/" + name, scope -> {
                    CorrespondenceLoss.Terms terms = run(file, scope, setting, gradient(file, scope));
                    double term = switch (part) {
                        case "loss" -> terms.total();
                        case "pos_intra" -> terms.intra();
                        case "pos_inter" -> terms.inter();
                        default -> terms.negative();
                    };
                    return Comparison.loss(term, file.floats(name)[0], Comparison.FORWARD);
                });
            }
            checks.checkTraining("correlation_loss/" + setting + ".grad", scope -> {
                Tensor gradient = gradient(file, scope);
                run(file, scope, setting, gradient);
                HostTensor expected = TensorLayout.stacked(
                        file.channelsLast(setting + ".grad.code"), file.channelsLast(setting + ".grad.code_pos"));
                return Comparison.relative(scope.device().floats(gradient), expected.values(), Comparison.BACKWARD);
            });
        }
    }

    private static Tensor gradient(ReferenceFile file, CheckScope scope) {
        int[] dims = file.channelsLast("code").shape().dims();
        dims[0] *= 2;
        return scope.inOut(new float[Shape.of(dims).size()], dims);
    }

    private static CorrespondenceLoss.Terms run(ReferenceFile file, CheckScope scope, String setting, Tensor gradCode) {
        CorrespondenceLoss.Settings settings = settings(
                file, !setting.equals("no_pointwise"), !setting.equals("no_clamp"), setting.equals("stabilize"));
        CorrespondenceLoss loss = scope.owned(new CorrespondenceLoss(scope.device(), settings));
        Tensor features = scope.input(TensorLayout.stacked(file.channelsLast("feats"), file.channelsLast("feats_pos")));
        Tensor code = scope.input(TensorLayout.stacked(file.channelsLast("code"), file.channelsLast("code_pos")));
        return loss.run(features, code, pairs(file, ""), null, gradCode, CorrespondenceLoss.Observer.NONE);
    }

    /** Weights and shifts of a file. */
    static CorrespondenceLoss.Settings settings(
            ReferenceFile file, boolean pointwise, boolean zeroClamp, boolean stabilize) {
        return new CorrespondenceLoss.Settings(
                term(file, "pos_intra"),
                term(file, "pos_inter"),
                term(file, "neg_inter"),
                pointwise,
                zeroClamp,
                stabilize);
    }

    private static CorrespondenceLoss.TermSettings term(ReferenceFile file, String name) {
        return new CorrespondenceLoss.TermSettings(
                file.metadataDouble(name + "_weight"), file.metadataDouble(name + "_shift"));
    }

    /** Points and negatives under names with a prefix. */
    static Pairs pairs(ReferenceFile file, String prefix) {
        int samples = file.shape(prefix + "coords1", 4).dim(1);
        int[] drawn = file.ints(prefix + "negatives");
        int draws = file.shape(prefix + "negatives", 2).dim(0);
        int images = drawn.length / draws;
        int[][] negatives = new int[draws][images];
        for (int i = 0; i < drawn.length; i++) {
            negatives[i / images][i % images] = drawn[i];
        }
        return new Pairs(samples, file.floats(prefix + "coords1"), file.floats(prefix + "coords2"), negatives);
    }

    private static Comparison sampled(ReferenceFile file, CheckScope scope, String what) {
        Tensor out = sample(file, scope, what, "coords1");
        return Comparison.relative(
                scope.device().floats(out), file.channelsLast("sampled." + what).values(), Comparison.FORWARD);
    }

    private static Tensor sample(ReferenceFile file, CheckScope scope, String what, String coords) {
        HostTensor x = file.channelsLast(what);
        Shape points = file.shape(coords, 4);
        int images = points.dim(0);
        int samples = points.dim(1);
        Tensor out = scope.output(images, samples, samples, x.shape().dim(3));
        scope.training()
                .gridSample(
                        scope.input(x),
                        scope.input(TensorLayout.upTo(images), images),
                        scope.input(TensorLayout.pointsTransposed(file.floats(coords), samples), points.dims()),
                        out);
        return out;
    }

    /** Cosines between the points of the code and those of another, image by image. */
    private static Comparison correlations(
            ReferenceFile file, CheckScope scope, String other, String coords, String expected) {
        float[] first = unit(scope, sample(file, scope, "code", "coords1"));
        Tensor sampled = sample(file, scope, other, coords);
        float[] second = unit(scope, sampled);
        int images = sampled.shape().dim(0);
        int channels = sampled.shape().dim(3);
        int points = sampled.shape().rows() / images;
        float[] correlations = new float[images * points * points];
        for (int image = 0; image < images; image++) {
            Tensor out = scope.output(points, points);
            scope.training()
                    .linear(
                            scope.input(part(first, image, points * channels), points, channels),
                            scope.input(part(second, image, points * channels), points, channels),
                            null,
                            Activation.NONE,
                            null,
                            out);
            System.arraycopy(scope.device().floats(out), 0, correlations, image * points * points, points * points);
        }
        return Comparison.relative(correlations, file.floats(expected), Comparison.FORWARD);
    }

    private static float[] unit(CheckScope scope, Tensor x) {
        scope.kernels().normalize(x, NORM_EPSILON, x);
        return scope.device().floats(x);
    }

    private static float[] part(float[] values, int index, int size) {
        float[] part = new float[size];
        System.arraycopy(values, index * size, part, 0, size);
        return part;
    }
}
