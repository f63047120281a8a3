package org.stegokernels.device.opencl;

import static org.jocl.CL.CL_PROFILING_COMMAND_END;
import static org.jocl.CL.CL_PROFILING_COMMAND_START;
import static org.jocl.CL.clGetEventProfilingInfo;
import static org.jocl.CL.clReleaseEvent;
import static org.jocl.CL.clWaitForEvents;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_event;
import org.stegokernels.device.Device.KernelTime;

/** Adds up the time between the start and the end of kernels, as the device's events have it. */
final class Profiler {
    /** Events held before they are waited for and read. */
    private static final int PENDING = 1024;

    private record Pending(cl_event event, KernelTime work) {}

    private final List<Pending> pending = new ArrayList<>();
    private final Map<String, KernelTime> times = new LinkedHashMap<>();

    /** @param work of one launch, whose time the event knows */
    void add(cl_event event, KernelTime work) {
        pending.add(new Pending(event, work));
        if (pending.size() == PENDING) {
            collect();
        }
    }

    /** Returns the times, longest first. Waits for what is enqueued. */
    List<KernelTime> times() {
        collect();
        return times.values().stream()
                .sorted(Comparator.comparingDouble(KernelTime::seconds).reversed())
                .toList();
    }

    private void collect() {
        for (Pending one : pending) {
            clWaitForEvents(1, new cl_event[] {one.event});
            double seconds =
                    (time(one.event, CL_PROFILING_COMMAND_END) - time(one.event, CL_PROFILING_COMMAND_START)) * 1e-9;
            KernelTime time = new KernelTime(one.work.kernel(), 0, seconds, 0, 0, 0).plus(one.work);
            times.merge(time.kernel(), time, KernelTime::plus);
            clReleaseEvent(one.event);
        }
        pending.clear();
    }

    private static long time(cl_event event, int property) {
        long[] nanoseconds = new long[1];
        clGetEventProfilingInfo(event, property, Sizeof.cl_long, Pointer.to(nanoseconds), null);
        return nanoseconds[0];
    }

    /** Releases the events that were not read. */
    void close() {
        pending.forEach(one -> clReleaseEvent(one.event));
        pending.clear();
    }
}
