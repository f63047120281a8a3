package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.device.DeviceException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.stego.Pipeline.StageTimes;

/** A device's failure at one photograph, and the others of the run. */
class BatchTest {
    @TempDir
    Path folder;

    private final PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    private final Console console = new Console(nowhere, nowhere, false, false, false);
    private final StageTimes times = new StageTimes();
    private final Summary summary = new Summary("segment", console, times);
    private final List<Path> reached = new ArrayList<>();

    private void run(DeviceException failure) throws IOException {
        List<Inputs.Photograph> photographs = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            Path file = Pictures.png(folder.resolve(name + ".png"), 16, 16);
            photographs.add(new Inputs.Photograph(file, Path.of(name)));
        }
        List<Path> stems = photographs.stream().map(Inputs.Photograph::name).toList();
        try (Batch batch = new Batch(photographs, stems, 1, ImageReader.Limits.DEFAULT, summary, times, console)) {
            batch.forEach("testing", (position, image, photograph, stem) -> {
                reached.add(stem);
                throw failure;
            });
        }
    }

    static List<DeviceException> hopeless() {
        return List.of(new DeviceException.Lost("lost", null), new DeviceException.KernelBuild("refused", null));
    }

    @ParameterizedTest
    @MethodSource("hopeless")
    void whereNoOtherPhotographWouldFareBetterTheRunEnds(DeviceException failure) {
        assertThatThrownBy(() -> run(failure)).isSameAs(failure);
        assertThat(reached).containsExactly(Path.of("a"));
    }

    private void write(String failing, int failures, Throwable failure) throws IOException {
        List<Inputs.Photograph> photographs = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            photographs.add(new Inputs.Photograph(Pictures.png(folder.resolve(name + ".png"), 16, 16), Path.of(name)));
        }
        List<Path> stems = photographs.stream()
                .map(photograph -> folder.resolve("out").resolve(photograph.name()))
                .toList();
        AtomicInteger left = new AtomicInteger(failures);
        try (Batch batch = new Batch(photographs, stems, 1, ImageReader.Limits.DEFAULT, summary, times, console)) {
            batch.forEach(
                    "testing",
                    (position, image, photograph, stem) -> batch.write(
                            photograph,
                            stem,
                            () -> {
                                if (stem.endsWith(failing) && left.getAndDecrement() > 0) {
                                    sneak(failure);
                                }
                            },
                            () -> reached.add(stem.getFileName())));
            batch.finish();
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable failure) throws T {
        throw (T) failure;
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "b", "c"})
    void resultsThatCanNotBeWrittenAreTheFailureOfTheirPhotographAlone(String failing) throws IOException {
        for (Throwable failure : List.of(
                new OutOfMemoryError("Java heap space"),
                new IOException("no such name"),
                new IllegalStateException())) {
            reached.clear();
            int before = summary.failures();
            write(failing, Integer.MAX_VALUE, failure);
            assertThat(reached)
                    .containsExactlyInAnyOrderElementsOf(Stream.of("a", "b", "c")
                            .filter(name -> !name.equals(failing))
                            .map(Path::of)
                            .toList());
            assertThat(summary.failures()).isEqualTo(before + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "b", "c"})
    void resultsThatLackedMemoryBesideAnotherPhotographAreWrittenAfterIt(String failing) throws IOException {
        write(failing, 1, new OutOfMemoryError("Java heap space"));
        assertThat(reached).containsExactlyInAnyOrder(Path.of("a"), Path.of("b"), Path.of("c"));
        assertThat(summary.failures()).isZero();
    }

    @Test
    void aFullDiskEndsTheRun() {
        IOException full = new IOException("No space left on device");
        assertThatThrownBy(() -> write("a", 1, full)).isSameAs(full);
        assertThat(reached).isEmpty();
    }

    @Test
    void aPhotographThatLackedMemoryBesideOthersIsTriedAgainAlone() throws IOException {
        List<Inputs.Photograph> photographs = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            photographs.add(new Inputs.Photograph(Pictures.png(folder.resolve(name + ".png"), 16, 16), Path.of(name)));
        }
        List<Path> stems = photographs.stream().map(Inputs.Photograph::name).toList();
        List<String> tried = new ArrayList<>();
        try (Batch batch = new Batch(photographs, stems, 2, ImageReader.Limits.DEFAULT, summary, times, console)) {
            for (int round = 0; round < 2; round++) {
                batch.forEach("testing", (position, image, photograph, stem) -> {
                    tried.add(stem.toString());
                    if (tried.size() == 2) {
                        throw new OutOfMemoryError("Java heap space");
                    }
                });
                if (round == 0) {
                    batch.again();
                }
            }
        }
        assertThat(tried).containsExactly("a", "b", "b", "c", "a", "b", "c");
        assertThat(summary.failures()).isZero();
    }

    @Test
    void aPhotographThatIsTooLargeForTheDeviceFailsAlone() throws IOException {
        run(new DeviceException.OutOfMemory("needs 2 MiB, 1 MiB are free"));
        assertThat(reached).hasSize(3);
        assertThat(summary.failures()).isEqualTo(3);
    }
}
