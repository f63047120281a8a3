package org.stegokernels.serve;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;

/** The figures of the server, as OpenMetrics 1.0 text, which Prometheus and others read. */
final class Metrics {
    static final String TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /** Upper bounds in seconds of the buckets of durations. */
    private static final double[] BOUNDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
    /** Stands for the path of requests that no route takes: paths of strangers must not become series. */
    private static final String NO_ROUTE = "other";

    private final Works works;
    private final Events events;
    private final double started = System.currentTimeMillis() / 1e3;
    /** By the labels of the series. */
    private final Map<String, Long> requests = new TreeMap<>();

    private final Map<String, Histogram> durations = new TreeMap<>();
    private final Map<Stage, Double> stages = new TreeMap<>();
    private long photographs;
    private boolean deviceLost;

    Metrics(Works works, Events events) {
        this.works = works;
        this.events = events;
    }

    private static final class Histogram {
        private final long[] counts = new long[BOUNDS.length + 1];
        private double sum;

        void add(double seconds) {
            int bucket = 0;
            while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
                bucket++;
            }
            counts[bucket]++;
            sum += seconds;
        }
    }

    /** Counts a request. Streams of events have no duration that says anything. */
    synchronized void answered(Exchange exchange, long nanos) {
        Routes.Route route = exchange.route();
        String path = route == null ? NO_ROUTE : route.path();
        String method = route == null ? NO_ROUTE : route.method();
        String place = "method=\"" + method + "\",path=\"" + path + "\"";
        // 0 where the client was gone before the answer.
        requests.merge(place + ",status=\"" + exchange.status() + "\"", 1L, Long::sum);
        if (!exchange.isStream()) {
            durations.computeIfAbsent(place, key -> new Histogram()).add(nanos / 1e9);
        }
    }

    /** Adds up the stages of one photograph. */
    synchronized void segmented(Map<Stage, Double> seconds) {
        photographs++;
        seconds.forEach((stage, time) -> stages.merge(stage, time, Double::sum));
    }

    /** Remembers that the device is gone: nothing will be computed any more. */
    synchronized void deviceLost() {
        deviceLost = true;
    }

    synchronized boolean isDeviceLost() {
        return deviceLost;
    }

    /** Answers with all figures. */
    void handle(Exchange exchange) throws IOException {
        exchange.bytes(200, TYPE, text().getBytes(StandardCharsets.UTF_8));
    }

    private synchronized String text() {
        Text text = new Text();
        text.family(
                "stego_http_requests", "counter", "", "Requests that were answered; status 0: the client was gone.");
        requests.forEach((labels, count) -> text.sample("stego_http_requests_total", labels, count));
        text.family(
                "stego_http_request_duration_seconds",
                "histogram",
                "seconds",
                "Time from the head of a request to the end of its answer.");
        durations.forEach(
                (labels, histogram) -> text.histogram("stego_http_request_duration_seconds", labels, histogram));
        text.family("stego_photographs", "counter", "", "Photographs that were segmented for requests.");
        text.sample("stego_photographs_total", "", photographs);
        text.family("stego_stage_seconds", "counter", "seconds", "Time spent on these photographs, by stage.");
        stages.forEach(
                (stage, time) -> text.sample("stego_stage_seconds_total", "stage=\"" + stage.label() + "\"", time));
        text.family("stego_queue_photographs", "gauge", "", "Photographs of requests that are worked on or waiting.");
        text.sample("stego_queue_photographs", "", works.inFlight());
        text.family("stego_event_streams", "gauge", "", "Pages that are told of events.");
        text.sample("stego_event_streams", "", events.streams());
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        text.family("stego_heap_used_bytes", "gauge", "bytes", "Memory of Java's heap in use, garbage included.");
        text.sample("stego_heap_used_bytes", "", heap.getUsed());
        text.family("stego_heap_limit_bytes", "gauge", "bytes", "The most that Java's heap may grow to.");
        text.sample("stego_heap_limit_bytes", "", heap.getMax());
        text.family("stego_threads", "gauge", "", "Threads of the program.");
        text.sample("stego_threads", "", ManagementFactory.getThreadMXBean().getThreadCount());
        text.family(
                "process_start_time_seconds", "gauge", "seconds", "When the server started, in seconds since 1970.");
        text.sample("process_start_time_seconds", "", started);
        return text.end();
    }

    /** The text, line by line. Labels are paths of routes and names of stages, which need no escapes. */
    private static final class Text {
        private final StringBuilder lines = new StringBuilder();

        void family(String name, String type, String unit, String help) {
            lines.append("# TYPE ").append(name).append(' ').append(type).append('\n');
            if (!unit.isEmpty()) {
                lines.append("# UNIT ").append(name).append(' ').append(unit).append('\n');
            }
            lines.append("# HELP ").append(name).append(' ').append(help).append('\n');
        }

        void sample(String name, String labels, Object value) {
            lines.append(name);
            if (!labels.isEmpty()) {
                lines.append('{').append(labels).append('}');
            }
            lines.append(' ').append(value).append('\n');
        }

        void histogram(String name, String labels, Histogram histogram) {
            long below = 0;
            for (int bucket = 0; bucket <= BOUNDS.length; bucket++) {
                below += histogram.counts[bucket];
                String bound = bucket == BOUNDS.length ? "+Inf" : String.valueOf(BOUNDS[bucket]);
                sample(name + "_bucket", labels + ",le=\"" + bound + "\"", below);
            }
            sample(name + "_count", labels, below);
            sample(name + "_sum", labels, histogram.sum);
        }

        String end() {
            return lines.append("# EOF\n").toString();
        }
    }
}
