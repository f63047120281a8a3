package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceOptions;
import org.stegokernels.verify.CheckResult;
import org.stegokernels.verify.Verifier;
import org.stegokernels.verify.VerifyOptions;

/** Every way the kernels can be cut, on every OpenCL device: a CPU runs the GPU's shape too, only slowly. */
class ShapesTest {
    static Stream<Arguments> everyDeviceAndShape() {
        List<Arguments> cases = new ArrayList<>();
        for (OpenClRuntime.Found found : OpenClDevices.found()) {
            Limits limits = Limits.of(found.device());
            String id = found.info().id();
            cases.add(Arguments.of(Named.of(id + " vectors of 16", found), limits, Tuning.cpu(16), ""));
            cases.add(Arguments.of(Named.of(id + " vectors of 4", found), limits, Tuning.cpu(4), "random"));
            cases.add(Arguments.of(
                    Named.of(id + " tiles", found), limits, Tuning.gpu(limits, MatrixTiles.Units.NONE), ""));
        }
        return cases.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyDeviceAndShape")
    void passesVerify(OpenClRuntime.Found found, Limits limits, Tuning tuning, String only) {
        try (Device device = new OpenClDevice(found, limits, tuning, new DeviceOptions(0, true))) {
            List<CheckResult> failed = new ArrayList<>();
            Verifier.verify(device, VerifyOptions.DEFAULT.withRandom(2, 7).withOnly(only), result -> {
                if (result.status() == CheckResult.Status.FAIL) {
                    failed.add(result);
                }
            });
            assertThat(failed).isEmpty();
        }
    }
}
