package org.stegokernels.device.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The choice between the Vector API and plain Java. */
class LanesTest {
    private static final String HOTSPOT = "OpenJDK 64-Bit Server VM";

    @Test
    void vectorsAreUsedWhereTheyAreCompiled() {
        assertThat(Lanes.obstacle(true, HOTSPOT, "mixed mode, sharing")).isEmpty();
        assertThat(Lanes.obstacle(true, "Java HotSpot(TM) 64-Bit Server VM", "mixed mode"))
                .isEmpty();
        assertThat(Lanes.best().isVector()).isTrue();
    }

    @Test
    void elseTheReasonSaysWhatToDo() {
        assertThat(Lanes.obstacle(false, HOTSPOT, "mixed mode")).contains("--add-modules jdk.incubator.vector");
        assertThat(Lanes.obstacle(true, "Eclipse OpenJ9 VM", "JRE 17 Linux amd64"))
                .contains("Eclipse OpenJ9 VM", "not HotSpot");
        assertThat(Lanes.obstacle(true, HOTSPOT, "interpreted mode, sharing")).contains("-Xint");
        assertThat(Lanes.obstacle(true, HOTSPOT, "mixed mode, emulated-client, sharing"))
                .contains("-XX:TieredStopAtLevel=1");
    }
}
