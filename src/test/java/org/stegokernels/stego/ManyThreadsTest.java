package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.vit.Backbone.FeatureKind;

/** Several threads at once get the results that one alone would get, or, after closing, none. */
class ManyThreadsTest {
    private static final String ALL = "org.stegokernels.testing.TestDevices#all";
    private static final int THREADS = 8;
    private static final int CALLS = 50;
    private static final long PATIENCE_SECONDS = 120;
    private static final Segmenter.Options OPTIONS = Segmenter.Options.DEFAULT.withSize(32);
    /** Their shapes differ, so that buffers grow and lattices change. */
    private static final List<RgbImage> PHOTOGRAPHS =
            List.of(noise(48, 32, 1), noise(32, 56, 2), noise(40, 40, 3), noise(64, 32, 4));

    @TempDir
    Path folder;

    private static RgbImage noise(int width, int height, long seed) {
        byte[] rgb = new byte[3 * width * height];
        new Random(seed).nextBytes(rgb);
        return new RgbImage(width, height, rgb);
    }

    private static Stego model(Device device) {
        return Stego.load(ReferenceVectors.open("pipeline"), device);
    }

    /** Calls each thread's work with 0 to CALLS - 1; a failure of any call fails the test. */
    private static void together(List<? extends IntFailing> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(work.size());
        CountDownLatch start = new CountDownLatch(work.size());
        try {
            List<Future<?>> running = new ArrayList<>();
            for (IntFailing each : work) {
                Callable<Void> calls = () -> {
                    start.countDown();
                    start.await();
                    for (int i = 0; i < CALLS; i++) {
                        each.accept(i);
                    }
                    return null;
                };
                running.add(threads.submit(calls));
            }
            for (Future<?> each : running) {
                each.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** A function of a call's number that may throw. */
    @FunctionalInterface
    private interface IntFailing {
        void accept(int call) throws Exception;
    }

    private static List<Segmentation> alone(Segmenter segmenter) {
        return PHOTOGRAPHS.stream().map(segmenter::segment).toList();
    }

    private static void assertSame(Segmentation actual, Segmentation expected) {
        assertThat(actual.labels().labels()).isEqualTo(expected.labels().labels());
        assertThat(actual.shares()).isEqualTo(expected.shares());
        assertThat(actual.scores()).isEqualTo(expected.scores());
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void oneSegmenterServesThemAll(Devices.Choice choice) throws Exception {
        try (Device device = TestDevices.open(choice);
                Stego model = model(device);
                Segmenter segmenter = Segmenter.of(model, OPTIONS)) {
            List<Segmentation> expected = alone(segmenter);
            List<IntFailing> work = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int thread = t;
                work.add(call -> {
                    int which = (call + thread) % PHOTOGRAPHS.size();
                    assertSame(segmenter.segment(PHOTOGRAPHS.get(which)), expected.get(which));
                });
            }
            together(work);
            device.checkGuards();
        }
    }

    /** Segmenters of one model and of several, while other threads compute features. */
    @ParameterizedTest
    @MethodSource(ALL)
    void whatSharesADeviceIsNotMixedUp(Devices.Choice choice) throws Exception {
        try (Device device = TestDevices.open(choice);
                Stego model = model(device);
                Stego second = model(device);
                Segmenter reference = Segmenter.of(model, OPTIONS)) {
            List<Segmentation> expected = alone(reference);
            List<float[]> features = new ArrayList<>();
            try (FeatureExtractor extractor = extractor(model)) {
                PHOTOGRAPHS.forEach(
                        each -> features.add(extractor.extract(each).patches().values()));
            }
            List<IntFailing> work = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                Stego shared = t % 2 == 0 ? model : second;
                if (t % 4 < 2) {
                    Segmenter segmenter = Segmenter.of(shared, OPTIONS);
                    work.add(call -> {
                        int which = call % PHOTOGRAPHS.size();
                        assertSame(segmenter.segment(PHOTOGRAPHS.get(which)), expected.get(which));
                    });
                } else {
                    FeatureExtractor extractor = extractor(shared);
                    work.add(call -> {
                        int which = call % PHOTOGRAPHS.size();
                        assertThat(extractor
                                        .extract(PHOTOGRAPHS.get(which))
                                        .patches()
                                        .values())
                                .isEqualTo(features.get(which));
                    });
                }
            }
            together(work);
            device.checkGuards();
        }
    }

    private static FeatureExtractor extractor(Stego model) {
        return new FeatureExtractor(model.backbone(), FeatureKind.FEAT, Segmenter.Options.DEFAULT.withSize(32));
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void whatIsClosedRefuses(Devices.Choice choice) {
        RgbImage photograph = PHOTOGRAPHS.get(0);
        Device device = TestDevices.open(choice);
        Stego model = model(device);
        Segmenter closed = Segmenter.of(model, OPTIONS);
        closed.segment(photograph);
        closed.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> closed.segment(photograph))
                .withMessage("the segmenter is closed");
        FeatureExtractor closedExtractor = extractor(model);
        closedExtractor.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> closedExtractor.extract(photograph))
                .withMessageContaining("closed");
        Pipeline pipeline = Pipeline.of(model, model.probes(), OPTIONS, new StageTimes());
        Pipeline.Frame frame = pipeline.frame(photograph);
        pipeline.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> pipeline.encode(frame))
                .withMessageContaining("closed");
        assertThat(device.allocatedBytes()).as("a refused call takes no memory").isPositive();

        Segmenter ofClosedModel = Segmenter.of(model, OPTIONS);
        Segmenter ofClosedDevice = Segmenter.of(model(device), OPTIONS);
        model.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> ofClosedModel.segment(photograph))
                .withMessage("the model is closed");
        device.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> ofClosedDevice.segment(photograph))
                .withMessage("device " + device.id() + " is closed");
        assertThatIllegalStateException()
                .isThrownBy(() -> model(device))
                .withMessage("device " + device.id() + " is closed");
        assertThatCode(() -> {
                    for (AutoCloseable each :
                            List.of(ofClosedDevice, ofClosedModel, closed, pipeline, closedExtractor, model, device)) {
                        each.close();
                        each.close();
                    }
                })
                .doesNotThrowAnyException();
    }

    /** Threads that segment while the device is closed under them: an abort would end this process. */
    static final class ClosingProcess {
        private ClosingProcess() {}

        public static void main(String[] args) throws Exception {
            for (int round = 0; round < 5; round++) {
                Device device = Devices.choose(args[0]).open(Device.Options.DEFAULT);
                Segmenter segmenter = Segmenter.of(model(device), OPTIONS);
                List<Segmentation> expected = alone(segmenter);
                CountDownLatch busy = new CountDownLatch(THREADS);
                ExecutorService threads = Executors.newFixedThreadPool(THREADS);
                List<Future<?>> running = new ArrayList<>();
                for (int t = 0; t < THREADS; t++) {
                    running.add(threads.submit(() -> untilClosed(segmenter, expected, busy)));
                }
                busy.await();
                device.close();
                for (Future<?> each : running) {
                    each.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                }
                threads.shutdown();
            }
            System.out.println("closed in order");
        }

        private static void untilClosed(Segmenter segmenter, List<Segmentation> expected, CountDownLatch busy) {
            try {
                for (int i = 0; ; i++) {
                    int which = i % PHOTOGRAPHS.size();
                    assertSame(segmenter.segment(PHOTOGRAPHS.get(which)), expected.get(which));
                    busy.countDown();
                }
            } catch (IllegalStateException e) {
                assertThat(e).hasMessageEndingWith(" is closed");
            }
        }
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void closingADeviceThatComputesIsHarmless(Devices.Choice choice) throws Exception {
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-XX:ErrorFile=" + folder.resolve("abort"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ClosingProcess.class.getName(),
                        choice.info().id())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(log)).contains("closed in order");
        assertThat(process.exitValue()).isZero();
    }
}
