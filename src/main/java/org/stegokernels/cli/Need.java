package org.stegokernels.cli;

import java.util.List;

/**
 * The need of a command, asked by its name before its line is parsed; each of {@link CliCommand#all} stands here once.
 * The first of two processes loads this class, so it refers to no other.
 */
enum Need {
    /** Neither kernels nor devices. */
    NOTHING(
            ExportCommand.NAME,
            ModelsCommand.NAME,
            ConvertCommand.NAME,
            CropCommand.NAME,
            CacheCommand.NAME,
            CompletionCommand.NAME,
            HelpCommand.NAME),
    /** Kernels, and with them the vector module, but late, or not those of the CPU. */
    KERNELS(TrainCommand.NAME, TuneShiftsCommand.NAME, DescribeCommand.NAME, VerifyCommand.NAME, TuneCommand.NAME),
    /** Kernels so soon that it pays to have them compiled while the line is parsed and the model loaded. */
    WARM_KERNELS(
            SegmentCommand.NAME,
            ServeCommand.NAME,
            FeaturesCommand.NAME,
            KnnCommand.NAME,
            ClusterCommand.NAME,
            TeachCommand.NAME,
            EvalCommand.NAME),
    /** All devices, to list them. */
    ALL_DEVICES(InfoCommand.NAME);

    private final List<String> commands;

    Need(String... commands) {
        this.commands = List.of(commands);
    }

    /** Returns the need of a command; of an unknown one that of most. */
    static Need of(String command) {
        for (Need need : values()) {
            if (need.commands.contains(command)) {
                return need;
            }
        }
        return KERNELS;
    }

    List<String> commands() {
        return commands;
    }
}
