package org.stegokernels.verify;

import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.verify.Operation.Argument;

/**
 * The operations that a program can port, in the order of the catalogue: the one description from which requests, exported
 * cases and {@code verify --describe} are made.
 */
final class Operations {
    /** In it {@code D} is the sum of d + 1 over the lattices, {@code V} of their vertices times d + 1. */
    private static final List<Operation> ALL = List.of(
            Operation.of(
                    "linear",
                    "2 * R * K * N",
                    "x in [..., K]",
                    "weight in [N, K]",
                    "bias in [N] optional",
                    "activation word NONE|GELU|RELU",
                    "residual in [..., N] optional",
                    "out out [..., N] may be residual"),
            Operation.of(
                    "patchEmbed",
                    "2 * B * P * K * C",
                    "image in [B, 3, H, W]",
                    "weight in [C, K]",
                    "bias in [C] optional",
                    "patch integer",
                    "prefix in [Q, C]",
                    "positions in [P, C]",
                    "out out [B, T, C]"),
            Operation.of(
                    "bicubic",
                    "32 * B * H * W * C",
                    "x in [B, h, w, C]",
                    "scaleY number",
                    "scaleX number",
                    "out out [B, H, W, C]"),
            Operation.of(
                    "layerNorm",
                    "8 * E",
                    "x in [..., C]",
                    "gamma in [C]",
                    "beta in [C]",
                    "epsilon number",
                    "out out [..., C] may be x"),
            Operation.of("gelu", "5 * E", "x in [..., C]", "out out [..., C] may be x"),
            Operation.of("swiGlu", "5 * R * C", "x in [..., 2 C]", "out out [..., C]"),
            Operation.of("rope", "6 * B * P * C", "cos in [P, d]", "sin in [P, d]", "qkv inout [B, T, 3 C]"),
            Operation.of(
                    "attention",
                    "4 * B * T * T * C + 5 * B * heads * T * T",
                    "qkv in [B, T, 3 C]",
                    "heads integer",
                    "out out [B, T, C]"),
            Operation.of(
                    "attentionWeights",
                    "2 * B * Q * T * C + 5 * B * heads * Q * T",
                    "qkv in [B, T, 3 C]",
                    "heads integer",
                    "out out [B, heads, Q, T]"),
            Operation.of(
                    "slice", "0", "x in [B, T, C]", "firstRow integer", "firstChannel integer", "out out [B, P, D]"),
            Operation.of("normalize", "3 * E", "x in [..., C]", "epsilon number", "out out [..., C] may be x"),
            Operation.of("bilinear", "7 * B * H * W * C", "x in [B, h, w, C]", "out out [B, H, W, C]"),
            Operation.of("softmax", "5 * E", "x in [..., C]", "scale number", "out out [..., C] may be x"),
            Operation.of("logSoftmax", "5 * E", "x in [..., C]", "scale number", "out out [..., C] may be x"),
            Operation.of("argmax", "E", "x in [..., C]", "out out I32 [...]"),
            Operation.of("mirrorMean", "E", "x in [2, h, w, C]", "out out [h, w, C]"),
            Operation.of(
                    "clusterSums",
                    "E",
                    "points in [N, C]",
                    "labels in I32 [N]",
                    "sums inout [K, C]",
                    "counts inout I32 [K]"),
            Operation.of("buildLattice", "10 * N * D + 3 * V", "positions in [N, d]", "vertices out I32 [1]"),
            Operation.of(
                    "latticeFilter",
                    "4 * N * D * C + 3 * V * C",
                    "positions in [N, d]",
                    "x in [N, C]",
                    "out out [N, C]"),
            Operation.of(
                    "meanField",
                    "4 * iterations * N * D * C + 3 * iterations * V * C + 5 * iterations * E + 5 * E",
                    "logits in [N, C]",
                    "positions list [N, d]",
                    "weights in [L]",
                    "iterations integer",
                    "out out [N, C] may be logits"),
            Operation.of(
                    "linearGradient",
                    "4 * R * K * N + R * N",
                    "x in [..., K] optional",
                    "weight in [N, K]",
                    "gradOut in [..., N]",
                    "gradX out [..., K] optional",
                    "gradWeight out [N, K] optional",
                    "gradBias out [N] optional"),
            Operation.of("fill", "0", "out out [...]", "value number"),
            Operation.of("addScaled", "2 * E", "x in [...]", "factor number", "sum inout [...]"),
            Operation.of("reluGradient", "E", "y in [...]", "gradOut in [...]", "gradX out [...] may be gradOut"),
            Operation.of("scaleChannels", "E", "x in [B, ..., C]", "factors in [B, C]", "out out [B, ..., C] may be x"),
            Operation.of(
                    "normalizeGradient",
                    "8 * E",
                    "x in [..., C]",
                    "epsilon number",
                    "gradOut in [..., C]",
                    "gradX out [..., C] may be gradOut"),
            Operation.of(
                    "softmaxGradient",
                    "4 * E",
                    "y in [..., C]",
                    "scale number",
                    "gradOut in [..., C]",
                    "gradX out [..., C] may be gradOut"),
            Operation.of("bilinearGradient", "8 * B * H * W * C", "gradOut in [B, H, W, C]", "gradX out [B, h, w, C]"),
            Operation.of(
                    "gridSample",
                    "7 * N * S * T * C",
                    "x in [A, h, w, C]",
                    "images in I32 [N]",
                    "coords in [N, S, T, 2]",
                    "out out [N, S, T, C]"),
            Operation.of(
                    "gridSampleGradient",
                    "8 * N * S * T * C",
                    "gradOut in [N, S, T, C]",
                    "images in I32 [N]",
                    "coords in [N, S, T, 2]",
                    "gradX inout [A, h, w, C]"),
            Operation.of(
                    "correspondence",
                    "2 * B * P * P * C + 6 * B * P * P * D + 8 * B * P * P",
                    "features1 in [B, P, C]",
                    "features2 in [B, P, C]",
                    "code1 in [B, P, D]",
                    "code2 in [B, P, D]",
                    "pointwise flag",
                    "zeroClamp flag",
                    "stabilize flag",
                    "shift number",
                    "weight number",
                    "gradCode1 inout [B, P, D]",
                    "gradCode2 inout [B, P, D] may be gradCode1",
                    "loss out [1]"),
            Operation.of(
                    "crossEntropy",
                    "21 * B * H * W * N",
                    "logits in [B, h, w, N]",
                    "labels in I32 [B, H, W]",
                    "classWeights in [N] optional",
                    "weight number",
                    "gradLogits out [B, h, w, N]",
                    "loss out [1]"),
            Operation.of(
                    "assignmentLoss",
                    "10 * E",
                    "cosines in [..., N]",
                    "alpha number",
                    "weight number",
                    "gradCosines out [..., N]",
                    "loss out [1]"),
            Operation.of(
                    "agreementLoss",
                    "3 * E",
                    "a in [..., C]",
                    "b in [..., C]",
                    "weight number",
                    "gradA out [..., C]",
                    "loss out [1]"),
            Operation.of(
                    "crfLoss",
                    "3 * B * n * n * G + 4 * B * n * n * D + 14 * B * n * n",
                    "guidance in [B, h, w, G]",
                    "code in [B, h, w, D]",
                    "points in I32 [2, n]",
                    "alpha number",
                    "beta number",
                    "gamma number",
                    "w1 number",
                    "w2 number",
                    "shift number",
                    "weight number",
                    "gradCode out [B, h, w, D]",
                    "loss out [1]"),
            Operation.of(
                    "adam",
                    "14 * E",
                    "parameter inout [...]",
                    "gradient in [...]",
                    "mean inout [...]",
                    "square inout [...]",
                    "learningRate number",
                    "beta1 number",
                    "beta2 number",
                    "epsilon number",
                    "step integer"),
            Operation.of(
                    "topK",
                    "2 * M * N * C",
                    "queries in [M, C]",
                    "keys in [N, C]",
                    "similarities out [M, k]",
                    "indices out I32 [M, k]"),
            Operation.of(
                    "nearestCenters",
                    "2 * M * K * C + M * C",
                    "points in [N, C]",
                    "rows in I32 [M]",
                    "centers in [K, C]",
                    "labels out I32 [M]",
                    "sums out [K, C]",
                    "counts out I32 [K]"),
            Operation.of(
                    "runningMeans",
                    "4 * K * C",
                    "sums in [K, C]",
                    "counts in I32 [K]",
                    "totals inout I32 [K]",
                    "means inout [K, C]"));

