package org.stegokernels.convert;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.Sha256;
import org.stegokernels.tensor.Shape;
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.HuggingFaceConfig;
import org.stegokernels.weights.ByteSource;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TensorIndex.TensorSource;
import org.stegokernels.weights.TypedTensor;
import org.stegokernels.weights.TypedTensor.DType;

/**
 * Makes this program's safetensors files from checkpoints of others: PyTorch's, zip or legacy, and safetensors, under
 * the names of DINO, DINOv2, DINOv3, DeiT, timm, Hugging Face and STEGO. Tensors are streamed one by one, so memory doesn't grow
 * with the file. Values are copied as they are unless another type is asked for; layer scale stays a tensor of its own,
 * which is folded into the weights when they are loaded.
 */
public final class CheckpointConverter {
    /** Names listed in the metadata for each reason to leave something out; of more, only how many. */
    private static final int LISTED = 4;

    private CheckpointConverter() {}

    /**
     * Converts a file. The new one appears whole or not at all.
     *
     * @param in a PyTorch checkpoint (zip or legacy), a safetensors file, or the {@code .index.json} of a sharded one
     * @param out the safetensors file to write
     * @throws ModelException if the file can't be read, is damaged or hostile, or holds no model that this program knows
     * @throws IOException if the new file can't be written; the message says why and what to do
     */
    public static Report convert(Path in, Path out, Options options) throws IOException {
        return convert(in, out, options, AtomicFile::write);
    }

    /**
     * As {@link #convert(Path, Path, Options)}.
     *
     * @param target writes the new file, whole or not at all
     */
    public static Report convert(Path in, Path out, Options options, AtomicFile.Target target) throws IOException {
        try (OpenedCheckpoint checkpoint = OpenedCheckpoint.open(in)) {
            ConversionPlan plan = ConversionPlan.of(checkpoint, options.heads(), HuggingFaceConfig.beside(in));
            InputNormalization normalization = InputNormalization.of(in);
            List<String> notes = new ArrayList<>(plan.notes());
            Map<String, TypedTensor> original = plan.tensors();
            if (!normalization.usual()) {
                original =
                        normalization.foldedInto(original, checkpoint.tensors().name());
                notes.add("its images were normalised by mean " + normalization.mean() + ", deviation "
                        + normalization.deviation() + ": the difference to ImageNet's went into the patch embedding");
            }
            Map<String, TypedTensor> tensors = converted(checkpoint.tensors().name(), original, options.type());
            long length = Files.size(in);
            long total = length
                    + tensors.values().stream().mapToLong(TypedTensor::bytes).sum();
            Counter counter = new Counter(options.progress(), total);
            String sha256 = sha256(in, counter);
            Map<String, String> metadata = new TreeMap<>(plan.metadata());
            metadata.put("source_file", in.getFileName().toString());
            metadata.put("source_sha256", sha256);
            metadata.put("source_format", checkpoint.format());
            if (!plan.dropped().isEmpty()) {
                metadata.put("source_dropped", text(plan.dropped()));
            }
            metadata.putAll(options.notes());
            target.write(out, stream -> SafetensorsWriter.writeTyped(counter.on(stream), tensors, metadata));
            return new Report(
                    in,
                    out,
                    checkpoint.format(),
                    plan.names(),
                    sha256,
                    plan.backbone(),
                    plan.stego(),
                    tensors.size(),
                    Files.size(out),
                    plan.dropped(),
                    notes);
        }
    }

    /** Converts a checkpoint that is open already, onto a stream and without provenance. */
    static void write(OpenedCheckpoint checkpoint, Options options, OutputStream out) throws IOException {
        ConversionPlan plan = ConversionPlan.of(checkpoint, options.heads(), Optional.empty());
        SafetensorsWriter.writeTyped(
                out, converted(checkpoint.tensors().name(), plan.tensors(), options.type()), plan.metadata());
    }

    /**
     * Lists what a file has, and digests of all values.
     *
     * @throws ModelException if the file can't be read, is damaged or hostile
     */
    public static Contents inspect(Path in, Options.Progress progress) {
        try (OpenedCheckpoint checkpoint = OpenedCheckpoint.open(in)) {
            TensorSource source = checkpoint.tensors();
            List<Contents.Item> items = new ArrayList<>();
            for (String name : source.names()) {
                items.add(item(source, name));
                progress.bytes(items.size(), source.names().size());
            }
            return new Contents(
                    checkpoint.format(),
                    source.metadata(),
                    checkpoint.settings().apply("hyper_parameters"),
                    items);
        }
    }

    private static Contents.Item item(TensorSource source, String name) {
        try {
            TypedTensor tensor = source.typed(name);
            return new Contents.Item(name, tensor.type(), tensor.shape(), sha256(tensor), null);
        } catch (ModelException e) {
            return new Contents.Item(name, null, null, null, e.getMessage());
        }
    }

    private static String sha256(Path file, Counter counter) {
        Sha256 digest = new Sha256();
        try (InputStream in = Files.newInputStream(file)) {
            in.transferTo(counter.on(digest));
        } catch (IOException e) {
            throw ByteSource.unreadable(file.toString(), null, e);
        }
        return digest.hex();
    }

