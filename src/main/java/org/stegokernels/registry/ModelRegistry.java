package org.stegokernels.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.deser.std.StdDelegatingDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.util.StdConverter;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.stegokernels.convert.CheckpointConverter;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.ExitHooks;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.RegularFile.TextFile;
import org.stegokernels.io.Sha256;
import org.stegokernels.io.UserCache;
import org.stegokernels.registry.Digests.DigestException;
import org.stegokernels.registry.ModelRegistry.ModelKind;
import org.stegokernels.registry.ModelRegistry.RegisteredModel;
import org.stegokernels.text.Spelling;
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.Architecture.Family;
import org.stegokernels.weights.ModelException;

/**
 * The models that have a name, from the program's own {@code models.yml}, or from a file of the same form that the system
 * property {@code stego.registry} names: for a mirror, or models of one's own.
 */
public final class ModelRegistry {
    /** Names a file to read instead of the program's own. */
    public static final String PROPERTY = "stego.registry";

    private static final String RESOURCE = "models.yml";
    /** A name in which more than one letter of so many is wrong is no slip. */
    private static final int LETTERS_A_CHANGE = 3;

    private final List<RegisteredModel> models;

    /** Measures of a backbone in the file; those left out are 0 or false. */
    private record Measures(
            int depth,
            int width,
            int heads,
            int patch,
            int baseGrid,
            int hidden,
            int registers,
            boolean classPosition,
            boolean rotates,
            boolean gatedMlp,
            boolean layerScale,
            float epsilon) {
        Family family() {
            if (rotates) {
                return Family.DINOV3;
            }
            if (!classPosition) {
                return Family.TIMM_DINOV2;
            }
            return layerScale || registers > 0 ? Family.DINOV2 : Family.DINO;
        }
    }

    private static final class ToArchitecture extends StdConverter<Measures, Architecture> {
        @Override
        public Architecture convert(Measures of) {
            Family family = of.family();
            float epsilon = of.epsilon() == 0 ? family.epsilon() : of.epsilon();
            return new Architecture(
                    family,
                    new Architecture.Patches(of.patch(), of.baseGrid(), family.positionRule(of.registers())),
                    new Architecture.Encoder(
                            of.depth(),
                            of.width(),
                            of.heads(),
                            of.gatedMlp() ? Architecture.MlpKind.SWIGLU : Architecture.MlpKind.GELU,
                            of.hidden(),
                            of.layerScale(),
                            epsilon),
                    of.registers());
        }
    }

    private ModelRegistry(List<RegisteredModel> models) {
        this.models = models;
    }

