package org.stegokernels.bench.results;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A path with what it should reach.
 *
 * @param path in words
 * @param goals all of which it should reach
 */
record Aim(String path, List<Goal> goals) {
    private static final String GEMM = "of GEMM";
    private static final String SEGMENT = "SegmentBenchmark.segment";
    private static final int WIDE = 512;

    /** The result in words, and whether it is enough. */
    record Reached(String text, boolean met) {}

    /** One thing to reach. */
    record Goal(String text, Judge judge) {}

    /** Compares a goal with the measurements; empty if there are none. */
    @FunctionalInterface
    interface Judge {
        Optional<Reached> of(Measurements measurements);
    }

    /**
     * Returns all, in the order of the table.
     *
     * @param vectorBits of the processor's vectors: with narrow ones the arithmetic of our peers is as good as ours
     */
    static List<Aim> all(int vectorBits) {
        boolean wide = vectorBits >= WIDE;
        return List.of(
                new Aim("ViT-S/8 224, batch 1", List.of(times(Peer.VIT_S8_224, wide ? 1.35 : 1))),
                new Aim("ViT-S/8 320, batch 1", List.of(times(Peer.VIT_S8_320, wide ? 1.35 : 1))),
                new Aim("ViT-B/8 320", List.of(times(Peer.VIT_B8_320, 1.25))),
                new Aim(
                        "attention alone, T = 1601, 6 heads of 64",
                        List.of(ofGemm(
                                "AttentionBenchmark.attention", Map.of("device", "cpu", "shape", "1601x6x64"), 65))),
                new Aim(
                        "dense CRF 320x320x27, 10 iterations, a photograph",
                        List.of(millis(Peer.CRF_PHOTOGRAPH, 110), times(Peer.CRF_PHOTOGRAPH, 5.5))),
                new Aim("same, noisy synthetic image", List.of(times(Peer.CRF_NOISE, 6))),
                new Aim("KNN 50,000 x 384, k 30", List.of(ofGemm(Peer.TOP_K, 75))),
                new Aim("mini-batch k-means 200,000 x 384, 27 clusters, 5 passes", List.of(times(Peer.K_MEANS, 2.5))),
                new Aim(
                        "training step on cached features, batch 16, 20x20, labels 320x320",
                        List.of(times(Peer.STEP_192, 10))),
                new Aim("OpenCL on PoCL", List.of(new Goal(">= 0.9 x the CPU device on each", Aim::openCl))),
                new Aim(
                        "`segment`, 100 photographs at 320, demo model, CRF, mirror",
                        List.of(
                                atLeast(segment("100"), "busy", 92, "both cores busy"),
                                atLeast(segment("100"), "computing", 90, "decoding and writing hidden: computing"))),
                new Aim(
                        "first result from the shell, demo model, one photograph",
                        List.of(
                                millis(SEGMENT, segment("1"), wide ? 1300 : 2500),
                                atMost(segment("1"), "resident", 300, "resident"))),
                new Aim(
                        "memory, ViT-S/8 320",
                        List.of(atMost(
                                Map.of("model", "vit-s8", "size", "320"),
                                "aboveWeights",
                                250,
                                "resident above weights"))));
    }

    private static Map<String, String> segment(String photographs) {
        return Map.of("model", "demo", "photographs", photographs, "device", "cpu");
    }

    static Goal ofGemm(Peer peer, double percent) {
        return ofGemm(peer.ours(), peer.params(), percent);
    }

    private static Goal ofGemm(String name, Map<String, String> params, double percent) {
        return new Goal(
                ">= " + Format.plain(percent) + "% " + GEMM,
                measurements -> measurements
                        .find(name, params)
                        .filter(found -> found.has("ofGemm"))
                        .map(found -> new Reached(
                                Format.number(found.median("ofGemm")) + "% " + GEMM + " (" + Format.time(found.median())
                                        + ")",
                                found.median("ofGemm") >= percent)));
    }

    static Goal times(Peer peer, double factor) {
        return new Goal(
                ">= " + Format.plain(factor) + " x " + peer.peerName(),
                measurements -> peer.compare(measurements)
                        .map(both -> new Reached(
                                Format.number(both.speedup()) + " x " + peer.peerName() + " ("
                                        + Format.time(both.theirs().median()) + ")",
                                both.speedup() >= factor)));
    }

    private static Goal millis(Peer peer, double most) {
        return millis(peer.ours(), peer.params(), most);
    }

    private static Goal millis(String name, Map<String, String> params, double most) {
        return new Goal(
                "<= " + Format.time(most),
                measurements -> measurements
                        .find(name, params)
                        .map(found -> new Reached(Format.time(found.median()), found.median() <= most)));
    }

    private static Goal atLeast(Map<String, String> params, String metric, double percent, String words) {
        return new Goal(
                words + " >= " + Format.plain(percent) + "%",
                measurements -> measurements
                        .find(SEGMENT, params)
                        .map(found -> new Reached(
                                words + " " + Format.number(found.median(metric)) + "%",
                                found.median(metric) >= percent)));
    }

    private static Goal atMost(Map<String, String> params, String metric, double megabytes, String words) {
        return new Goal(
                words + " <= " + Format.plain(megabytes) + " MB",
                measurements -> measurements
                        .find(SEGMENT, params)
                        .map(found -> new Reached(
                                words + " " + Format.number(found.median(metric)) + " MB",
                                found.median(metric) <= megabytes)));
    }

    private static Optional<Reached> openCl(Measurements measurements) {
        List<DevicePair> pairs = DevicePair.all(measurements, "opencl");
        List<DevicePair> slower =
                pairs.stream().filter(pair -> pair.speedup() < 0.9).toList();
        String text = pairs.size() - slower.size() + " of " + pairs.size() + " paths";
        return pairs.isEmpty() ? Optional.empty() : Optional.of(new Reached(text, slower.isEmpty()));
    }

    /** Returns the result of each goal that was measured. */
    List<Reached> reached(Measurements measurements) {
        return goals.stream()
                .flatMap(goal -> goal.judge().of(measurements).stream())
                .toList();
    }

    /** Returns a line of the table: path, aim, measured, met or missed. */
    String line(Measurements measurements) {
        List<Reached> reached = reached(measurements);
        boolean complete = reached.size() == goals.size();
        boolean met = reached.stream().allMatch(Reached::met);
        String verdict = !met ? "**missed**" : complete ? "met" : "not measured";
        return Markdown.row(
                path,
                String.join("; ", goals.stream().map(Goal::text).toList()),
                String.join("; ", reached.stream().map(Reached::text).toList()),
                verdict);
    }
}
