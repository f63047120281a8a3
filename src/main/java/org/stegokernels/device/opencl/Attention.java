package org.stegokernels.device.opencl;

import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.launch.Launcher.Memory;
import org.stegokernels.device.launch.Launcher.Workspace;
import org.stegokernels.device.launch.OwnOperations;
import org.stegokernels.tensor.Tensor;

/** Launches of {@code attention.cl} and {@code attention_matrix.cl}. */
final class Attention implements OwnOperations.Attention {
    private static final double LOG2_E = 1 / Math.log(2);

    private final OpenClContext context;
    private final Tuning tuning;
    private final Precision precision;
    private final Workspace keys;
    private final Workspace values;

    Attention(OpenClContext context) {
        this.context = context;
        this.tuning = context.tuning();
        this.precision = context.precision();
        this.keys = Workspace.floats(context, "packed keys");
        this.values = Workspace.floats(context, "packed values");
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

    @Override
    public void run(Tensor qkv, int heads, Tensor out) {
        int depth = out.shape().dim(2) / heads;
        Sizes sizes = new Sizes(qkv.shape().dim(1), heads, qkv.shape().dim(0) * heads, depth);
        if (out.shape().size() == 0) {
            return;
        }
        if (tuning.matrix().attends(precision, depth)) {
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
        int tokens = roundUp(sizes.tokens, tiles.keys(precision, depth));
        String options = tiles.attentionOptions(tuning.rowOptions(), precision, depth);
        long bytes = (long) tokens * depth * MatrixTiles.bytes(precision);
        long chunks = bytes / MatrixTiles.CHUNK_BYTES;
        int queries = tiles.queries(depth);
        int width = MatrixTiles.bytes(precision);
        Memory packedKeys = keys.take(sizes.allHeads * bytes / Float.BYTES);
        Memory packedValues = values.take(sizes.allHeads * bytes / Float.BYTES);
        pack("attention_matrix", "pack_keys", options, qkv, sizes, packedKeys, width)
                .overItems(chunks, sizes.allHeads);
        pack("attention_matrix", "pack_values", options, qkv, sizes, packedValues, width)
                .overItems(chunks, sizes.allHeads);
        String kernel = precision == Precision.TF32 ? "attention_tf32" : "attention_matrix";
        new OpenClLaunch(context, "attention_matrix", kernel, options)
                .with(qkv)
                .with(packedKeys)
                .with(packedValues)
                .with(sizes.tokens)
                .with(sizes.heads)
                .with(sizes.depth)
                .with(sizes.scale())
                .with(out)
                .does(sizes.flop(), KernelTime.bytes(qkv, out))
                .overGroups((sizes.tokens + queries - 1) / queries, sizes.allHeads, tiles.queryItems(), 1);
    }

    /** @param width bytes of a packed value */
    private OpenClLaunch pack(
            String file, String kernel, String options, Tensor qkv, Sizes sizes, Memory packed, int width) {
        return new OpenClLaunch(context, file, kernel, options)
                .with(qkv)
                .with(sizes.tokens)
                .with(sizes.heads)
                .with(sizes.depth)
                .with(packed)
                .doesByRow((double) sizes.allHeads
                        * sizes.tokens
                        * sizes.depth
                        * (qkv.type().bytes() + width));
    }

    private OpenClLaunch pack(String kernel, String options, Tensor qkv, Sizes sizes, Memory packed) {
        return pack("attention", kernel, options, qkv, sizes, packed, Float.BYTES);
    }

    private static int roundUp(int count, int whole) {
        return (count + whole - 1) / whole * whole;
    }

    private void runPacked(Tensor qkv, Sizes sizes, Tensor out) {
        int rows = tuning.tileRows();
        String options = tuning.rowOptions() + " -DTILED=0 -DTILE_ROWS=" + rows + " -DQUERIES=" + tuning.queries();
        int tokens = roundUp(sizes.tokens, rows);
        int channels = roundUp(sizes.depth, rows);
        Memory packedKeys = keys.take((long) sizes.allHeads * tokens * sizes.depth);
        Memory packedValues = values.take((long) sizes.allHeads * channels * sizes.tokens);
        pack("pack_keys", options, qkv, sizes, packedKeys).overItems(tokens / rows, sizes.allHeads);
        pack("pack_values", options, qkv, sizes, packedValues).overItems(channels / rows, sizes.allHeads);
        int keysPerStep = keysPerStep(sizes.depth, channels);
        new OpenClLaunch(context, "attention", "attention", options)
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
                .overItems((sizes.tokens + tuning.queries() - 1) / tuning.queries(), sizes.allHeads);
    }

    /** As tuned, or as many as local memory has room for. */
    private int keysPerStep(int depth, int channels) {
        long rows = context.limits().localMemory() / ((long) Float.BYTES * tuning.queries()) - depth - channels - 2;
        int most = (int) Math.min(rows, tuning.keysPerStep()) / tuning.tileRows() * tuning.tileRows();
        return Math.max(tuning.tileRows(), most);
    }

    private void runTiled(Tensor qkv, Sizes sizes, Tensor out) {
        AttentionTiles tiles = AttentionTiles.of(tuning, sizes.depth, context.limits());
        int tokens = roundUp(sizes.tokens, tiles.keys());
        String options = tuning.rowOptions() + tiles.options();
        Memory packedKeys = keys.take((long) sizes.allHeads * tokens * tiles.depth());
        Memory packedValues = values.take((long) sizes.allHeads * tokens * tiles.depth());
        pack("pack_keys", options, qkv, sizes, packedKeys).overItems((long) tokens * tiles.depth() / 4, sizes.allHeads);
        pack("pack_values", options, qkv, sizes, packedValues).overItems((long) tokens * tiles.depth(), sizes.allHeads);
        int groups = (sizes.tokens + tiles.queries() - 1) / tiles.queries();
        new OpenClLaunch(context, "attention", "attention", options)
                .with(qkv)
                .with(packedKeys)
                .with(packedValues)
                .with(sizes.tokens)
                .with(sizes.heads)
                .with(sizes.depth)
                .with(sizes.scale())
                .with(out)
                .does(sizes.flop(), KernelTime.bytes(qkv, out))
                .overGroups(groups, sizes.allHeads, tiles.items(), 1);
    }
}
