package org.stegokernels.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceProvider;
import org.stegokernels.device.Devices;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.text.JsonReader;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.verify.Verifier.Report;
import org.stegokernels.weights.Safetensors;

/**
 * The checks on random shapes, of hard values and of NaN as a folder of files, for who prefers these to a program that answers: requests, what the CPU
 * computes for them, and an index of the checks that they belong to ({@code kernels/port/README.md}).
 */
final class CaseFiles {
    static final String INDEX = "index.json";
    private static final String REQUEST = ".safetensors";
    private static final String EXPECTED = ".expected.safetensors";
    private static final String OUTPUT = ".out.safetensors";

    private CaseFiles() {}

    /**
     * Writes the requests of all checks on random shapes, of hard values and of NaN.
     *
     * @param folder new or empty
     * @throws IOException if it is not, or can't be written to
     */
    static Report export(Path folder, Verifier.Options options, Consumer<Report.Result> listener) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(folder)) {
            if (files.findAny().isPresent()) {
                throw new IOException(folder + " is not empty. Name a new folder, or empty it");
            }
        }
        Device cpu = Devices.choose("cpu").open(Device.Options.DEFAULT);
        Recording recording = new Recording(folder, new DeviceExchange(cpu));
        List<Map<String, Object>> index = new ArrayList<>();
        Report report = run(cpu.id(), recording, options, result -> {
            index.add(entry(result, recording.takeWritten()));
            listener.accept(result);
            return result;
        });
        byte[] json = JsonWriter.bytes(fields -> {
            fields.field("protocol", ExecProcess.PROTOCOL);
            fields.field("rounds", options.rounds());
            fields.field("seed", options.seed());
            fields.field("only", options.only());
            fields.field("checks", (Object) index);
        });
        AtomicFile.write(folder.resolve(INDEX), out -> out.write(json));
        return report;
    }

    private static Map<String, Object> entry(Report.Result result, List<String> files) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", result.name());
        entry.put("error", result.error());
        entry.put("tolerance", result.tolerance());
        entry.put("requests", files);
        return entry;
    }

    /**
     * Judges the outputs that were written beside the requests of an export.
     *
     * @param only as {@link Verifier.Options#only()}, beyond what the export was limited to
     * @throws IOException if the folder is none that was exported, or can't be read
     */
    static Report judge(Path folder, String only, Consumer<Report.Result> listener) throws IOException {
        Path index = folder.resolve(INDEX);
        if (!Files.isRegularFile(index)) {
            throw new IOException(folder + " has no " + INDEX + ": it is no folder that verify --export wrote");
        }
        Map<?, ?> fields = (Map<?, ?>) JsonReader.parse(ByteBuffer.wrap(Files.readAllBytes(index)));
        if (!ExecProcess.PROTOCOL.equals(fields.get("protocol"))) {
            throw new IOException(index + ": protocol " + fields.get("protocol") + ", this program writes "
                    + ExecProcess.PROTOCOL + ". Export it again");
        }
        Verifier.Options options = new Verifier.Options(
                null,
                ((Number) fields.get("rounds")).intValue(),
                ((Number) fields.get("seed")).longValue(),
                only.isEmpty() ? (String) fields.get("only") : only);
        Replaying replaying = new Replaying(folder);
        return run(folder.toString(), replaying, options, result -> {
            Report.Result named = replaying.named(result);
            listener.accept(named);
            return named;
        });
    }

    /** @param reported is given each result, and returns it as it is reported */
    private static Report run(
            String description,
            ExecDevice.Exchange exchange,
            Verifier.Options options,
            UnaryOperator<Report.Result> reported) {
        List<Report.Result> results = new ArrayList<>();
        try (Device device = new Devices.Choice(new FilesProvider(description, exchange), FilesProvider.INFO, "")
                .open(Device.Options.DEFAULT)) {
            Checks checks = new Checks(device, options.only(), false, result -> results.add(reported.apply(result)));
            RandomChecks.run(options.rounds(), options.seed(), checks);
            HardChecks.run(checks);
            NonFiniteChecks.run(checks);
            return new Report(device.id(), device.description(), options.seed(), results);
        }
    }

    /** Offers the one device whose operations are files. */
    private record FilesProvider(String description, ExecDevice.Exchange exchange) implements DeviceProvider {
        private static final Device.Info INFO = new Device.Info("files", "requests in files", 0);

        @Override
        public String name() {
            return INFO.id();
        }

        @Override
        public List<Device.Info> devices() {
            return List.of(INFO);
        }

        @Override
        public String absence() {
            return "";
        }

        @Override
        public Device open(Device.Info device, Device.Options options) {
            return new ExecDevice(device.id(), description, exchange);
        }
    }

    /** Writes each request it has not seen, and the answer of another exchange to it. */
    private static final class Recording implements ExecDevice.Exchange {
        private final Path folder;
        private final ExecDevice.Exchange exchange;
        private final Map<ByteBuffer, String> names = new HashMap<>();
        private final Map<String, Integer> counts = new HashMap<>();
        private List<String> written = new ArrayList<>();

        Recording(Path folder, ExecDevice.Exchange exchange) {
            this.folder = folder;
            this.exchange = exchange;
        }

        @Override
        public void compute(OperationCall call) {
            byte[] request = call.request();
            exchange.compute(call);
            String operation = call.operation().name();
            if (names.containsKey(ByteBuffer.wrap(request))) {
                return;
            }
            String name = String.format(Locale.ROOT, "%s/%03d", operation, counts.merge(operation, 1, Integer::sum));
            names.put(ByteBuffer.wrap(request), name);
            written.add(name + REQUEST);
            try {
                Files.createDirectories(folder.resolve(operation));
                AtomicFile.write(folder.resolve(name + REQUEST), out -> out.write(request));
                AtomicFile.write(folder.resolve(name + EXPECTED), out -> out.write(call.reply(Map.of())));
            } catch (IOException e) {
                throw new UncheckedIOException(e.getMessage(), e);
            }
        }

        /** Returns the requests written since the last call. */
        List<String> takeWritten() {
            List<String> all = written;
            written = new ArrayList<>();
            return all;
        }

        @Override
        public void close() {
            exchange.close();
        }
    }

    /** Answers requests with the outputs beside them. */
    private static final class Replaying implements ExecDevice.Exchange {
        private final Map<ByteBuffer, Path> requests = new HashMap<>();
        private final Path folder;
        private Path last;

        Replaying(Path folder) throws IOException {
            this.folder = folder;
            try (Stream<Path> files = Files.walk(folder, 2)) {
                for (Path file : files.filter(CaseFiles::isRequest).toList()) {
                    requests.put(ByteBuffer.wrap(Files.readAllBytes(file)), file);
                }
            }
        }

        @Override
        public void compute(OperationCall call) {
            last = requests.get(ByteBuffer.wrap(call.request()));
            if (last == null) {
                throw new IllegalStateException(call.operation().name()
                        + ": the folder lacks this request: it was exported by another version, or changed");
            }
            Path output = last.resolveSibling(last.getFileName().toString().replace(REQUEST, OUTPUT));
            if (!Files.exists(output)) {
                throw new UnsupportedOperationException(output + " is not there");
            }
            try (Safetensors reply = Safetensors.open(output)) {
                call.take(reply);
            }
        }

        /** Returns a result with the request that was answered last, unless it passed. */
        Report.Result named(Report.Result result) {
            if (last == null || result.status() == Report.Result.Status.PASS) {
                return result;
            }
            return new Report.Result(
                    result.name(),
                    result.device(),
                    result.status(),
                    result.error(),
                    result.tolerance(),
                    folder.relativize(last) + ": " + result.detail());
        }

        @Override
        public void close() {
            requests.clear();
        }
    }

    private static boolean isRequest(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(REQUEST) && !name.endsWith(EXPECTED) && !name.endsWith(OUTPUT);
    }
}
