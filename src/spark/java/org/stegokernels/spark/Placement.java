package org.stegokernels.spark;

import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.Devices;

/**
 * A rule by which each task finds its device.
 *
 * @param device as {@code --device} names it. {@code auto} is the GPU whose address Spark gave the task, by the resource
 *     {@code gpu}, and where it gave none, the CPU: several tasks that each took the best device of a machine would all take
 *     the same
 * @param threads of a CPU device; 0 for as many as the task has CPUs
 */
record Placement(String device, int threads, Precision precision) implements Serializable {
    static final Placement DEFAULT = new Placement("auto", 0, Precision.FP32);

    private static final String AUTO = "auto";
    private static final String CPU = "cpu";
    private static final String OPENCL = "opencl";
    private static final String GPU_RESOURCE = "gpu";

    /** One device on one machine. */
    record Site(String device, int threads, Precision precision) {
        /** @throws org.stegokernels.device.DeviceException if there is no such device, or it can't be opened */
        Device open() {
            return Devices.choose(device).open(new Device.Options(threads, false).withPrecision(precision));
        }
    }

    /** Returns the place of the task that this thread runs; outside of a task that of the driver. */
    Site here() {
        TaskContext task = TaskContext.get();
        int cpus = task == null ? 0 : task.cpus();
        return new Site(device(task), threads == 0 ? cpus : threads, precision);
    }

    private String device(TaskContext task) {
        ResourceInformation gpu = task == null ? null : task.resourcesJMap().get(GPU_RESOURCE);
        boolean addressed = gpu != null && gpu.addresses().length > 0;
        if (device.equals(AUTO)) {
            return addressed ? OPENCL + ":" + first(gpu) : CPU;
        }
        return device.equals(OPENCL) && addressed ? OPENCL + ":" + first(gpu) : device;
    }

    private static String first(ResourceInformation gpu) {
        return Arrays.stream(gpu.addresses()).findFirst().orElseThrow();
    }
}
