package org.stegokernels.device.opencl;

import org.jocl.Pointer;
import org.jocl.cl_mem;
import org.stegokernels.tensor.Tensor;

/** Looks at indices before a kernel goes by them, and waits for the answer: launches of {@code indices.cl}. */
final class IndexCheck {
    private final OpenClContext context;
    private final RowKernels rows;
    private final Workspace bad;

    IndexCheck(OpenClContext context, RowKernels rows) {
        this.context = context;
        this.rows = rows;
        this.bad = new Workspace(context, "a flag");
    }

    /** The first of {@code count} indices, counted from {@code from}, that is not in 0 to {@code bound - 1}; -1 if all are. */
    int firstBad(Tensor indices, int from, int count, int bound) {
        cl_mem flag = bad.ints(1);
        context.fill(flag, count, 0, 1);
        rows.call("indices", "check_indices")
                .with(indices)
                .with(from)
                .with(count)
                .with(bound)
                .with(flag)
                .run(count);
        int first = word(flag, 0);
        return first < count ? first : -1;
    }

    /** One of the indices. */
    int value(Tensor indices, int at) {
        return word(OpenClBuffer.memory(indices), at);
    }

    private int word(cl_mem memory, int at) {
        int[] word = new int[1];
        context.read(memory, (long) at * Integer.BYTES, Integer.BYTES, Pointer.to(word));
        return word[0];
    }
}
