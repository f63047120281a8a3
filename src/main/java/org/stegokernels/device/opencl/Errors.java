package org.stegokernels.device.opencl;

import static org.jocl.CL.CL_INVALID_WORK_GROUP_SIZE;
import static org.jocl.CL.CL_INVALID_WORK_ITEM_SIZE;
import static org.jocl.CL.CL_MEM_OBJECT_ALLOCATION_FAILURE;
import static org.jocl.CL.CL_OUT_OF_HOST_MEMORY;
import static org.jocl.CL.CL_OUT_OF_RESOURCES;

import org.jocl.CL;
import org.jocl.CLException;
import org.stegokernels.device.DeviceException;

/** Explains OpenCL errors to the device's user. */
final class Errors {
    private Errors() {}

    /**
     * @param what was being done
     * @param allocated bytes in use, of {@code memory} that there are
     */
    static DeviceException of(String device, String what, CLException error, long allocated, long memory) {
        String code = CL.stringFor_errorCode(error.getStatus());
        String where = "device " + device + " failed at " + what + " with " + code;
        return switch (error.getStatus()) {
            case CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_OUT_OF_HOST_MEMORY, CL_OUT_OF_RESOURCES ->
                new DeviceException.OutOfMemory(
                        where + ": out of memory, " + (allocated >> 20) + " of " + (memory >> 20)
                                + " MiB were taken by this program. Use a smaller --size, end other programs on this"
                                + " device, or use --device cpu",
                        error);
            case CL_INVALID_WORK_GROUP_SIZE, CL_INVALID_WORK_ITEM_SIZE ->
                new DeviceException.KernelBuild(
                        where
                                + ": the kernel does not fit the device in groups of this size. Let 'tune' look for others,"
                                + " or use --device cpu",
                        error);
            default ->
                new DeviceException.Lost(
                        where + ". The device can't be used any more by this run; start again, and if it happens again"
                                + " look for a newer driver or use --device cpu",
                        error);
        };
    }
}
