package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.device.Device;

/** Programs are compiled once, and kept as binaries that the device takes back. */
class ProgramsTest {
    private static final String OPTIONS = "-DV=1 -DLANES=1 -DBLOCK=1";

    @TempDir
    Path folder;

    private static OpenClContext open() {
        OpenClRuntime.Found found = OpenClDevices.first();
        return open(found, Limits.of(found.device()));
    }

    private static OpenClContext open(OpenClRuntime.Found found, Limits limits) {
        return new OpenClContext(found, limits, Tuning.of(limits), Device.Options.DEFAULT);
    }

    private List<Path> kept() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void aBinaryServesTheNextRun() throws IOException {
        for (int run = 0; run < 2; run++) {
            try (OpenClContext context = open()) {
                Programs programs = new Programs(context, new BinaryCache(folder));
                assertThat(programs.kernel("gelu", "gelu", OPTIONS)).isNotNull();
                assertThat(programs.kernel("gelu", "gelu", OPTIONS)).isSameAs(programs.kernel("gelu", "gelu", OPTIONS));
                programs.close();
            }
            assertThat(kept()).hasSize(1);
        }
    }

    @Test
    void aBinaryThatTheDeviceRefusesIsMadeAnew() throws IOException {
        try (OpenClContext context = open()) {
            Programs programs = new Programs(context, new BinaryCache(folder));
            programs.kernel("gelu", "gelu", OPTIONS);
            programs.close();
            String name = kept().get(0).getFileName().toString();
            byte[] before = Files.readAllBytes(kept().get(0));
            new BinaryCache(folder).store(name.replace(".bin", ""), new byte[] {1, 2, 3});
            Programs again = new Programs(context, new BinaryCache(folder));
            assertThat(again.kernel("gelu", "gelu", OPTIONS)).isNotNull();
            again.close();
            assertThat(Files.size(kept().get(0))).isEqualTo(before.length);
        }
    }

    @Test
    void otherOptionsAreAnotherProgram() throws IOException {
        try (OpenClContext context = open()) {
            Programs programs = new Programs(context, new BinaryCache(folder));
            programs.kernel("gelu", "gelu", OPTIONS);
            programs.kernel("gelu", "gelu", "-DV=4 -DLANES=1 -DBLOCK=1");
            programs.close();
        }
        assertThat(kept()).hasSize(2);
    }

    @Test
    void anotherDriverGetsAProgramOfItsOwn() throws IOException {
        OpenClRuntime.Found found = OpenClDevices.first();
        Limits limits = Limits.of(found.device());
        Limits updated = new Limits(
                limits.identity() + ".1",
                limits.gpu(),
                limits.memory(),
                limits.largestBuffer(),
                limits.localMemory(),
                limits.workGroup(),
                limits.computeUnits(),
                limits.vector(),
                limits.vendor(),
                limits.matrixUnits());
        for (Limits driver : new Limits[] {limits, updated}) {
            try (OpenClContext context = open(found, driver)) {
                Programs programs = new Programs(context, new BinaryCache(folder));
                programs.kernel("gelu", "gelu", OPTIONS);
                programs.close();
            }
        }
        assertThat(kept()).hasSize(2);
    }

    @Test
    void aFileThatIsMissingFromTheJarIsNamed() {
        try (OpenClContext context = open()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> context.programs().kernel("missing", "missing", OPTIONS))
                    .withMessageContaining("missing.cl");
        }
    }
}
