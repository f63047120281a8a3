package org.stegokernels.device.launch;

import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.tensor.Tensor;

/** Checks indices before a kernel uses them, and waits for the answer: launches of {@code indices}. */
final class IndexCheck {
    private final Launcher launcher;
    private final Workspace found;

    IndexCheck(Launcher launcher) {
        this.launcher = launcher;
        this.found = Workspace.ints(launcher, "a flag");
    }

    /**
     * Returns the first of {@code count} indices, counted from {@code from}, that is not in 0 to {@code bound - 1};
     * -1 if all are.
     */
    int firstBad(Tensor indices, int from, int count, int bound) {
        Memory first = found.take(1);
        launcher.fill(first, 1, count);
        launcher.launch("indices", "check_indices")
                .with(indices)
                .with(from)
                .with(count)
                .with(bound)
                .with(first)
                .overItems(count);
        int bad = launcher.readInt(first, 0);
        return bad < count ? bad : -1;
    }

    /** Returns one of the indices. */
    int value(Tensor indices, int at) {
        return launcher.readInt(launcher.memory(indices), at);
    }
}
