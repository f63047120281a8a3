package org.stegokernels.device.opencl;

import org.jocl.cl_mem;
import org.stegokernels.device.KernelTime;
import org.stegokernels.device.Precision;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code attention.cl} and {@code attention_matrix.cl}. */
final class Attention {
    private static final double LOG2_E = 1 / Math.log(2);

    private final OpenClContext context;
    private final Tuning tuning;
    private final boolean half;
    private final Workspace keys;
    private final Workspace values;

    Attention(OpenClContext context) {
        this.context = context;
        this.tuning = context.tuning();
        this.half = context.precision() == Precision.FP16;
        this.keys = new Workspace(context, "packed keys");
        this.values = new Workspace(context, "packed values");
    }

    /** Sizes of one call. */
    private record Sizes(int tokens, int heads, int allHeads, int depth) {
        float scale() {
            return (float) (LOG2_E / Math.sqrt(depth));
        }

        double flop() {
            return 4.0 * allHeads * tokens * tokens * depth;
        }
    }

    void run(Tensor qkv, int heads, Tensor out) {
        int depth = out.shape().dim(2) / heads;
        Sizes sizes = new Sizes(qkv.shape().dim(1), heads, qkv.shape().dim(0) * heads, depth);
        if (out.shape().size() == 0) {
            return;
        }
        if (half && tuning.matrix().there() && depth <= MatrixTiles.WIDEST_HEAD) {
            runMatrix(qkv, sizes, out);
        } else if (tuning.tiled()) {
            runTiled(qkv, sizes, out);
        } else {
            runPacked(qkv, sizes, out);
        }
    }

    private void runMatrix(Tensor qkv, Sizes sizes, Tensor out) {
        MatrixTiles tiles = tuning.matrix();
        int depth = MatrixTiles.paddedDepth(sizes.depth);
        int tokens = roundUp(sizes.tokens, tiles.keys(depth));
        String options = tiles.attentionOptions(tuning.rowOptions(), depth);
        int chunks = tokens * depth / MatrixTiles.CHUNK;
        cl_mem packedKeys = keys.words((long) sizes.allHeads * tokens * depth, Short.BYTES);
        cl_mem packedValues = values.words((long) sizes.allHeads * tokens * depth, Short.BYTES);
        pack("attention_matrix", "pack_keys", options, qkv, sizes, packedKeys).run(chunks, sizes.allHeads);
        pack("attention_matrix", "pack_values", options, qkv, sizes, packedValues)
                .run(chunks, sizes.allHeads);
        new KernelCall(context, "attention_matrix", "attention", options)
                .with(qkv)
                .with(packedKeys)
                .with(packedValues)
                .with(sizes.tokens)
                .with(sizes.heads)
                .with(sizes.depth)
                .with(sizes.scale())
                .with(out)
                .does(sizes.flop(), KernelTime.bytes(qkv, out))
                .runGroups(
                        (sizes.tokens + tiles.queries() - 1) / tiles.queries(), sizes.allHeads, tiles.queryItems(), 1);
    }

    private KernelCall pack(String file, String kernel, String options, Tensor qkv, Sizes sizes, cl_mem packed) {
        return new KernelCall(context, file, kernel, options)
                .with(qkv)
                .with(sizes.tokens)
                .with(sizes.heads)
                .with(sizes.depth)
                .with(packed)
                .does(0, 2.0 * sizes.allHeads * sizes.tokens * sizes.depth * Float.BYTES);
    }

    private static int roundUp(int count, int whole) {
        return (count + whole - 1) / whole * whole;
    }

    private void runPacked(Tensor qkv, Sizes sizes, Tensor out) {
        int rows = tuning.tileRows();
        String options = tuning.rowOptions() + " -DTILED=0 -DTILE_ROWS=" + rows + " -DQUERIES=" + tuning.queries();
        int tokens = roundUp(sizes.tokens, rows);
        int channels = roundUp(sizes.depth, rows);
        cl_mem packedKeys = keys.floats((long) sizes.allHeads * tokens * sizes.depth);
        cl_mem packedValues = values.floats((long) sizes.allHeads * channels * sizes.tokens);
        pack("attention", "pack_keys", options, qkv, sizes, packedKeys).run(tokens / rows, sizes.allHeads);
        pack("attention", "pack_values", options, qkv, sizes, packedValues).run(channels / rows, sizes.allHeads);
        int keysPerStep = keysPerStep(sizes.depth, channels);
        new KernelCall(context, "attention", "attention", options)
                .with(qkv)
                .with(packedKeys)
                .with(packedValues)
                .with(sizes.tokens)
                .with(sizes.heads)
                .with(sizes.depth)
                .with(keysPerStep)
                .with(sizes.scale())
                .local((sizes.depth + keysPerStep + channels + 2) * tuning.queries())
                .with(out)
                .does(sizes.flop(), KernelTime.bytes(qkv, out))
                .run((sizes.tokens + tuning.queries() - 1) / tuning.queries(), sizes.allHeads);
    }

    /** As tuned, or as many as local memory has room for. */
    private int keysPerStep(int depth, int channels) {
        long rows = context.limits().localMemory() / ((long) Float.BYTES * tuning.queries()) - depth - channels - 2;
        int most = (int) Math.min(rows, tuning.keysPerStep()) / tuning.tileRows() * tuning.tileRows();
        return Math.max(tuning.tileRows(), most);
    }

    private void runTiled(Tensor qkv, Sizes sizes, Tensor out) {
        int group = tuning.group();
        int depth = roundUp(sizes.depth, group);
        int itemQueries = tuning.itemQueries();
        int itemKeys = tuning.itemKeys();
        while (itemQueries + itemKeys > 2
                && localBytes(depth, itemQueries, itemKeys) > context.limits().localMemory()) {
            itemQueries = Math.max(1, itemQueries / 2);
            itemKeys = Math.max(1, itemKeys / 2);
        }
        int queries = group * itemQueries;
        new KernelCall(
                        context,
                        "attention",
                        "attention",
                        tuning.rowOptions() + " -DTILED=1 -DGROUP=" + group + " -DITEM_QUERIES=" + itemQueries
                                + " -DITEM_KEYS=" + itemKeys + " -DHEAD_DEPTH=" + depth)
                .with(qkv)
                .with(sizes.tokens)
                .with(sizes.heads)
                .with(sizes.depth)
                .with(sizes.scale())
                .with(out)
                .does(sizes.flop(), KernelTime.bytes(qkv, out))
                .runGroups((sizes.tokens + queries - 1) / queries, sizes.allHeads, group, group);
    }

    /** What the arrays of the kernel take. */
    private long localBytes(int depth, int itemQueries, int itemKeys) {
        long group = tuning.group();
        long queries = group * itemQueries;
        long keysInTile = group * itemKeys;
        long floats = depth * (queries + 1) + depth * (keysInTile + 1) + keysInTile * (queries + 1) + group * queries;
        return floats * Float.BYTES;
    }
}
