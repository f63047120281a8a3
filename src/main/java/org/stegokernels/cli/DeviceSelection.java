package org.stegokernels.cli;

import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.Devices;
import org.stegokernels.stego.Segmenter;
import picocli.CommandLine.Option;

/** The options that say where to compute. */
final class DeviceSelection {
    private static final System.Logger LOG = System.getLogger(DeviceSelection.class.getName());
    private static final int MAX_THREADS = 1024;
    /** The one that runs in this virtual machine and needs its vector module. */
    private static final String VECTOR_DEVICE = "cpu";

    /** Begins the name of a program, as verify knows it; here, to spare others the loading of its classes. */
    private static final String PROGRAM = "exec:";

    @Option(
            names = "--device",
            paramLabel = "NAME",
            order = 20,
            defaultValue = "auto",
            description =
                    "Where to compute: auto, cpu, opencl, tornado, or a name that 'info' lists. Default: ${DEFAULT-VALUE}.")
    private String name;

    @Option(
            names = "--threads",
            paramLabel = "N",
            order = 21,
            description = "Threads of the cpu device. Default: one for each processor, and no more.")
    private Integer threads;

    @Option(
            names = "--precision",
            paramLabel = "P",
            order = 22,
            defaultValue = "fp32",
            description =
                    "fp32; fp16 or tf32 in linear layers and attention, on an opencl device; or fast, arithmetic as relaxed as its"
                            + " compiler likes, on a tornado device. Default: ${DEFAULT-VALUE}.")
    private Precision precision;

    /**
     * @throws UsageException if the options can't be right
     * @throws org.stegokernels.device.DeviceException if there is no such device
     */
    Devices.Choice choose() {
        if (name.startsWith(PROGRAM)) {
            throw new UsageException("--device " + name + ": a program computes for verify alone");
        }
        if (threads != null && (threads < 1 || threads > MAX_THREADS)) {
            throw new UsageException("--threads must be between 1 and " + MAX_THREADS + ", not " + threads);
        }
        int processors = Runtime.getRuntime().availableProcessors();
        if (threads != null && threads > processors) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "--threads " + threads + " on " + processors + " processors would be slower: it takes "
                            + processors);
            threads = processors;
        }
        return Devices.choose(name);
    }

    /** Returns the name as it was given. */
    String name() {
        return name;
    }

    /** Returns the number of threads; 0 means one per processor. */
    int threads() {
        return threads == null ? 0 : threads;
    }

    /** Returns what the options say, without guards. */
    Device.Options options() {
        return new Device.Options(threads(), false).withPrecision(precision);
    }

    /** As {@link #options}, with guards. */
    Device.Options guarded() {
        return new Device.Options(threads(), true).withPrecision(precision);
    }

    Device open(Devices.Choice choice, boolean profile) {
        return choice.open(options().withProfile(profile));
    }

    /** Has the kernels of the CPU device compiled in the background. Harmless if it is still at it at the end. */
    static void warmUp() {
        Thread thread = new Thread(
                () -> {
                    Devices.Choice choice = Devices.choose(VECTOR_DEVICE);
                    try (Device device = choice.open(new Device.Options(1, false))) {
                        Segmenter.warmUp(device);
                    }
                },
                "warm-up");
        thread.setDaemon(true);
        thread.start();
    }
}
