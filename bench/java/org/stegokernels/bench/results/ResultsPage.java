package org.stegokernels.bench.results;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** {@code bench/RESULTS.md}: the aims, the peers, everything else, and notes written by hand. */
final class ResultsPage {
    private static final String CPU = "cpu";

    private final Measurements measurements;

    ResultsPage(Measurements measurements) {
        this.measurements = measurements;
    }

    /**
     * Returns the page.
     *
     * @param machine in words
     * @param date when it was measured
     * @param notes what follows the tables: Markdown
     */
    String render(String machine, String date, String notes) {
        List<String> parts = new ArrayList<>();
        parts.add("# Results\n");
        parts.add("Made by `bench/measure` from what it measured; what stands below \"Notes\" is written by hand, in"
                + " [notes.md](notes.md).\n");
        parts.add(machine + ", " + String.join(", ", measurements.jdks()) + ", " + date + ". " + peaks()
                + " Times are medians over the iterations in which nobody else took the processor, shares are of"
                + " peaks of the same seconds; where a machine was busy all the time, all iterations count, and \\* stands"
                + " after them.\n");
        parts.add("## Aims\n");
        parts.add(Markdown.table(
                Markdown.head("path", "aim", "measured", ""),
                Aim.all().stream().map(aim -> aim.line(measurements)).toList()));
        parts.add("## Peers\n");
        parts.add(Markdown.table(
                Markdown.head("path", "ours", "peer", "", "times as fast"),
                Peer.all().stream()
                        .flatMap(peer -> peer.compare(measurements).stream())
                        .map(ResultsPage::line)
                        .toList()));
        TreeSet<String> others = new TreeSet<>();
        measurements
                .all()
                .filter(each -> !each.isFromElsewhere())
                .map(Measurement::device)
                .forEach(others::add);
        others.removeAll(List.of(CPU, "-"));
        for (String other : others) {
            parts.add("## Device " + other + "\n");
            parts.add(Markdown.table(
                    Markdown.head("benchmark", "", CPU, other, "times as fast"),
                    DevicePair.all(measurements, other).stream()
                            .map(ResultsPage::line)
                            .toList()));
        }
        parts.add("## All benchmarks\n");
        parts.add("± is half of the range of the middle half of the iterations. The share of the roofline counts what"
                + " the operation asks for, additions and multiplications, and bytes in and out; of data that stay in"
                + " the cache it may be above 100%.\n");
        parts.add(lines(List.of(CPU, "-")));
        TreeSet<String> elsewhere = new TreeSet<>();
        measurements
                .all()
                .filter(Measurement::isFromElsewhere)
                .map(Measurement::device)
                .forEach(elsewhere::add);
        for (String device : elsewhere) {
            parts.add("## " + device + "\n");
            parts.add("Measured by `bench/gpu` on another machine.\n");
            parts.add(lines(List.of(device)));
        }
        parts.add("## Notes\n");
        parts.add(notes);
        return String.join("\n", parts);
    }

    private String lines(List<String> devices) {
        return Markdown.table(
                Markdown.head("benchmark", "", "median", "±", "GFLOP/s", "GB/s", "of roofline", "of GEMM"),
                measurements
                        .all()
                        .filter(each -> devices.contains(each.device()))
                        .map(ResultsPage::line)
                        .toList());
    }

    private String peaks() {
        return String.format(
                "Peaks: fused multiply-adds %s GFLOP/s, matrix product %s GFLOP/s, memory %s GB/s (medians).",
                peak("peakFma"), peak("peakGemm"), peak("peakTriad"));
    }

    private String peak(String label) {
        double[] all = measurements
                .all()
                .filter(each -> each.has(label) && List.of(CPU, "-").contains(each.device()))
                .mapToDouble(each -> each.median(label))
                .sorted()
                .toArray();
        return all.length == 0 ? "?" : Format.number(all[all.length / 2]);
    }

    private static String line(Peer.Comparison both) {
        return Markdown.row(
                both.peer().path(),
                time(both.ours()),
                both.peer().peerName(),
                time(both.theirs()),
                Format.number(both.speedup()));
    }

    private static String line(DevicePair pair) {
        return Markdown.row(
                pair.cpu().name(),
                pair.cpu().paramsText(),
                time(pair.cpu()),
                time(pair.other()),
                Format.number(pair.speedup()));
    }

    private static String line(Measurement each) {
        return Markdown.row(
                each.name(),
                each.paramsText(),
                time(each),
                Format.percent(each.spread()),
                Format.metric(each, "rate", ""),
                Format.metric(each, "traffic", ""),
                Format.metric(each, "roofline", "%"),
                Format.metric(each, "ofGemm", "%"));
    }

    private static String time(Measurement each) {
        return Format.time(each.median()) + (each.isBusy() ? " \\*" : "");
    }
}
