package org.stegokernels.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.stegokernels.crf.DenseCrf;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.tensor.Tensor;

/** The 320x320 images that the CRF is measured on. */
final class Street {
    static final int SIDE = 320;
    static final int PIXELS = SIDE * SIDE;

    private Street() {}

    /**
     * Returns an image by name.
     *
     * @param name {@code synthetic}: made up, about as many lattice points as a photograph; {@code noise}: random pixels,
     *     the most lattice points there can be; else the path of a photograph, whose shorter side is resized to 320 by
     *     nearest neighbour before it is cropped to its centre
     */
    static RgbImage image(String name) {
        return switch (name) {
            case "synthetic" -> Photographs.photograph(SIDE, SIDE);
            case "noise" -> noise();
            default -> photograph(Path.of(name));
        };
    }

    private static RgbImage noise() {
        byte[] rgb = new byte[SIDE * SIDE * 3];
        new Random(5).nextBytes(rgb);
        return new RgbImage(SIDE, SIDE, rgb);
    }

    private static RgbImage photograph(Path path) {
        RgbImage image = ImageReader.read(path);
        double scale = (double) SIDE / Math.min(image.width(), image.height());
        int width = Math.max(SIDE, (int) (image.width() * scale));
        int height = Math.max(SIDE, (int) (image.height() * scale));
        return Resize.centerCrop(Resize.nearest(image, width, height), SIDE, SIDE);
    }

    /**
     * Returns the positions of the CRF's lattices ({@link DenseCrf.Settings#DEFAULT}): {@code [H * W, dims]}.
     *
     * @param dims 2 for column and row, 5 for these and blue, green, red
     */
    static float[] positions(RgbImage image, int dims) {
        DenseCrf.Settings settings = DenseCrf.Settings.DEFAULT;
        float deviation = dims == 2 ? settings.smoothnessDeviation() : settings.appearanceDeviation();
        float[] positions = new float[PIXELS * dims];
        for (int p = 0; p < PIXELS; p++) {
            positions[p * dims] = p % SIDE / deviation;
            positions[p * dims + 1] = p / SIDE / deviation;
            for (int c = 2; c < dims; c++) {
                positions[p * dims + c] = Byte.toUnsignedInt(image.rgb()[p * 3 + 4 - c]) / settings.colorDeviation();
            }
        }
        return positions;
    }

    /** Returns the lattice over {@link #positions}, built on the device. */
    static Lattice lattice(Device device, RgbImage image, int dims) {
        Lattice lattice = device.kernels().allocateLattice(PIXELS, dims);
        try (Tensor positions = device.upload(positions(image, dims), PIXELS, dims)) {
            device.kernels().buildLattice(positions, lattice);
        }
        return lattice;
    }

    /** Operations of one filter: splat and slice (2 each for every point, corner and channel), blur (3 for every vertex and axis). */
    static double filterFlop(Lattice lattice, int channels) {
        double corners = lattice.dims() + 1.0;
        return channels * corners * (4.0 * lattice.points() + 3.0 * lattice.vertices());
    }

    /** Operations of a mean-field inference: the filters, the weighted sum and the softmax (6) of each iteration. */
    static double meanFieldFlop(List<Lattice> lattices, int channels, int iterations) {
        double filters = lattices.stream()
                .mapToDouble(lattice -> filterFlop(lattice, channels))
                .sum();
        return iterations * (filters + (2.0 * lattices.size() + 6) * PIXELS * channels);
    }

    /** Logits of 27 classes, smooth over about 16 pixels as upsampled scores of patches are: {@code [H * W, C]}. */
    static float[] logits(int classes) {
        int patches = SIDE / 16 + 1;
        float[] coarse = Synthetic.values(patches * patches * classes, 3);
        float[] logits = new float[SIDE * SIDE * classes];
        for (int p = 0; p < SIDE * SIDE; p++) {
            float x = p % SIDE / 16f;
            float y = p / SIDE / 16f;
            int corner = (int) y * patches + (int) x;
            float right = x - (int) x;
            float below = y - (int) y;
            for (int c = 0; c < classes; c++) {
                float above = mix(coarse, corner, corner + 1, right, c, classes);
                float under = mix(coarse, corner + patches, corner + patches + 1, right, c, classes);
                logits[p * classes + c] = 4 * (above + below * (under - above));
            }
        }
        return logits;
    }

    private static float mix(float[] coarse, int a, int b, float share, int c, int classes) {
        return coarse[a * classes + c] * (1 - share) + coarse[b * classes + c] * share;
    }
}
