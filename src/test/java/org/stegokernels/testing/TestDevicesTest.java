package org.stegokernels.testing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A family of devices that is missing is skipped, unless the run requires it. */
class TestDevicesTest {
    private static final String REQUIRE = "stego.require";

    private String before;

    @BeforeEach
    void remember() {
        before = System.getProperty(REQUIRE, "");
    }

    @AfterEach
    void restore() {
        System.setProperty(REQUIRE, before);
    }

    @Test
    void absenceIsAFailureWhereTheFamilyIsRequired() {
        System.setProperty(REQUIRE, "cpu,opencl");
        assertThatThrownBy(() -> TestDevices.requireIfAskedFor("opencl", "no driver"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("opencl", "no driver");
        assertThatCode(() -> TestDevices.requireIfAskedFor("opencl", "")).doesNotThrowAnyException();
    }

    @Test
    void elseItIsSkipped() {
        System.setProperty(REQUIRE, "");
        assertThatCode(() -> TestDevices.requireIfAskedFor("opencl", "no driver"))
                .doesNotThrowAnyException();
    }
}
