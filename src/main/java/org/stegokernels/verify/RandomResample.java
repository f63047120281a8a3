package org.stegokernels.verify;

import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.verify.RandomChecks.Trial;

/** The two resizes. */
final class RandomResample {
    private RandomResample() {}

    static Map<String, Trial> trials() {
        Map<String, Trial> trials = new LinkedHashMap<>();
        trials.put("bicubic", RandomResample::bicubic);
        trials.put("bilinear", RandomResample::bilinear);
        return trials;
    }

    /** Sizes and values of one draw. */
    private record Resize(int batch, int height, int width, int channels, int outHeight, int outWidth, float[] values) {
        static Resize draw(Draw draw) {
            int batch = draw.between(1, 2);
            int height = draw.size(24);
            int width = draw.size(24);
            int channels = draw.size(90);
            int outHeight = draw.size(40);
            int outWidth = draw.size(40);
            draw.note("x [%d, %d, %d, %d] to %d x %d", batch, height, width, channels, outHeight, outWidth);
            float[] values = draw.normal(batch * height * width * channels);
            return new Resize(batch, height, width, channels, outHeight, outWidth, values);
        }

        Tensor upload(CheckScope scope) {
            return scope.input(values, batch, height, width, channels);
        }

        Tensor output(CheckScope scope) {
            return scope.output(batch, outHeight, outWidth, channels);
        }
    }

    /** Draws scale factors near the ratio of the sizes, as position embeddings have them. */
    private static Comparison bicubic(CheckScope scope, Draw draw) {
        Resize resize = Resize.draw(draw);
        double scaleY = (resize.outHeight() + draw.between(0.0, 0.1)) / resize.height();
        double scaleX = (resize.outWidth() + draw.between(0.0, 0.1)) / resize.width();
        draw.note("%s by %s, %s", draw, scaleY, scaleX);
        Tensor out = resize.output(scope);
        scope.kernels().bicubic(resize.upload(scope), scaleY, scaleX, out);
        double[] expected = Oracle.bicubic(
                resize.values(),
                resize.batch(),
                resize.height(),
                resize.width(),
                resize.channels(),
                scaleY,
                scaleX,
                resize.outHeight(),
                resize.outWidth());
        return Comparison.relative(scope.device().floats(out), expected, Comparison.FORWARD);
    }

    private static Comparison bilinear(CheckScope scope, Draw draw) {
        Resize resize = Resize.draw(draw);
        Tensor out = resize.output(scope);
        scope.kernels().bilinear(resize.upload(scope), out);
        double[] expected = Oracle.bilinear(
                resize.values(),
                resize.batch(),
                resize.height(),
                resize.width(),
                resize.channels(),
                resize.outHeight(),
                resize.outWidth());
        return Comparison.relative(scope.device().floats(out), expected, Comparison.FORWARD);
    }
}