    /** Returns the digest of a tensor's values, row-major and little endian. */
    private static String sha256(TypedTensor tensor) {
        Sha256 digest = new Sha256();
        try {
            tensor.content().write(digest);
        } catch (IOException e) {
            throw new IllegalStateException("a digest takes everything", e);
        }
        return digest.hex();
    }

    private static Map<String, TypedTensor> converted(
            String file, Map<String, TypedTensor> tensors, Optional<DType> type) {
        Map<String, TypedTensor> converted = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> converted.put(
                name,
                type.filter(wanted -> !name.endsWith(Architecture.PERIODS))
                        .map(wanted -> TypeConversion.convert(file, name, tensor, wanted))
                        .orElse(tensor)));
        return converted;
    }

    private static String text(List<Report.Dropped> dropped) {
        return dropped.stream()
                .map(group -> group.tensors().stream().limit(LISTED).collect(Collectors.joining(", "))
                        + (group.tensors().size() > LISTED
                                ? " and " + (group.tensors().size() - LISTED) + " more"
                                : "")
                        + ": " + group.reason())
                .collect(Collectors.joining("; "));
    }

    /** Counts what was read and written. */
    private static final class Counter {
        private final Options.Progress progress;
        private final long total;
        private long done;

        Counter(Options.Progress progress, long total) {
            this.progress = progress;
            this.total = total;
        }

        void add(long bytes) {
            done = Math.min(done + bytes, total);
            progress.bytes(done, total);
        }

        OutputStream on(OutputStream stream) {
            return new FilterOutputStream(stream) {
                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    out.write(bytes, offset, length);
                    add(length);
                }
            };
        }
    }

    /**
     * The contents of a file, without a judgement on what it is good for.
     *
     * @param format for people
     * @param metadata of a safetensors file
     * @param settings of a training: {@code hyper_parameters} of a Lightning checkpoint
     */
    public record Contents(
            String format, Map<String, String> metadata, Map<String, Object> settings, List<Item> items) {

        /**
         * One tensor.
         *
         * @param type null if it can't be read
         * @param shape null if it can't be read
         * @param sha256 of its values, row-major and little endian, in hexadecimal; null if it can't be read
         * @param problem why it can't be read; null if it can
         */
        public record Item(String name, DType type, Shape shape, String sha256, String problem) {}

        public Contents {
            items = List.copyOf(items);
        }
    }

    /**
     * The outcome of a conversion.
     *
     * @param source the file that was read
     * @param target the file that was written
     * @param format of the source, for people: {@code PyTorch zip}, {@code PyTorch legacy}, {@code safetensors}, ...
     * @param names whose names the tensors had, for people: {@code DINO}, {@code Hugging Face DINOv2}, {@code STEGO}, ...
     * @param sha256 of the source, in hexadecimal; of sharded files, of the index
     * @param backbone the transformer's measures
     * @param stego whether the new file is a STEGO model, else a vision transformer
     * @param written how many tensors the new file has
     * @param bytes length of the new file
     * @param dropped what was left out, and why
     * @param notes what else a person should know: what was joined, renamed or is unknown
     */
    public record Report(
            Path source,
            Path target,
            String format,
            String names,
            String sha256,
            Architecture backbone,
            boolean stego,
            int written,
            long bytes,
            List<Dropped> dropped,
            List<String> notes) {

        /**
         * Tensors that were left out.
         *
         * @param reason for people
         * @param tensors their names in the source
         */
        public record Dropped(String reason, List<String> tensors) {
            public Dropped {
                tensors = List.copyOf(tensors);
            }
        }

        public Report {
            dropped = List.copyOf(dropped);
            notes = List.copyOf(notes);
        }
    }

    /**
     * Settings of a conversion.
     *
     * @param type of all floating-point tensors in the new file: F32, F16 or BF16; empty keeps each as it is. Periods of
     *     rotations, of which there are few, are kept in any case: what they are off by turns all queries and keys
     * @param heads attention heads, whatever the file says; empty leaves them to the file and what stands beside it
     * @param notes further metadata of the new file, for instance {@code licence}
     * @param progress called with the bytes done and those of all
     */
    public record Options(Optional<DType> type, OptionalInt heads, Map<String, String> notes, Progress progress) {

        /** Keeps the types, adds nothing, reports nothing. */
        public static final Options DEFAULT =
                new Options(Optional.empty(), OptionalInt.empty(), Map.of(), (done, total) -> {});

        /** Called with the progress of a conversion. */
        @FunctionalInterface
        public interface Progress {
            /**
             * @param done bytes so far
             * @param total bytes to read, first for the digest and then for the tensors
             */
            void bytes(long done, long total);
        }

        public Options {
            if (type.isPresent()
                    && !Map.of(DType.F32, 0, DType.F16, 0, DType.BF16, 0).containsKey(type.get())) {
                throw new IllegalArgumentException("weights are F32, F16 or BF16, not " + type.get());
            }
            notes = Map.copyOf(notes);
        }

        public Options withType(DType wanted) {
            return new Options(Optional.of(wanted), heads, notes, progress);
        }

        public Options withHeads(int wanted) {
            return new Options(type, OptionalInt.of(wanted), notes, progress);
        }

        public Options withNotes(Map<String, String> wanted) {
            return new Options(type, heads, wanted, progress);
        }

        public Options withProgress(Progress wanted) {
            return new Options(type, heads, notes, wanted);
        }
    }
}