    /** @throws IOException if the file that the system property names can't be read, or is wrong; the message says where */
    public static ModelRegistry load() throws IOException {
        String own = System.getProperty(PROPERTY);
        if (own == null) {
            return official();
        }
        try {
            return parse(own, TextFile.read(Path.of(own), TextFile.HAND_WRITTEN).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IOException("-D" + PROPERTY + "=" + e.getMessage(), e);
        }
    }

    /** Returns the program's own. */
    static ModelRegistry official() {
        try (InputStream in = ModelRegistry.class.getResourceAsStream(RESOURCE)) {
            return parse(RESOURCE, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("the program's own " + RESOURCE + " can't be read", e);
        }
    }

    static ModelRegistry parse(String source, byte[] yaml) throws IOException {
        YAMLMapper mapper = YAMLMapper.builder(YAMLFactory.builder()
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build())
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
        mapper.registerModule(new SimpleModule()
                .addDeserializer(Architecture.class, new StdDelegatingDeserializer<>(new ToArchitecture())));
        List<RegisteredModel> models;
        try {
            models = List.of(mapper.readValue(yaml, RegisteredModel[].class));
        } catch (JsonProcessingException e) {
            String where =
                    e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
            throw new IOException(source + ": " + e.getOriginalMessage() + where, e);
        }
        Set<String> taken = new HashSet<>();
        for (RegisteredModel model : models) {
            if (!taken.add(model.name())) {
                throw new IOException(source + ": " + model.name() + ": its name is that of another one");
            }
        }
        return new ModelRegistry(models);
    }

    /** Returns all of them, in the order of the file. */
    public List<RegisteredModel> models() {
        return models;
    }

    public Optional<RegisteredModel> find(String name) {
        return models.stream().filter(model -> model.name().equals(name)).findFirst();
    }

    /** Returns the registered name that is nearest to one that is not. */
    public Optional<String> nearest(String name) {
        List<String> names = models.stream().map(RegisteredModel::name).toList();
        Optional<String> longer =
                names.stream().filter(each -> each.startsWith(name)).findFirst();
        return longer.or(() -> Optional.of(Spelling.nearest(name, names))
                .filter(each -> Spelling.distance(name, each) <= name.length() / LETTERS_A_CHANGE));
    }

    /** The uses of a model. */
    public enum ModelKind {
        /** A vision transformer: features, no classes. */
        BACKBONE,
        /** A vision transformer with a segmentation head and probes: classes. */
        STEGO
    }

    /**
     * A model that has a name.
     *
     * @param name as in {@code --model NAME}: small letters, digits and hyphens
     * @param title what its authors call it
     * @param purpose what it is for, in a few words
     * @param licence of its weights, as an SPDX identifier if it has one
     * @param url where its authors publish it; null for the one that comes with the program
     * @param gate the page on which its authors ask to accept the licence before they give it, so that it is never
     *     downloaded from here; null where anybody may
     * @param bytes length of the published file; null if its authors don't say
     * @param sha256 digest of the published file in hexadecimal; null if its authors don't say
     * @param expects its backbone; null if that is not known
     */
    public record RegisteredModel(
            String name,
            ModelKind kind,
            String title,
            String purpose,
            String licence,
            URI url,
            URI gate,
            Long bytes,
            String sha256,
            Architecture expects) {
        private static final String NAME = "[a-z0-9][a-z0-9-]{0,63}";
        /** Leaves room for what the names of parts have after it, within the 255 bytes of common file systems. */
        private static final String FILE = "[\\w.-]{0,199}\\w";

        /** Longest published file where nothing is known of it: three times what a ViT-H takes. */
        private static final long MOST_BYTES = 8L << 30;
        /** Longest published file as a multiple of its weights: those, their running mean and Adam's two moments. */
        private static final int COPIES = 4;
        /** Bytes that a published file may have besides: heads and settings of the training. */
        private static final long BESIDES = 256L << 20;

        /** @throws IllegalArgumentException if something is missing or can't be right */
        public RegisteredModel {
            require(name != null && name.matches(NAME), "a model's name must match " + NAME + ", unlike " + name);
            require(kind != null && title != null && purpose != null && licence != null, name + " is not described");
            require(sha256 == null || sha256.matches("[0-9a-f]{64}"), name + ": no SHA-256: " + sha256);
            require(bytes == null || bytes > 0, name + ": no length: " + bytes);
            require(
                    url == null
                            || ("" + url.getScheme()).matches("https?")
                                    && url.getPath().matches(".*/" + FILE),
                    name + ": no address of a file: " + url);
        }

        private static void require(boolean held, String message) {
            if (!held) {
                throw new IllegalArgumentException(message);
            }
        }

        /** Returns whether it comes with the program. */
        public boolean embedded() {
            return url == null;
        }

        /** Returns whether its authors give it only to those who accept its licence. */
        public boolean gated() {
            return gate != null;
        }

        /** Returns the name of the published file. */
        public String fileName() {
            return url.getPath().substring(url.getPath().lastIndexOf('/') + 1);
        }

        /** Returns the length of the published file; of a backbone, if need be, what its weights take as 32-bit floats. */
        public OptionalLong size() {
            if (bytes != null) {
                return OptionalLong.of(bytes);
            }
            return kind == ModelKind.BACKBONE && expects != null
                    ? OptionalLong.of(expects.bytes())
                    : OptionalLong.empty();
        }

        /**
         * Returns the longest that the published file can be, in bytes: its length if that is known; else, by its
         * measures what a checkpoint of a training takes; else 8 GiB. More is not downloaded.
         */
        public long mostBytes() {
            if (bytes != null) {
                return bytes;
            }
            return expects == null ? MOST_BYTES : COPIES * expects.bytes() + BESIDES;
        }
    }

    /**
     * The folder of the models that were pulled: {@code NAME.safetensors}, ready to use, and {@code NAME.sha256} with the
     * digests of that file and of the published one it was made from. What a model is made from lies apart from all models,
     * in {@code downloads/NAME}, under whatever name its authors gave it. A model gets its name last, when it is whole,
     * converted and checked; a pull that is interrupted at any point is continued by the next one.
     */
    public static final class ModelStore {
        private final Path folder;
        private final Download.Patience patience;

        /** The parts of a model that are here. */
        public enum State {
            EMBEDDED,
            HERE,
            PARTLY,
            ABSENT
        }

        ModelStore(Path folder, Download.Patience patience) {
            this.folder = folder;
            this.patience = patience;
        }

        /** Returns the one in the user's cache folder. */
        public static ModelStore ofUser() {
            return new ModelStore(UserCache.folder().resolve("models"), Download.Patience.DEFAULT);
        }

        /** Returns the place of a model, if it is here. */
        public Path path(String name) {
            return folder.resolve(name + ".safetensors");
        }

        public boolean has(String name) {
            return Files.isRegularFile(path(name));
        }

        public State state(RegisteredModel model) {
            if (model.embedded()) {
                return State.EMBEDDED;
            }
            if (has(model.name())) {
                return State.HERE;
            }
            Path published = published(model);
            return Files.exists(published) || Files.exists(Partial.file(published)) ? State.PARTLY : State.ABSENT;
        }

        /**
         * Returns the place where the file is kept as its authors publish it until it is converted; put there by hand, it
         * is taken too.
         */
        public Path published(RegisteredModel model) {
            return folder.resolve("downloads").resolve(model.name()).resolve(model.fileName());
        }

        /**
         * Downloads, checks and converts a model, each only if that is not done yet. Waits if another process is
         * pulling it at this moment. What fails a check is deleted.
         *
         * @return its file
         * @throws DownloadException if it can't be downloaded
         * @throws IOException if a file can't be written, or its digest is not the known one, or it is gated and nobody
         *     has put it here; the message says why
         * @throws ModelException if what was downloaded is not the model that is wanted
         */
        public Path pull(RegisteredModel model, PullListener listener) throws IOException {
            Path ready = path(model.name());
            try (PullLock lock = lock(model, listener)) {
                Digests digests = Digests.read(folder.resolve(model.name() + ".sha256"));
                if (Files.exists(ready)) {
                    digests.check(ready);
                    return ready;
                }
                Path published = published(model);
                boolean fetched = !Files.exists(published);
                if (fetched && model.gated()) {
                    throw new IOException(model.name() + ": its authors give it only to those who accept its licence ("
                            + model.licence() + ") at " + model.gate() + "; put " + model.fileName() + ", which you get"
                            + " there, into " + published.getParent());
                }
                if (fetched) {
                    listener.says("downloading " + model.url());
                    new Download(model.url(), published, model.bytes(), model.mostBytes(), patience, listener).run();
                }
                listener.says("checking and converting " + published);
                try {
                    make(model, published, ready, digests, listener);
                } catch (ModelException | DigestException e) {
                    if (fetched) {
                        Files.delete(published);
                    }
                    throw e;
                }
                Files.delete(published);
                removeIfEmpty(published.getParent());
                return ready;
            }
        }

        private static void removeIfEmpty(Path folder) throws IOException {
            try {
                Files.delete(folder);
            } catch (DirectoryNotEmptyException e) {
                // Somebody else's files.
            }
        }

        private PullLock lock(RegisteredModel model, PullListener listener) throws IOException {
            try {
                Files.createDirectories(published(model).getParent());
                return PullLock.await(folder.resolve("." + model.name() + ".lock"), listener);
            } catch (FileSystemException e) {
                throw FileErrors.writing(path(model.name()), e);
            }
        }

        private void make(RegisteredModel model, Path published, Path ready, Digests known, PullListener listener)
                throws IOException {
            Digests digests = model.sha256() == null ? known : known.with(published, model.sha256());
            String digest = digests.check(published);
            Path converted = folder.resolve("." + model.name() + ".converted");
            try (ExitHooks.Registration ended = ExitHooks.beforeEnd(() -> discard(converted))) {
                convert(model, published, converted, listener);
                digests.with(published, digest)
                        .with(ready, Sha256.hex(converted))
                        .write();
                AtomicFile.rename(converted, ready);
            } finally {
                discard(converted);
            }
        }

        /** Deletes what a pull that was broken off leaves; the next pull would replace it. */
        private static void discard(Path converted) {
            try {
                Files.deleteIfExists(converted);
            } catch (IOException e) {
                System.getLogger(ModelStore.class.getName())
                        .log(System.Logger.Level.DEBUG, "left behind: {0} ({1})", converted, e.getMessage());
            }
        }

        private static void convert(RegisteredModel model, Path published, Path converted, PullListener listener)
                throws IOException {
            CheckpointConverter.Options options = CheckpointConverter.Options.DEFAULT
                    .withNotes(Map.of("source", model.url().toString(), "licence", model.licence()))
                    .withProgress(listener::progress);
            if (model.expects() != null) {
                options = options.withHeads(model.expects().heads());
            }
            Architecture found =
                    CheckpointConverter.convert(published, converted, options).backbone();
            if (model.expects() != null && !model.expects().equals(found)) {
                throw new ModelException(
                        published.toString(),
                        null,
                        "it holds a " + found + ", wanted a " + model.expects(),
                        "The file at its address is another one by now: use another model.");
            }
        }

        /** A file can't be had from its address. The message names the address and why; what came of it so far is kept. */
        public static final class DownloadException extends IOException {
            private static final long serialVersionUID = 1L;

            DownloadException(String message, Throwable cause) {
                super(message, cause);
            }
        }

        /** An observer of a pull, called from the thread that pulls. */
        public interface PullListener {
            /** Called with what is being done now, or what went wrong and is tried again. */
            void says(String line);

            /**
             * Called with the progress of the latest thing that was said, several times a second.
             *
             * @param done bytes
             * @param total -1 if not known
             */
            void progress(long done, long total);
        }
    }
}
