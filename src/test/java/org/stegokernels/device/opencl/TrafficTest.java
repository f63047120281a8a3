package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.stegokernels.crf.DenseCrf;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.vit.Backbone.Observer;
import org.stegokernels.weights.Safetensors;

/** Memory traffic of a photograph and waits of the host for it, counted with the kernels of a GPU. */
class TrafficTest {
    /** The bytes moved over the least, {@link KernelTime#least}, that the catalogue promises. */
    private static final double MOST = 1.5;

    private static final int SIDE = 96;
    private static final int CLASSES = 27;

    private static OpenClDevice open() {
        OpenClRuntime.Found found = OpenClDevices.first();
        Limits limits = Limits.of(found.device());
        Tuning tuning = Tuning.gpu(limits, MatrixTiles.Units.NONE);
        return new OpenClDevice(found, limits, tuning, Device.Options.DEFAULT.withProfile(true));
    }

    /** Returns blocks of colour with noise, whose lattice has some more vertices than pixels, as a photograph's. */
    private static RgbImage photograph() {
        Random random = new Random(1);
        byte[] rgb = new byte[3 * SIDE * SIDE];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i / (3 * 24) % 4 * 50 + i % 3 * 20 + random.nextInt(12));
        }
        return new RgbImage(SIDE, SIDE, rgb);
    }

    private static double ratio(List<KernelTime> before, List<KernelTime> after) {
        return sum(after, KernelTime::bytes, before) / sum(after, KernelTime::least, before);
    }

    private static double sum(List<KernelTime> after, ToDoubleFunction<KernelTime> part, List<KernelTime> before) {
        return after.stream().mapToDouble(part).sum()
                - before.stream().mapToDouble(part).sum();
    }

    private static Backbone backbone(Device device) {
        try (Safetensors file = ReferenceVectors.open("vit_micro_p8")) {
            return Backbone.load(file, "weights.", device);
        }
    }

    private static Tensor images(Device device, int batch) {
        return device.upload(ThreadCounts.normal(1, batch * 3 * SIDE * SIDE, 0, 1), batch, 3, SIDE, SIDE);
    }

    @Test
    void aPhotographMovesLittleMoreThanTheLeast() {
        try (OpenClDevice device = open();
                Stego model = Stego.demo(device);
                Segmenter segmenter = Segmenter.of(model, Segmenter.Options.DEFAULT.withSize(SIDE))) {
            List<KernelTime> before = device.kernelTimes();
            segmenter.segment(photograph());
            assertThat(ratio(before, device.kernelTimes())).isBetween(1.0, MOST);
        }
    }

    @Test
    void theBackboneMovesLittleMoreThanTheLeast() {
        try (OpenClDevice device = open();
                Stego model = Stego.demo(device)) {
            List<KernelTime> before = device.kernelTimes();
            model.backbone().features(images(device, 2), FeatureKind.FEAT);
            assertThat(ratio(before, device.kernelTimes())).isBetween(1.0, MOST);
        }
    }

    @Test
    void theCrfMovesTheLeast() {
        try (OpenClDevice device = open();
                DenseCrf crf = new DenseCrf(device, DenseCrf.Settings.DEFAULT)) {
            int pixels = SIDE * SIDE;
            Tensor logits = device.upload(ThreadCounts.normal(1, pixels * CLASSES, 0, 1), pixels, CLASSES);
            crf.infer(logits, photograph().rgb(), SIDE, SIDE, device.allocate(pixels, CLASSES));
            // One axis a pass of the blur would be 1.26.
            assertThat(ratio(List.of(), device.kernelTimes())).isBetween(1.0, 1.1);
        }
    }

    @Test
    void aForwardPassWaitsForNothing() {
        try (OpenClDevice device = open();
                Backbone backbone = backbone(device)) {
            Tensor images = images(device, 2);
            backbone.tokens(images, Observer.NONE);
            List<Long> waits = new ArrayList<>();
            waits.add(device.waits());
            backbone.tokens(images, new Observer() {
                @Override
                public void tokens(int blocks, Tensor tokens) {
                    waits.add(device.waits());
                }
            });
            assertThat(waits).hasSizeGreaterThan(3).containsOnly(waits.get(0));
        }
    }

    @Test
    void anImageAndItsMirrorImageAreLaunchedTogether() {
        try (OpenClDevice device = open();
                Backbone backbone = backbone(device)) {
            // The embedding of positions is stretched once for a size.
            backbone.features(images(device, 1), FeatureKind.FEAT);
            double[] launches = new double[2];
            for (int batch = 1; batch <= 2; batch++) {
                List<KernelTime> before = device.kernelTimes();
                backbone.features(images(device, batch), FeatureKind.FEAT);
                launches[batch - 1] = sum(device.kernelTimes(), KernelTime::calls, before);
            }
            assertThat(launches[1]).isEqualTo(launches[0]);
        }
    }

    /**
     * The second photograph of a size: two uploads; two waits in each of four checks for values that are not finite; four in
     * building a lattice, which reads the box and the number of vertices and writes what keys need; the marginals.
     */
    @Test
    void theHostWaitsFifteenTimesForAPhotograph() {
        try (OpenClDevice device = open();
                Stego model = Stego.demo(device);
                Segmenter segmenter = Segmenter.of(model, Segmenter.Options.DEFAULT.withSize(SIDE))) {
            segmenter.segment(photograph());
            long before = device.waits();
            segmenter.segment(photograph());
            assertThat(device.waits() - before).isEqualTo(2 + 4 * 2 + 4 + 1);
        }
    }
}
