package org.stegokernels.verify;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.stegokernels.crf.DenseCrf;
import org.stegokernels.image.RgbImage;
import org.stegokernels.image.RgbImage.ImageTensor;
import org.stegokernels.stego.ClusterProbe;
import org.stegokernels.stego.LinearProbe;
import org.stegokernels.stego.SegmentationHead;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.Safetensors;

/**
 * {@code pipeline}: one image through the whole published evaluation. Every check starts again from the image's bytes, so
 * that errors add up as they do in use; but for the marginals, which start from the file's log-probabilities: where two
 * classes are nearly even, ten iterations magnify the last bits of their input a thousand times.
 */
final class PipelineChecks implements ReferenceFamily {
    private static final List<String> PROBES = List.of("linear", "cluster");

    @Override
    public Set<String> required() {
        return Set.of("pipeline");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile("backbone\\..+|cluster(1\\.0|2\\.[02])\\.(weight|bias)|linear_probe\\.(weight|bias)"
                + "|cluster_probe\\.clusters|image|input|code|(linear|cluster)_(log_probs|crf|labels)");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        checks.check("pipeline/input", scope -> new Evaluation(file, scope).checkInput());
        checks.check("pipeline/code", scope -> new Evaluation(file, scope).checkCode());
        for (String probe : PROBES) {
            String name = "pipeline/" + probe;
            checks.check(name + "_log_probs", scope -> new Evaluation(file, scope).checkLogProbabilities(probe));
            checks.check(name + "_crf", scope -> new Evaluation(file, scope).checkMarginals(probe));
            checks.check(name + "_labels", scope -> new Evaluation(file, scope).checkLabels(probe));
        }
    }

    /** The published evaluation of one image, stage by stage. */
    private static final class Evaluation {
        private final ReferenceFile file;
        private final CheckScope scope;
        private final RgbImage image;

        Evaluation(ReferenceFile file, CheckScope scope) {
            this.file = file;
            this.scope = scope;
            Shape shape = file.shape("image", 3);
            this.image = new RgbImage(shape.dim(1), shape.dim(0), file.bytes("image"));
        }

        Comparison checkInput() {
            float[] input = new float[3 * image.pixels()];
            ImageTensor.normalized(image, input, 0);
            return Comparison.relative(input, file.tensor("input", 3).values(), Comparison.FORWARD);
        }

        Comparison checkCode() {
            return relative(code(), file.channelsLast("code"));
        }

        Comparison checkLogProbabilities(String probe) {
            return relative(logProbabilities(probe), file.pixels(probe + "_log_probs"));
        }

        Comparison checkMarginals(String probe) {
            Tensor logits = scope.input(file.pixels(probe + "_log_probs"));
            float[] actual = scope.device().floats(marginals(logits));
            return Comparison.largest(actual, file.pixels(probe + "_crf").values(), Comparison.MARGINALS);
        }

        Comparison checkLabels(String probe) {
            Tensor labels = scope.intOutput(image.pixels());
            scope.kernels().argmax(marginals(logProbabilities(probe)), labels);
            return Comparison.labels(scope.device().ints(labels), file.ints(probe + "_labels"), Comparison.LABELS);
        }

        private Comparison relative(Tensor actual, HostTensor expected) {
            return Comparison.relative(scope.device().floats(actual), expected.values(), Comparison.FORWARD);
        }

        /** Returns the code of the image and its mirror image, averaged: {@code [h, w, D]}. */
        private Tensor code() {
            Safetensors model = file.safetensors();
            Backbone backbone = scope.owned(Backbone.load(model, "backbone.", scope.device()));
            SegmentationHead head = scope.owned(SegmentationHead.load(model, "", scope.device()));
            float[] both = new float[2 * 3 * image.pixels()];
            ImageTensor.normalized(image, both, 0);
            ImageTensor.normalizedMirrored(image, both, both.length / 2);
            int rows = image.height() / backbone.patch();
            int columns = image.width() / backbone.patch();
            Tensor input = scope.input(both, 2, 3, image.height(), image.width());
            Tensor codes = scope.output(2, rows, columns, head.outputs());
            head.forward(backbone.features(input, FeatureKind.FEAT), codes);
            Tensor mean = scope.output(rows, columns, head.outputs());
            scope.kernels().mirrorMean(codes, mean);
            return mean;
        }

        /** Returns the log-probabilities of the code enlarged to the image: {@code [H * W, N]}. */
        private Tensor logProbabilities(String probe) {
            Tensor code = code();
            Shape shape = code.shape();
            int width = shape.dim(2);
            Tensor enlarged = scope.output(1, image.height(), image.width(), width);
            scope.kernels().bilinear(code.view(1, shape.dim(0), shape.dim(1), width), enlarged);
            Tensor pixels = enlarged.view(image.pixels(), width);
            if (probe.equals("linear")) {
                LinearProbe linear = scope.owned(LinearProbe.load(file.safetensors(), "", scope.device()));
                Tensor out = scope.output(image.pixels(), linear.outputs());
                linear.forward(pixels, out);
                scope.kernels().logSoftmax(out, 1, out);
                return out;
            }
            ClusterProbe cluster = scope.owned(ClusterProbe.load(file.safetensors(), "", scope.device()));
            Tensor out = scope.output(image.pixels(), cluster.outputs());
            cluster.logProbabilities(pixels, (float) file.metadataDouble("cluster_alpha"), out);
            return out;
        }

        private Tensor marginals(Tensor logits) {
            Tensor out = scope.output(logits.shape().dims());
            scope.owned(new DenseCrf(scope.device(), DenseCrf.Settings.DEFAULT))
                    .infer(logits, image.rgb(), image.width(), image.height(), out);
            return out;
        }
    }
}
