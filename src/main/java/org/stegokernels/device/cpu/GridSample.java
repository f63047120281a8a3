package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/**
 * Bilinear samples at given points, and their gradient, which is gathered image by image so that no two threads meet.
 */
final class GridSample {
    private final TrainingLanes lanes;
    private final Parallel parallel;

    GridSample(TrainingLanes lanes, Parallel parallel) {
        this.lanes = lanes;
        this.parallel = parallel;
    }

    /** The four pixels around a point, as offsets of their channels, and how much of each it takes. */
    private static final class Corners {
        private final int height;
        private final int width;
        private final int channels;
        int upperLeft;
        int upperRight;
        int lowerLeft;
        int lowerRight;
        float upperLeftWeight;
        float upperRightWeight;
        float lowerLeftWeight;
        float lowerRightWeight;

        Corners(Tensor x) {
            height = x.shape().dim(1);
            width = x.shape().dim(2);
            channels = x.shape().dim(3);
        }

        /** Coordinates in float and in PyTorch's order of operations, so that a point falls between the same pixels. */
        void at(float[] coords, int point, int image) {
            float x = inside((coords[2 * point] + 1) / 2 * (width - 1), width);
            float y = inside((coords[2 * point + 1] + 1) / 2 * (height - 1), height);
            int left = (int) x;
            int top = (int) y;
            int right = Math.min(left + 1, width - 1);
            int bottom = Math.min(top + 1, height - 1);
            float wx = x - left;
            float wy = y - top;
            int first = image * height;
            upperLeft = ((first + top) * width + left) * channels;
            upperRight = ((first + top) * width + right) * channels;
            lowerLeft = ((first + bottom) * width + left) * channels;
            lowerRight = ((first + bottom) * width + right) * channels;
            upperLeftWeight = (1 - wx) * (1 - wy);
            upperRightWeight = wx * (1 - wy);
            lowerLeftWeight = (1 - wx) * wy;
            lowerRightWeight = wx * wy;
        }

        /** Returns the position within the image. Not a number goes to the first pixel. */
        private static float inside(float position, int size) {
            return position > 0 ? Math.min(position, size - 1) : 0;
        }
    }

    void run(Tensor x, Tensor images, Tensor coords, Tensor out) {
        float[] from = CpuDevice.array(x);
        float[] points = CpuDevice.array(coords);
        float[] to = CpuDevice.array(out);
        int[] image = images(images, x);
        int channels = x.shape().dim(3);
        int perImage = out.shape().dim(1) * out.shape().dim(2);
        RowBlocks.forEach(parallel, out.shape().rows(), channels, (first, count, worker) -> {
            Corners c = new Corners(x);
            for (int point = first; point < first + count; point++) {
                c.at(points, point, image[point / perImage]);
                lanes.mix(
                        from,
                        c.upperLeft,
                        c.upperRight,
                        c.lowerLeft,
                        c.lowerRight,
                        c.upperLeftWeight,
                        c.upperRightWeight,
                        c.lowerLeftWeight,
                        c.lowerRightWeight,
                        channels,
                        to,
                        point * channels);
            }
        });
    }

    void gradient(Tensor gradOut, Tensor images, Tensor coords, Tensor gradX) {
        float[] g = CpuDevice.array(gradOut);
        float[] points = CpuDevice.array(coords);
        float[] sums = CpuDevice.array(gradX);
        int[] image = images(images, gradX);
        int channels = gradX.shape().dim(3);
        int samples = gradOut.shape().dim(0);
        int perImage = gradOut.shape().dim(1) * gradOut.shape().dim(2);
        parallel.forEach(gradX.shape().dim(0), (index, worker) -> {
            Corners c = new Corners(gradX);
            for (int sample = 0; sample < samples; sample++) {
                if (image[sample] == index) {
                    for (int point = sample * perImage; point < (sample + 1) * perImage; point++) {
                        c.at(points, point, index);
                        int from = point * channels;
                        lanes.addScaled(g, from, channels, c.upperLeftWeight, sums, c.upperLeft);
                        lanes.addScaled(g, from, channels, c.upperRightWeight, sums, c.upperRight);
                        lanes.addScaled(g, from, channels, c.lowerLeftWeight, sums, c.lowerLeft);
                        lanes.addScaled(g, from, channels, c.lowerRightWeight, sums, c.lowerRight);
                    }
                }
            }
        });
    }

    private static int[] images(Tensor images, Tensor x) {
        int[] image = CpuDevice.intArray(images);
        for (int i = 0; i < images.shape().size(); i++) {
            if (image[i] < 0 || image[i] >= x.shape().dim(0)) {
                throw new IllegalArgumentException("gridSample: image " + image[i] + " of sample " + i
                        + " is not in 0.." + (x.shape().dim(0) - 1));
            }
        }
        return image;
    }
}
