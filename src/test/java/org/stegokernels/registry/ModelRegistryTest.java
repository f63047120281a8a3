package org.stegokernels.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.registry.ModelRegistry.RegisteredModel;

class ModelRegistryTest {
    private final ModelRegistry registry = ModelRegistry.official();

    @Test
    void everyAddressIsSafeAndOfItsAuthors() {
        assertThat(registry.models()).hasSizeGreaterThan(10).allSatisfy(model -> {
            if (!model.embedded()) {
                assertThat(model.url()).hasScheme("https");
                assertThat(model.url().getHost())
                        .isIn("dl.fbaipublicfiles.com", "marhamilresearch4.blob.core.windows.net");
            }
        });
        assertThat(registry.models().stream().filter(RegisteredModel::embedded))
                .extracting(RegisteredModel::name)
                .containsExactly("demo");
    }

    /** Of DINOv3: its authors ask to accept a licence of their own. */
    @Test
    void theGatedOnesAreThoseOfTheirLicence() {
        assertThat(registry.models())
                .filteredOn(RegisteredModel::gated)
                .hasSize(5)
                .allSatisfy(model -> {
                    assertThat(model.name()).startsWith("dinov3-");
                    assertThat(model.licence()).isEqualTo("DINOv3 License");
                    assertThat(model.gate()).hasScheme("https").hasHost("ai.meta.com");
                    assertThat(model.expects().rotates()).isTrue();
                });
    }

    /** Millions of parameters as its README gives them, which is rounded. */
    @ParameterizedTest
    @CsvSource({
        "dinov3-vits16, 21",
        "dinov3-vits16plus, 29",
        "dinov3-vitb16, 86",
        "dinov3-vitl16, 300",
        "dinov3-vith16plus, 840"
    })
    void sizesOfDinov3AreThoseOfItsAuthors(String name, double millions) {
        double found = registry.find(name).orElseThrow().size().orElseThrow() / 4e6;
        assertThat(found).isCloseTo(millions, Percentage.withPercentage(3));
    }

    /** Millions of parameters as timm gives them for the same models. */
    @ParameterizedTest
    @CsvSource({
        "dino-vits8, 21.67",
        "dino-vits16, 21.67",
        "dino-vitb8, 85.81",
        "dino-vitb16, 85.80",
        "dinov2-vits14, 22.06",
        "dinov2-vits14-reg, 22.06",
        "dinov2-vitb14, 86.58",
        "dinov2-vitb14-reg, 86.58",
        "dinov2-vitl14, 304.37",
        "dinov2-vitl14-reg, 304.37"
    })
    void sizesAreThoseOfTheMeasures(String name, double millions) {
        OptionalLong size = registry.find(name).orElseThrow().size();
        assertThat(Math.round(size.orElseThrow() / 4 / 1e4) / 100.0).isEqualTo(millions);
    }

    @ParameterizedTest
    @CsvSource({
        "dino_vits8, dino-vits8",
        "dinovits8, dino-vits8",
        "dino-vit-b8, dino-vitb8",
        "dinov2-vitl14-regs, dinov2-vitl14-reg",
        "stego, stego-cocostuff27",
        "stego-cityscape, stego-cityscapes",
        "dmo, demo",
        "resnet50,",
        "model,"
    })
    void knowsWhatWasMeant(String typed, String meant) {
        assertThat(registry.nearest(typed).orElse(null)).isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            - {name: a, kind: stego, title: t, purpose: p, licence: MIT, colour: red} | colour
            - {name: a, kind: tree, title: t, purpose: p, licence: MIT}               | tree
            - {name: A b, kind: stego, title: t, purpose: p, licence: MIT}            | A b
            - {name: a, kind: stego, purpose: p, licence: MIT}                        | a is not described
            - {name: a, kind: stego, title: t, purpose: p, licence: MIT, sha256: abc} | SHA-256
            - {name: a, kind: stego, title: t, purpose: p, licence: MIT, bytes: 0}    | length
            - {name: a, kind: stego, title: t, purpose: p, licence: MIT, url: 'file:///a/b'}       | no address of a file
            - {name: a, kind: stego, title: t, purpose: p, licence: MIT, url: 'https://a/b/'}      | no address of a file
            - {name: a, kind: stego, title: t, purpose: p, licence: MIT, url: 'https://a/b/..%2f'} | no address of a file
            - {name: a, name: b}                                                      | Duplicate
            name: a                                                                   | my.yml
            """)
    void whatIsWrongIsNamed(String yaml, String culprit) {
        assertThatThrownBy(() -> ModelRegistry.parse("my.yml", yaml.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("my.yml: ")
                .hasMessageContaining(culprit)
                .hasMessageContaining("(line ");
    }

    @Test
    void namesAreGivenOnce() {
        String one = "- {name: a, kind: stego, title: t, purpose: p, licence: MIT}\n";
        assertThatThrownBy(() -> ModelRegistry.parse("my.yml", (one + one).getBytes(StandardCharsets.UTF_8)))
                .hasMessageStartingWith("my.yml: a: its name");
    }

    /** Long names leave no room for those of parts. */
    @Test
    void fileNamesHaveALimit() {
        String line = "- {name: a, kind: stego, title: t, purpose: p, licence: MIT, url: 'https://a.org/%s'}\n";
        assertThatThrownBy(() -> ModelRegistry.parse(
                        "my.yml", line.formatted("x".repeat(201)).getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("no address of a file");
    }

    /** A checkpoint of a training fits: weights, their mean and two moments. */
    @Test
    void theLongestDownloadGoesByTheMeasures() {
        RegisteredModel small = registry.find("dino-vits8").orElseThrow();
        assertThat(small.mostBytes()).isBetween(4 * small.size().orElseThrow(), 700_000_000L);
        RegisteredModel unknown = registry.find("stego-potsdam").orElseThrow();
        assertThat(unknown.expects()).isNull();
        assertThat(unknown.mostBytes()).isEqualTo(8L << 30);
    }

    /** The table for people says the same as the file for the program. */
    @Test
    void theTableInTheDocumentIsComplete() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("weights/README.md"));
        assertThat(registry.models().stream()
                        .filter(model -> lines.stream()
                                .noneMatch(line -> line.startsWith("| `" + model.name() + "` | ")
                                        && line.contains("| " + model.licence() + " |"))))
                .isEmpty();
    }
}
