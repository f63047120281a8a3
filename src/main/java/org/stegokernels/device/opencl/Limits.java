package org.stegokernels.device.opencl;

import static org.jocl.CL.CL_DEVICE_EXTENSIONS;
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
import static org.jocl.CL.CL_DEVICE_VENDOR_ID;
import static org.jocl.CL.CL_DEVICE_VERSION;
import static org.jocl.CL.CL_DRIVER_VERSION;

import java.util.List;
import org.jocl.cl_device_id;

/**
 * The kind of a device and its sizes.
 *
 * @param identity name, vendor and versions of device and driver: what a compiled kernel depends on
 * @param memory bytes of global memory
 * @param largestBuffer bytes of the largest single buffer
 * @param localMemory bytes that a work group shares
 * @param vector floats in its native vector
 * @param vendor who made it
 * @param matrixUnits which can be used
 */
record Limits(
        String identity,
        boolean gpu,
        long memory,
        long largestBuffer,
        long localMemory,
        int workGroup,
        int computeUnits,
        int vector,
        Vendor vendor,
        MatrixTiles.Units matrixUnits) {
    /** Makers of GPUs whose tiles differ, by the number that a device gives. */
    enum Vendor {
        NVIDIA(0x10de),
        AMD(0x1002),
        INTEL(0x8086),
        APPLE(0x1027f00),
        OTHER(0);

        private final int number;

        Vendor(int number) {
            this.number = number;
        }

        private static Vendor of(cl_device_id device) {
            long number = Query.number(device, CL_DEVICE_VENDOR_ID);
            for (Vendor vendor : values()) {
                if (vendor.number == number) {
                    return vendor;
                }
            }
            return OTHER;
        }
    }

    /** CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV, of the extension of this name. */
    private static final int COMPUTE_CAPABILITY_MAJOR = 0x4000;

    private static final String ATTRIBUTES = "cl_nv_device_attribute_query";
    /** MI100, MI200 and MI300: those whose units multiply 16 x 16 by 16 x 16 tiles of 16-bit floats at once. */
    private static final String CDNA = "gfx(908|90a|94\\d)(:.*)?";
    /** Ampere, the first whose units multiply 16 x 16 by 16 x 8 tiles at once. */
    private static final int FIRST_WITH_UNITS = 8;

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
                (int) Query.number(device, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT),
                Vendor.of(device),
                matrixUnits(device));
    }

    private static MatrixTiles.Units matrixUnits(cl_device_id device) {
        return switch (Vendor.of(device)) {
            case NVIDIA -> {
                boolean there = List.of(Query.text(device, CL_DEVICE_EXTENSIONS).split(" "))
                                .contains(ATTRIBUTES)
                        && Query.number(device, COMPUTE_CAPABILITY_MAJOR) >= FIRST_WITH_UNITS;
                yield there ? MatrixTiles.Units.NVIDIA : MatrixTiles.Units.NONE;
            }
            // The name is that of the architecture with its features: gfx90a:sramecc+:xnack-.
            case AMD ->
                Query.text(device, CL_DEVICE_NAME).matches(CDNA) ? MatrixTiles.Units.AMD : MatrixTiles.Units.NONE;
            default -> MatrixTiles.Units.NONE;
        };
    }
}
