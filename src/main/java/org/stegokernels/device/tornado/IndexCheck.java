package org.stegokernels.device.tornado;

/** Looks at indices before a kernel goes by them: launches of {@code Indices}. */
final class IndexCheck {
    private final TornadoContext context;
    private final Workspace first;

    IndexCheck(TornadoContext context) {
        this.context = context;
        this.first = Workspace.ints(context, "a number");
    }

    /** The first of {@code count} indices that is not in 0 to {@code bound - 1}; -1 if all are. */
    int firstBad(int indices, int count, int bound) {
        int found = first.take(1);
        context.call(Kernel.FIRST_OUTSIDE)
                .with(indices)
                .with(count)
                .with(bound)
                .with(found)
                .groups(1, 1);
        int bad = context.readInt(found);
        return bad < count ? bad : -1;
    }
}
