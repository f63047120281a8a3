package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.DeviceLostException;
import org.stegokernels.device.KernelBuildException;
import org.stegokernels.device.OutOfDeviceMemoryException;
import org.stegokernels.stego.StageTimes;

/** What a device's failure at one photograph means to the others. */
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
        try (Batch batch = new Batch(photographs, stems, false, summary, times, console)) {
            batch.forEach("testing", (position, image, photograph, stem) -> {
                reached.add(stem);
                throw failure;
            });
        }
    }

    static List<DeviceException> hopeless() {
        return List.of(new DeviceLostException("lost", null), new KernelBuildException("refused", null));
    }

    @ParameterizedTest
    @MethodSource("hopeless")
    void whereNoOtherPhotographWouldFareBetterTheRunEnds(DeviceException failure) {
        assertThatThrownBy(() -> run(failure)).isSameAs(failure);
        assertThat(reached).containsExactly(Path.of("a"));
    }

    @Test
    void aPhotographThatIsTooLargeForTheDeviceFailsAlone() throws IOException {
        run(new OutOfDeviceMemoryException("needs 2 MiB, 1 MiB are free"));
        assertThat(reached).hasSize(3);
        assertThat(summary.failures()).isEqualTo(3);
    }
}
