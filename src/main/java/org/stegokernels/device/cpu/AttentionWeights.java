package org.stegokernels.device.cpu;

/** Softmax of the scores of single queries, stored: for pictures and for checking, a row at a time. */
final class AttentionWeights {
    private final RowLanes lanes;
    private final Parallel parallel;
    private final Workspace workspace;

    AttentionWeights(RowLanes lanes, Parallel parallel, Workspace workspace) {
        this.lanes = lanes;
        this.parallel = parallel;
        this.workspace = workspace;
    }

    /** qkv is {@code [batch, tokens, 3 * heads * depth]}, out is {@code [batch, heads, queries, tokens]}. */
    void run(float[] qkv, int batch, int tokens, int heads, int depth, int queries, float[] out) {
        int stride = 3 * heads * depth;
        float scale = (float) (1 / Math.sqrt(depth));
        float[][] scratch = workspace.workers(tokens);
        parallel.forEach(batch * heads * queries, (row, worker) -> {
            int head = row / queries;
            int start = head / heads * tokens * stride + head % heads * depth;
            int query = start + row % queries * stride;
            int keys = start + heads * depth;
            for (int token = 0; token < tokens; token++) {
                float score = 0;
                for (int d = 0; d < depth; d++) {
                    score += qkv[query + d] * qkv[keys + token * stride + d];
                }
                out[row * tokens + token] = score;
            }
            lanes.softmax(out, row * tokens, 1, tokens, scale, scratch[worker], out);
        });
    }
}
