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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.stegokernels.io.TextFile;
import org.stegokernels.text.Spelling;
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.Family;

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

    /** What the file says of a backbone; what it leaves out is 0 or false. */
    private record Measures(
            int depth,
            int width,
            int heads,
            int patch,
            int baseGrid,
            int hidden,
            int registers,
            boolean classPosition,
            boolean layerScale,
            float epsilon) {}

    private static final class ToArchitecture extends StdConverter<Measures, Architecture> {
        @Override
        public Architecture convert(Measures of) {
            Family family = !of.classPosition()
                    ? Family.TIMM_DINOV2
                    : of.layerScale() || of.registers() > 0 ? Family.DINOV2 : Family.DINO;
            float epsilon = of.epsilon() == 0 ? Architecture.LAYER_NORM_EPSILON : of.epsilon();
            return new Architecture(
                    family,
                    new Architecture.Patches(of.patch(), of.baseGrid(), family.interpolation(of.registers())),
                    new Architecture.Encoder(
                            of.depth(),
                            of.width(),
                            of.heads(),
                            Architecture.MlpKind.GELU,
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

    /** The program's own. */
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

    /** All of them, in the order of the file. */
    public List<RegisteredModel> models() {
        return models;
    }

    public Optional<RegisteredModel> find(String name) {
        return models.stream().filter(model -> model.name().equals(name)).findFirst();
    }

    /** The name that somebody may have meant who gave one that is not registered. */
    public Optional<String> nearest(String name) {
        List<String> names = models.stream().map(RegisteredModel::name).toList();
        Optional<String> longer =
                names.stream().filter(each -> each.startsWith(name)).findFirst();
        return longer.or(() -> Optional.of(Spelling.nearest(name, names))
                .filter(each -> Spelling.distance(name, each) <= name.length() / LETTERS_A_CHANGE));
    }
}
