package org.stegokernels.device.tornado;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import uk.ac.manchester.tornado.api.DataRange;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The kernels over one pair of arrays, each a task graph of one task. The first graph takes the arrays to the device; all
 * others take them from whichever ran before. Graphs are made when they are first needed, which needs a new plan of all
 * graphs so far: a plan is a list, and what was compiled stays with its graph.
 */
final class Program implements AutoCloseable {
    private static final String TASK = "task";

    private final TornadoDevice device;
    private final boolean relaxed;
    private final FloatArray floats;
    private final IntArray ints;
    private final KernelContext context = new KernelContext();
    private final GridScheduler grids = new GridScheduler();
    private final List<ImmutableTaskGraph> graphs = new ArrayList<>();
    private final Map<Kernel, Entry> entries = new EnumMap<>(Kernel.class);
    private final Set<Kernel> compiled = EnumSet.noneOf(Kernel.class);
    private TornadoExecutionPlan plan;
    private TornadoExecutionResult last;

    /** The call of a kernel: its graph's number, what it reads its arguments from, and its items. */
    private record Entry(int graph, IntArray arguments, FloatArray numbers, WorkerGrid2D grid) {}

    /** @param relaxed whether the device's compiler may relax arithmetic */
    Program(TornadoDevice device, boolean relaxed, FloatArray floats, IntArray ints) {
        this.device = device;
        this.relaxed = relaxed;
        this.floats = floats;
        this.ints = ints;
        add(List.of(Kernel.OWN_MEMORY));
    }

    /** Kernels in use. */
    List<Kernel> kernels() {
        return List.copyOf(entries.keySet());
    }

    private boolean has(Kernel kernel) {
        return entries.containsKey(kernel);
    }

    /** Kernels that have run, so that they are compiled. */
    Set<Kernel> compiled() {
        return Set.copyOf(compiled);
    }

    /** Returns the bytes that TornadoVM says it holds on the device: the arrays are counted with each graph that uses them. */
    long reportedBytes() {
        return plan.getCurrentDeviceMemoryUsage();
    }

    /** Makes the graphs of kernels that are not there yet. */
    void add(List<Kernel> kernels) {
        int before = graphs.size();
        kernels.stream().filter(kernel -> !has(kernel)).forEach(this::makeGraph);
        plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
        plan.withGridScheduler(grids);
        for (int i = before; i < graphs.size(); i++) {
            Arithmetic.set(plan.withGraph(i).withDevice(device), device, relaxed);
        }
        // A graph takes the arrays from the one that this plan has run before: that must be one which has them.
        last = plan.withGraph(0).execute();
    }

    private void makeGraph(Kernel kernel) {
        IntArray arguments = new IntArray(Kernel.ARGUMENTS + kernel.roomForInts());
        FloatArray numbers = new FloatArray(Kernel.ARGUMENTS + kernel.roomForFloats());
        TaskGraph graph = new TaskGraph(kernel.id());
        if (kernel == Kernel.OWN_MEMORY) {
            graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, floats, ints);
        } else {
            graph.consumeFromDevice(floats, ints);
        }
        graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, arguments, numbers)
                .task(TASK, kernel.code(), context, arguments, numbers, floats, ints);
        if (kernel == Kernel.OWN_MEMORY) {
            graph.persistOnDevice(floats, ints);
        }
        WorkerGrid2D grid = new WorkerGrid2D(kernel.groupX(), kernel.groupY());
        grid.setLocalWork(kernel.groupX(), kernel.groupY(), 1);
        grids.addWorkerGrid(kernel.id() + "." + TASK, grid);
        entries.put(kernel, new Entry(graphs.size(), arguments, numbers, grid));
        graphs.add(graph.snapshot());
    }

    /**
     * Runs a kernel and waits for it.
     *
     * @param profiled whether its time is wanted
     * @return seconds on the device, 0 if not wanted
     */
    double run(TornadoLaunch call, boolean profiled) {
        Kernel kernel = call.kernel();
        if (!has(kernel)) {
            add(List.of(kernel));
        }
        Entry entry = entries.get(kernel);
        call.copyTo(entry.arguments, entry.numbers);
        entry.grid.setGlobalWork((long) call.groupsX() * kernel.groupX(), (long) call.groupsY() * kernel.groupY(), 1);
        TornadoExecutionPlan chosen = plan.withGraph(entry.graph);
        last = profiled
                ? chosen.withProfiler(ProfilerMode.SILENT).execute()
                : chosen.withoutProfiler().execute();
        compiled.add(kernel);
        return profiled ? last.getProfilerResult().getDeviceKernelTime() * 1e-9 : 0;
    }

    /** Copies a part of one of the arrays from the device to where it is on the host. */
    void fetch(TornadoNativeArray array, int start, int length) {
        if (length > 0) {
            last.transferToHost(new DataRange(array).withOffset(start).withSize(length));
        }
    }

    /** Frees the arrays, and the kernels' arguments. */
    @Override
    public void close() {
        for (int i = graphs.size() - 1; i >= 0; i--) {
            plan.withGraph(i).freeDeviceMemory();
        }
    }
}
