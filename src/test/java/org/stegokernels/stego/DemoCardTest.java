package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.registry.ModelRegistry;
import org.stegokernels.registry.ModelRegistry.RegisteredModel;
import org.stegokernels.vit.Architecture;
import org.stegokernels.weights.Safetensors;

/** The demo model's card and its file say the same. */
class DemoCardTest {
    private static final Path FOLDER = Path.of("weights", "demo");
    private static final Path FILE = FOLDER.resolve("demo.safetensors");

    private Device device;
    private Stego model;
    private String card;

    @BeforeEach
    void open() throws IOException {
        device = Devices.choose("cpu").open(Device.Options.DEFAULT);
        model = Stego.load(FILE, device);
        card = Files.readString(FOLDER.resolve("README.md"));
    }

    @AfterEach
    void close() {
        model.close();
        device.close();
    }

    @Test
    void theFilesLengthIsTold() throws IOException {
        assertThat(card.replaceAll("\\s+", " "))
                .contains(String.format(Locale.ROOT, "in one file of %.1f MB", Files.size(FILE) / 1e6));
    }

    @Test
    void theMeasuresAreTold() {
        Architecture backbone = model.backbone().architecture();
        long parameters = backbone.tensors().values().stream()
                .mapToLong(shape -> shape.size())
                .sum();
        assertThat(row("backbone"))
                .isEqualTo(String.format(
                        Locale.ROOT,
                        "ViT, patch %d, %d blocks, %d channels, %d heads, %.1f million parameters, float16",
                        backbone.patch(),
                        backbone.depth(),
                        backbone.width(),
                        backbone.heads(),
                        parameters / 1e6));
        try (Safetensors file = Safetensors.open(FILE)) {
            assertThat(file.names().stream().filter(name -> name.startsWith(ModelFile.BACKBONE)))
                    .allSatisfy(
                            name -> assertThat(file.entry(name).type().name()).isEqualTo("F16"));
        }
        assertThat(row("head and clusters"))
                .isEqualTo("STEGO, " + model.codeWidth() + " channels, " + model.clusterToClass().length + " clusters");
        assertThat(row("sees")).startsWith(model.info().settings().inputSize() + " pixels");
    }

    @Test
    void theClassesAreTold() throws IOException {
        assertThat(row("classes"))
                .isEqualTo(String.join(", ", new TreeSet<>(model.info().classNames())));
        List<String> lines = Files.readAllLines(FOLDER.resolve("classes.txt")).stream()
                .filter(line -> !line.startsWith("#"))
                .toList();
        int[] map = model.clusterToClass();
        assertThat(lines).hasSize(map.length);
        for (int cluster = 0; cluster < map.length; cluster++) {
            String name = model.info().classNames().get(map[cluster]);
            int colour = model.info().colours().get(map[cluster]);
            assertThat(lines.get(cluster))
                    .isEqualTo(name + " " + (colour >> 16) + " " + (colour >> 8 & 0xff) + " " + (colour & 0xff));
        }
    }

    @Test
    void theLicenceIsTheSameEverywhere() throws IOException {
        String licence = model.info().settings().licence();
        assertThat(row("licence")).isEqualTo(licence).isNotEmpty();
        RegisteredModel registered = ModelRegistry.load().find("demo").orElseThrow();
        assertThat(registered.licence()).isEqualTo(licence);
        assertThat(card)
                .contains("--licence " + licence, model.info().settings().source());
    }

    @Test
    void thePhotographsAreCounted() throws IOException {
        List<String> photographs = Files.readAllLines(FOLDER.resolve("photographs.tsv"));
        long seen = photographs.stream()
                .filter(line -> line.split("\t")[1].equals("train"))
                .count();
        assertThat(card.replaceAll("\\s+", " ")).contains("It has seen " + seen + " photographs");
    }

    /** Returns the cell of the card's table beside a word. */
    private String row(String word) {
        return card.lines()
                .filter(line -> line.startsWith("| " + word + " | "))
                .map(line -> line.substring(word.length() + 5, line.length() - 2))
                .findFirst()
                .orElseThrow();
    }
}
