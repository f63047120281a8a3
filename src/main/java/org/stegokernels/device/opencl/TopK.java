package org.stegokernels.device.opencl;

import java.util.Map;
import org.jocl.cl_mem;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code top_k.cl}. */
final class TopK {
    private static final int EMPTY = -1;
    /** Keys packed at a time. */
    private static final int KEYS = 8192;
    /** Queries of an item (not tiled): with one panel of keys they stay in the level-2 cache. */
    private static final int QUERIES = 64;

    private final OpenClContext context;
    private final Tuning tuning;
    private final Product product;

    TopK(OpenClContext context) {
        this.context = context;
        this.tuning = tuning(context.tuning());
        this.product = new Product(context, tuning);
    }

    /** Tiles whose products have room in local memory beside the operands. */
    private static Tuning tuning(Tuning device) {
        return device.tiled()
                ? device.with(Map.of("columns", 4 * device.group(), "itemRows", 4, "depth", 16))
                : device.with(Map.of("rowsPerItem", QUERIES));
    }

    void run(Tensor queries, Tensor keys, Tensor similarities, Tensor indices) {
        int rows = queries.shape().dim(0);
        int depth = queries.shape().dim(1);
        int total = keys.shape().dim(0);
        int size = similarities.shape().size();
        context.fill(OpenClBuffer.memory(similarities), Float.floatToRawIntBits(Float.NEGATIVE_INFINITY), 0, size);
        context.fill(OpenClBuffer.memory(indices), EMPTY, 0, size);
        int rowsPerItem = tuning.rowsPerItem(rows, depth, 1, context.limits().computeUnits());
        int blocks = (rows + rowsPerItem - 1) / rowsPerItem;
        for (int first = 0; first < total; first += KEYS) {
            int count = Math.min(KEYS, total - first);
            cl_mem panels = product.pack(
                    Product.Sizes.of(1, rows, count, depth),
                    new Product.Right(OpenClBuffer.memory(keys), first * depth, 0, 1, depth));
            KernelCall call = new KernelCall(context, "top_k", "top_k", tuning.tileOptions())
                    .with(queries)
                    .with(panels)
                    .with(rows)
                    .with(depth)
                    .with(count)
                    .with(first)
                    .with(rowsPerItem)
                    .with(similarities.shape().dim(1))
                    .with(similarities)
                    .with(indices)
                    .does(2.0 * rows * count * depth, ((double) rows + count) * depth * Float.BYTES);
            if (tuning.tiled()) {
                call.runGroups(1, blocks, tuning.group(), tuning.group());
            } else {
                call.run(blocks);
            }
        }
    }
}
