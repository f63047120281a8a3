package org.stegokernels.bench.results;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One of our paths beside a peer's.
 *
 * @param path in words
 * @param ours name of the measurement
 * @param params of it
 * @param peer name, or its beginning
 * @param peerName in words
 * @param peerParams of it
 */
record Peer(
        String path,
        String ours,
        Map<String, String> params,
        String peer,
        String peerName,
        Map<String, String> peerParams) {
    private static final String VIT = "VisionTransformerBenchmark.forward";
    private static final String ORT = "OnnxRuntimeBenchmark.forward";

    /** Our path and the peer. */
    record Comparison(Peer peer, Measurement ours, Measurement theirs) {
        double speedup() {
            return theirs.median() / ours.median();
        }
    }

    static final Peer VIT_S8_224 = onnx("vit-s8", "224");
    static final Peer VIT_S8_320 = onnx("vit-s8", "320");
    static final Peer VIT_B8_320 = onnx("vit-b8", "320");
    static final Peer TOP_K = new Peer(
            "KNN, 50,000 x 384, k 30",
            "TopKBenchmark.topK",
            Map.of("device", "cpu", "images", "50000"),
            "peers.faiss",
            "FAISS",
            Map.of("images", "50000"));
    static final Peer K_MEANS = new Peer(
            "mini-batch k-means, 200,000 x 384, 27 clusters, 5 passes",
            "MiniBatchKMeansBenchmark.fit",
            Map.of("device", "cpu", "points", "200000", "metric", "EUCLIDEAN"),
            "peers.sklearn",
            "scikit-learn",
            Map.of("points", "200000"));
    static final Peer STEP_192 = step("192");
    static final Peer STEP_384 = step("384");
    static final Peer CRF_PHOTOGRAPH = crf("a photograph", "/");
    static final Peer CRF_NOISE = crf("a noisy image", "noise");

    /** Returns all, in the order of the table. */
    static List<Peer> all() {
        return List.of(
                VIT_S8_224,
                VIT_S8_320,
                VIT_B8_320,
                torch("224"),
                torch("320"),
                ejml("785x384x1536"),
                ejml("785x1536x384"),
                TOP_K,
                K_MEANS,
                CRF_PHOTOGRAPH,
                CRF_NOISE,
                STEP_192,
                STEP_384);
    }

    private static Map<String, String> vit(String model, String size) {
        return Map.of("device", "cpu", "model", model, "size", size, "batch", "1");
    }

    private static Peer onnx(String model, String size) {
        return new Peer(
                title(model, size),
                VIT,
                vit(model, size),
                ORT,
                "ONNX Runtime",
                Map.of("model", model, "onnx", "_" + size));
    }

    private static Peer torch(String size) {
        return new Peer(
                title("vit-s8", size),
                VIT,
                vit("vit-s8", size),
                "PyTorchBenchmark.forward",
                "PyTorch (DJL)",
                Map.of("model", "vit-s8", "size", size));
    }

    private static String title(String model, String size) {
        return model.replace("vit-s", "ViT-S/").replace("vit-b", "ViT-B/") + " " + size + ", batch 1";
    }

    private static Peer ejml(String shape) {
        return new Peer(
                "GEMM " + shape,
                "LinearBenchmark.linear",
                Map.of("device", "cpu", "shape", shape),
                "EjmlBenchmark.allThreads",
                "EJML",
                Map.of("shape", shape));
    }

    private static Peer step(String channels) {
        return new Peer(
                "training step, batch 16, 20x20, labels 320x320, width " + channels,
                "TrainingStepBenchmark.step",
                Map.of("device", "cpu", "channels", channels),
                "peers.torch",
                "PyTorch",
                Map.of("channels", channels));
    }

    private static Peer crf(String words, String image) {
        return new Peer(
                "dense CRF 320x320x27, 10 iterations, " + words,
                "DenseCrfBenchmark.denseCrf",
                Map.of("device", "cpu", "image", image),
                "peers.pydensecrf",
                "pydensecrf",
                Map.of("image", image));
    }

    Optional<Measurement> ours(Measurements measurements) {
        return measurements.find(ours, params);
    }

    /** Returns both, if both were measured. */
    Optional<Comparison> compare(Measurements measurements) {
        return ours(measurements)
                .flatMap(found ->
                        measurements.find(peer, peerParams).map(theirs -> new Comparison(this, found, theirs)));
    }
}
