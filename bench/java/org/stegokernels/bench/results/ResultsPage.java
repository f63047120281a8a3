package org.stegokernels.bench.results;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * {@code bench/RESULTS.md}: for each kind of machine a section with the aims, the peers and everything else, and notes
 * written by hand. A new page has the section of this kind anew, and keeps those of others as they are.
 */
final class ResultsPage {
    private static final String CPU = "cpu";
    private static final String SECTION = "## ";
    private static final String NOTES = SECTION + "Notes\n";

    private final Measurements measurements;

    ResultsPage(Measurements measurements) {
        this.measurements = measurements;
    }

    /**
     * A kind of machine and a day.
     *
     * @param name of the processor and how many there are: the title of the section
     * @param vectorBits of the processor's vectors
     * @param date when it was measured
     */
    record Host(String name, int vectorBits, String date) {}

    /**
     * Returns the page.
     *
     * @param before the page so far, or an empty text
     * @param notes what follows the tables: Markdown
     */
    String render(Host host, String before, String notes) {
        List<String> parts = new ArrayList<>();
        parts.add("# Results\n");
        parts.add("A section for each kind of machine, made by `bench/measure` from what it measured there, the newest"
                + " first; what stands below \"Notes\" is written by hand, in [notes.md](notes.md). Times are medians over"
                + " the iterations in which nobody else took the processor, shares are of peaks of the same seconds;"
                + " where a machine was busy all the time, all iterations count, and \\* stands after them. ± is half of the"
                + " range of the middle half of the iterations. The share of the roofline counts what the operation"
                + " asks for, additions and multiplications, and bytes in and out; of data that stay in the cache it may"
                + " be above 100%.\n");
        List<String> sections = new ArrayList<>(elsewhere());
        sections.add(0, section(host));
        List<String> written = sections.stream().map(ResultsPage::title).toList();
        sections(before).stream()
                .filter(kept -> !written.contains(title(kept)) && !kept.startsWith(NOTES))
                .forEach(sections::add);
        parts.addAll(sections);
        parts.add(NOTES);
        parts.add(notes);
        return String.join("\n", parts);
    }

    private static List<String> sections(String page) {
        int first = page.indexOf("\n" + SECTION);
        return first < 0 ? List.of() : List.of(page.substring(first + 1).split("(?<=\n)\n(?=" + SECTION + ")"));
    }

    private static String title(String section) {
        return section.substring(0, section.indexOf('\n'));
    }

    /** Returns the tables of the machine that this is. */
    private String section(Host host) {
        List<String> parts = new ArrayList<>();
        parts.add(SECTION + host.name() + "\n");
        parts.add("Vectors of " + host.vectorBits() + " bits, " + String.join(", ", measurements.jdks()) + ", "
                + host.date() + ". " + peaks() + "\n");
        parts.add("### Aims\n");
        parts.add(Markdown.table(
                Markdown.head("path", "aim", "measured", ""),
                Aim.all(host.vectorBits()).stream()
                        .map(aim -> aim.line(measurements))
                        .toList()));
        parts.add("### Peers\n");
        parts.add(Markdown.table(
                Markdown.head("path", "ours", "peer", "", "times as fast"),
                Peer.all().stream()
                        .flatMap(peer -> peer.compare(measurements).stream())
                        .map(ResultsPage::line)
                        .toList()));
        Set<String> others = devices(false);
        others.removeAll(List.of(CPU, "-"));
        for (String other : others) {
            parts.add("### Device " + other + "\n");
            parts.add(Markdown.table(
                    Markdown.head("benchmark", "", CPU, other, "times as fast"),
                    DevicePair.all(measurements, other).stream()
                            .map(ResultsPage::line)
                            .toList()));
        }
        parts.add("### All benchmarks\n");
        parts.add(lines(List.of(CPU, "-")));
        return String.join("\n", parts);
    }

    /** Returns a section for each device that was measured by {@code bench/gpu}. */
    private List<String> elsewhere() {
        return devices(true).stream()
                .map(device -> String.join(
                        "\n",
                        SECTION + device + "\n",
                        "Measured by `bench/gpu` on another machine.\n",
                        lines(List.of(device))))
                .toList();
    }

    private Set<String> devices(boolean elsewhere) {
        Set<String> devices = new TreeSet<>();
        measurements
                .all()
                .filter(each -> each.isFromElsewhere() == elsewhere)
                .map(Measurement::device)
                .forEach(devices::add);
        return devices;
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
