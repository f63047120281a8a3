package org.stegokernels.device.opencl;

import static org.jocl.CL.CL_DEVICE_AVAILABLE;
import static org.jocl.CL.CL_DEVICE_COMPILER_AVAILABLE;
import static org.jocl.CL.CL_DEVICE_NAME;
import static org.jocl.CL.CL_DEVICE_TYPE;
import static org.jocl.CL.CL_DEVICE_TYPE_GPU;
import static org.jocl.CL.CL_DEVICE_VERSION;
import static org.jocl.CL.CL_PLATFORM_NAME;
import static org.jocl.CL.clGetDeviceIDs;
import static org.jocl.CL.clGetPlatformIDs;
import static org.jocl.CL.setExceptionsEnabled;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;

/** The OpenCL installation of this machine, examined once: its devices, or why there are none. */
final class OpenClRuntime {
    /** GPUs before the CPU kernels, which come before an OpenCL of the same processor. */
    static final int GPU_RANK = 200;

    static final int OTHER_RANK = 50;
    private static final String INSTALL = "Install a driver that speaks OpenCL: the GPU vendor's, or PoCL for the"
            + " processor (Debian: apt install pocl-opencl-icd ocl-icd-libopencl1)";

    /** CL_DEVICE_TYPE_ALL of the standard, 32 bits; JOCL's has 64, which rusticl refuses. */
    private static final long ANY_TYPE = 0xFFFFFFFFL;

    /** CL_PLATFORM_NOT_FOUND_KHR, of the extension that loaders of several drivers have. */
    private static final int PLATFORM_NOT_FOUND = -1001;

    /**
     * The platform of PoCL, which keeps what it compiled in files of its own. Asked for a binary, it would compile
     * every kernel once more, for work groups of any size.
     */
    private static final String POCL = "Portable Computing Language";

    private static OpenClRuntime instance;

    /**
     * A device before it is opened.
     *
     * @param keepsPrograms whether its platform keeps compiled programs for later runs
     */
    record Found(cl_platform_id platform, cl_device_id device, Device.Info info, boolean keepsPrograms) {}

    private final List<Found> found;
    private final String absence;

    private OpenClRuntime(List<Found> found, String absence) {
        this.found = found;
        this.absence = absence;
    }

    static synchronized OpenClRuntime get() {
        if (instance == null) {
            instance = load();
        }
        return instance;
    }

    /** Returns the devices, GPUs first; in each kind in the order of the runtime. */
    List<Found> found() {
        return found;
    }

    /**
     * @param id {@code opencl:0}, or {@code opencl} for the first
     * @throws DeviceException.NotFound if there is no such device; the message says why or what there is
     */
    Found find(String id) {
        return found.stream()
                .filter(device -> device.info.id().equals(id) || id.equals(OpenClDeviceProvider.NAME))
                .findFirst()
                .orElseThrow(() -> new DeviceException.NotFound("no device \"" + id + "\": "
                        + (found.isEmpty() ? absence : "there are " + found.size() + ", counted from 0")));
    }

    /** Returns the reason why there is no device, empty if there is one. */
    String absence() {
        return absence;
    }

    private static OpenClRuntime load() {
        try {
            NativeLibrary.load(() -> setExceptionsEnabled(true));
        } catch (IOException e) {
            return new OpenClRuntime(
                    List.of(),
                    "its library can't be loaded from anywhere safe: " + e.getMessage()
                            + ". Set XDG_CACHE_HOME to a folder that only you can write to");
        } catch (LinkageError e) {
            return new OpenClRuntime(List.of(), "no OpenCL library (libOpenCL) could be loaded. " + INSTALL);
        }
        try {
            List<Found> devices = new ArrayList<>();
            boolean pocl = false;
            for (cl_platform_id platform : platforms()) {
                devices.addAll(devices(platform));
                pocl |= Query.text(platform, CL_PLATFORM_NAME).startsWith(POCL);
            }
            if (devices.isEmpty()) {
                return new OpenClRuntime(
                        List.of(),
                        pocl
                                ? "PoCL is there, but offers no device, as where it can't write to its cache. Set POCL_CACHE_DIR to"
                                        + " a folder that only you can write to"
                                : "the OpenCL library is there, but no device. " + INSTALL);
            }
            return new OpenClRuntime(numbered(devices), "");
        } catch (CLException e) {
            return new OpenClRuntime(
                    List.of(),
                    "the OpenCL library fails with " + CL.stringFor_errorCode(e.getStatus()) + ". " + INSTALL);
        }
    }

    private static List<Found> numbered(List<Found> devices) {
        devices.sort(Comparator.comparingInt(device -> -device.info.rank()));
        List<Found> numbered = new ArrayList<>();
        for (Found device : devices) {
            Device.Info info = device.info;
            String id = OpenClDeviceProvider.NAME + ":" + numbered.size();
            numbered.add(new Found(
                    device.platform,
                    device.device,
                    new Device.Info(id, info.description(), info.rank()),
                    device.keepsPrograms));
        }
        return List.copyOf(numbered);
    }

    private static cl_platform_id[] platforms() {
        int[] count = new int[1];
        try {
            clGetPlatformIDs(0, null, count);
        } catch (CLException e) {
            if (e.getStatus() == PLATFORM_NOT_FOUND) {
                return new cl_platform_id[0];
            }
            throw e;
        }
        cl_platform_id[] platforms = new cl_platform_id[count[0]];
        if (platforms.length > 0) {
            clGetPlatformIDs(platforms.length, platforms, null);
        }
        return platforms;
    }

    private static List<Found> devices(cl_platform_id platform) {
        int[] count = new int[1];
        try {
            clGetDeviceIDs(platform, ANY_TYPE, 0, null, count);
        } catch (CLException e) {
            if (e.getStatus() == CL.CL_DEVICE_NOT_FOUND) {
                return List.of();
            }
            throw e;
        }
        cl_device_id[] ids = new cl_device_id[count[0]];
        clGetDeviceIDs(platform, ANY_TYPE, ids.length, ids, null);
        String platformName = Query.text(platform, CL_PLATFORM_NAME);
        List<Found> devices = new ArrayList<>();
        for (cl_device_id id : ids) {
            boolean usable = Query.number(id, CL_DEVICE_AVAILABLE) != 0
                    && Query.number(id, CL_DEVICE_COMPILER_AVAILABLE) != 0
                    && !Query.text(id, CL_DEVICE_VERSION).matches("OpenCL 1\\.[01].*");
            if (usable) {
                boolean gpu = (Query.number(id, CL_DEVICE_TYPE) & CL_DEVICE_TYPE_GPU) != 0;
                String description = Query.text(id, CL_DEVICE_NAME).strip() + " (" + platformName.strip() + ")";
                Device.Info info = new Device.Info("", description, gpu ? GPU_RANK : OTHER_RANK);
                devices.add(new Found(platform, id, info, platformName.startsWith(POCL)));
            }
        }
        return devices;
    }
}
