package org.stegokernels.device.opencl;

import java.util.Map;
import org.stegokernels.device.launch.OwnOperations;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code top_k.cl}. */
final class TopK implements OwnOperations.TopK {
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
                ? device.with(Map.of("columns", 4 * device.group(), "itemRows", 4, "itemColumns", 4, "depth", 16))
                : device.with(Map.of("rowsPerItem", QUERIES));
    }

    @Override
    public void run(Tensor queries, Tensor keys, Tensor similarities, Tensor indices) {
        int rows = queries.shape().dim(0);
        int depth = queries.shape().dim(1);
        int total = keys.shape().dim(0);
        int rowsPerItem = tuning.rowsPerItem(rows, depth, 1, context.limits().computeUnits());
        int blocks = (rows + rowsPerItem - 1) / rowsPerItem;
        for (int first = 0; first < total; first += KEYS) {
            int count = Math.min(KEYS, total - first);
            product.pack(
                    Product.Sizes.of(1, rows, count, depth),
                    new Product.Right(context.memory(keys), first * depth, 0, 1, depth));
            OpenClLaunch launch = new OpenClLaunch(context, "top_k", "top_k", tuning.tileOptions())
                    .with(queries)
                    .with(product.panels())
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
                launch.overGroups(1, blocks, tuning.group(), tuning.group());
            } else {
                launch.overItems(blocks);
            }
        }
    }
}
