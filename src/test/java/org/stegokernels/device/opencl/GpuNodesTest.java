package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.device.Devices;

class GpuNodesTest {
    @TempDir
    Path devices;

    @ParameterizedTest
    @ValueSource(strings = {"dri", "kfd", "nvidia0", "nvidiactl", "mali0", "kgsl-3d0", "dxg"})
    void aNodeOfAGpuIsSeen(String name) throws IOException {
        Files.createFile(devices.resolve("null"));
        Files.createFile(devices.resolve(name));
        assertThat(GpuNodes.in(devices)).isTrue();
    }

    @Test
    void otherNodesAreNot() throws IOException {
        for (String name : new String[] {"null", "sda", "tty0", "fb0", "random"}) {
            Files.createFile(devices.resolve(name));
        }
        assertThat(GpuNodes.in(devices)).isFalse();
    }

    @Test
    void aFolderThatIsNotThereSaysNothing() {
        assertThat(GpuNodes.in(devices.resolve("missing"))).isTrue();
    }

    /** The rank that {@code auto} goes by holds for the devices that are found. */
    @Test
    void noDeviceExceedsTheRankOfItsFamily() {
        assertThat(Devices.providers())
                .allSatisfy(provider -> assertThat(provider.devices())
                        .allSatisfy(info -> assertThat(info.rank()).isLessThanOrEqualTo(provider.highestRank())));
    }
}
