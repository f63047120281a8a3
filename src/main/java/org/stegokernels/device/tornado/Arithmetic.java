package org.stegokernels.device.tornado;

import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** The freedom of the device's compiler with arithmetic: by TornadoVM's own choice, very much. */
final class Arithmetic {
    private Arithmetic() {}

    /** Sets the compiler flags of the graphs chosen. */
    static void set(TornadoExecutionPlan plan, TornadoDevice device, boolean relaxed) {
        TornadoVMBackendType backend = device.getTornadoVMBackend();
        String flags = switch (backend) {
            case OPENCL -> relaxed ? "-cl-mad-enable -cl-fast-relaxed-math -w" : "-w";
            case CUDA -> relaxed ? "--use_fast_math" : "";
            default -> null;
        };
        if (flags != null) {
            plan.withCompilerFlags(backend, flags);
        }
    }
}
