package org.stegokernels.device.opencl;

import static org.jocl.CL.CL_DEVICE_GLOBAL_MEM_SIZE;
import static org.jocl.CL.CL_DEVICE_LOCAL_MEM_SIZE;
import static org.jocl.CL.CL_DEVICE_MAX_COMPUTE_UNITS;
import static org.jocl.CL.CL_DEVICE_MAX_MEM_ALLOC_SIZE;
import static org.jocl.CL.CL_DEVICE_MAX_WORK_GROUP_SIZE;
import static org.jocl.CL.CL_DEVICE_NAME;
import static org.jocl.CL.CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT;
import static org.jocl.CL.CL_DEVICE_TYPE;
import static org.jocl.CL.CL_DEVICE_TYPE_GPU;
import static org.jocl.CL.CL_DEVICE_VENDOR;
import static org.jocl.CL.CL_DEVICE_VERSION;
import static org.jocl.CL.CL_DRIVER_VERSION;

import org.jocl.cl_device_id;

/**
 * What a device is and how much it has.
 *
 * @param identity name, vendor and versions of device and driver: what a compiled kernel depends on
 * @param memory bytes of global memory
 * @param largestBuffer bytes of the largest single buffer
 * @param localMemory bytes that a work group shares
 * @param vector floats in its native vector
 */
record Limits(
        String identity,
        boolean gpu,
        long memory,
        long largestBuffer,
        long localMemory,
        int workGroup,
        int computeUnits,
        int vector) {
    static Limits of(cl_device_id device) {
        String identity = String.join(
                "\n",
                Query.text(device, CL_DEVICE_NAME),
                Query.text(device, CL_DEVICE_VENDOR),
                Query.text(device, CL_DEVICE_VERSION),
                Query.text(device, CL_DRIVER_VERSION));
        return new Limits(
                identity,
                (Query.number(device, CL_DEVICE_TYPE) & CL_DEVICE_TYPE_GPU) != 0,
                Query.number(device, CL_DEVICE_GLOBAL_MEM_SIZE),
                Query.number(device, CL_DEVICE_MAX_MEM_ALLOC_SIZE),
                Query.number(device, CL_DEVICE_LOCAL_MEM_SIZE),
                (int) Query.number(device, CL_DEVICE_MAX_WORK_GROUP_SIZE),
                (int) Query.number(device, CL_DEVICE_MAX_COMPUTE_UNITS),
                (int) Query.number(device, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT));
    }
}