    private static final Map<String, Operation> BY_NAME = new LinkedHashMap<>();

    static {
        ALL.forEach(operation -> BY_NAME.put(operation.name(), operation));
    }

    private Operations() {}

    static List<Operation> all() {
        return ALL;
    }

    /** @throws IllegalArgumentException if there is none of this name: the table lacks a line */
    static Operation named(String name) {
        Operation operation = BY_NAME.get(name);
        if (operation == null) {
            throw new IllegalArgumentException("no operation is described as \"" + name + "\"");
        }
        return operation;
    }

    /**
     * Writes the table for machines: {@code protocol}, and {@code operations}, each with {@code name}, {@code flop}, {@code
     * bytes} and {@code arguments}.
     */
    static void describe(OutputStream out) throws IOException {
        JsonWriter.print(out, json -> {
            json.field("protocol", ExecProcess.PROTOCOL);
            json.beginList("operations");
            for (Operation operation : ALL) {
                json.beginObject();
                json.field("name", operation.name());
                json.beginList("arguments");
                for (Argument argument : operation.arguments()) {
                    describe(json, argument);
                }
                json.endList();
                json.field("flop", operation.flop());
                json.field("bytes", operation.bytes());
                json.endObject();
            }
            json.endList();
        });
    }

    private static void describe(JsonWriter json, Argument argument) throws IOException {
        json.beginObject();
        json.field("name", argument.name());
        json.field("kind", argument.kind().name().toLowerCase(Locale.ROOT));
        if (argument.kind().isTensor()) {
            json.field("type", argument.type().name());
            json.field("shape", (Object) argument.shape());
            json.field("optional", argument.optional());
            if (!argument.mayBe().isEmpty()) {
                json.field("mayBe", argument.mayBe());
            }
        } else if (!argument.mayBe().isEmpty()) {
            json.field("values", (Object) List.of(argument.mayBe().split("\\|")));
        }
        json.endObject();
    }
}
