package org.stegokernels.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.LabelMap.PalettePng;

/** Label maps for some photographs, of each format that they come in, and the mistakes in them. */
class LabelReaderTest {
    private static final int WIDTH = 6;
    private static final int HEIGHT = 4;
    private static final int SKY = 0x8080FF;
    private static final int ROAD = 0x804000;

    @TempDir
    Path folder;

    private Path photos;
    private Path labels;

    @BeforeEach
    void photographs() throws IOException {
        photos = folder.resolve("photos");
        labels = folder.resolve("labels");
        Files.createDirectories(labels);
        for (String name : List.of("a", "b", "c")) {
            Datasets.write(photos.resolve(name + ".png"), Datasets.image(WIDTH, HEIGHT, name.hashCode()));
        }
    }

    private Dataset open() {
        return Dataset.open(
                Dataset.Settings.of(Dataset.Kind.FOLDER, photos, "train").withLabels(labels));
    }

    private void list(String text) throws IOException {
        Files.writeString(labels.resolve("classes.txt"), text);
    }

    /** Writes a label map of colours: those given, over and over. */
    private void colors(String name, int type, int... argb) throws IOException {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, type);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            image.setRGB(i % WIDTH, i / WIDTH, argb[i % argb.length]);
        }
        ImageIO.write(image, "png", labels.resolve(name).toFile());
    }

    private void indices(String name, int width, int height, int... ids) throws IOException {
        byte[] map = new byte[width * height];
        for (int i = 0; i < map.length; i++) {
            map[i] = (byte) ids[i % ids.length];
        }
        PalettePng.write(
                labels.resolve(name), new LabelMap(width, height, map), new Palette(new int[] {SKY, ROAD, 0x00FF00}));
    }

    @Test
    void coloursOfTheListAreItsClasses() throws IOException {
        list("Sky 128 128 255\nRoad 128 64 0\n");
        colors("a.png", BufferedImage.TYPE_INT_ARGB, 0xFF000000 | ROAD, 0xFF000000 | SKY, 0xFF000000, 0x00804000);
        Dataset data = open();
        assertThat(data.size()).isEqualTo(1);
        assertThat(data.labelMistakes()).isEmpty();
        assertThat(data.labels(0).labels()).startsWith(1, 0, 255, 255, 1, 0);
        assertThat(data.classes().names()).containsExactly("Sky", "Road");
    }

    @Test
    void withoutAListThePaletteGivesTheClassesTheirColours() throws IOException {
        indices("a.png", WIDTH, HEIGHT, 0, 1, 255);
        indices("b.png", WIDTH, HEIGHT, 2);
        Dataset data = open();
        assertThat(data.labelMistakes()).isEmpty();
        assertThat(data.classes().names()).containsExactly("class 0", "class 1", "class 2");
        assertThat(data.classes().palette().rgb()).containsExactly(SKY, ROAD, 0x00FF00);
        assertThat(data.labels(0).labels()).startsWith(0, 1, 255);
    }

    @Test
    void aListOfNamesAloneTakesTheColoursOfThePalette() throws IOException {
        list("Sky\nRoad\n");
        indices("a.png", WIDTH, HEIGHT, 0, 1);
        assertThat(open().classes().names()).containsExactly("Sky", "Road");
        assertThat(open().classes().palette().rgb()).containsExactly(SKY, ROAD);
    }

    @Test
    void greyIndicesNeedNoPalette() throws IOException {
        BufferedImage grey = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setSample(2, 1, 0, 3);
        ImageIO.write(grey, "png", labels.resolve("b.png").toFile());
        Dataset data = open();
        assertThat(data.classes().count()).isEqualTo(4);
        assertThat(data.labels(0).label(2, 1)).isEqualTo(3);
        assertThat(data.example(0).image()).hasFileName("b.png");
    }

    @Test
    void allMistakesAreToldEachWithFileAndPixel() throws IOException {
        list("Sky 128 128 255\nRoad 128 64 0\n");
        colors("a.png", BufferedImage.TYPE_INT_RGB, SKY, SKY, 0x112233, SKY, SKY, SKY, SKY, 0x445566);
        indices("b.png", WIDTH, HEIGHT, 0, 0, 1, 2);
        indices("c.png", WIDTH + 1, HEIGHT, 0);
        Datasets.write(photos.resolve("d.png"), Datasets.image(WIDTH, HEIGHT, 4));
        indices("d.png", WIDTH, HEIGHT, 255);
        indices("e.png", WIDTH, HEIGHT, 0);
        Dataset data = open();
        List<String> mistakes = data.labelMistakes();
        assertThat(mistakes).hasSize(4);
        assertThat(mistakes.get(0))
                .startsWith(labels.resolve("a.png")
                        + ": it has the colour 17 34 51 at column 2, row 0 (3 pixels), the colour"
                        + " 68 85 102 at column 1, row 1 (3 pixels), which no class of the list has");
        assertThat(mistakes.get(1))
                .startsWith(labels.resolve("b.png") + ": it has the id 2 at column 3, row 0 (6 pixels)");
        assertThat(mistakes.get(2)).startsWith(labels.resolve("c.png") + ": it is 7x4, its image ");
        assertThat(mistakes.get(3)).startsWith(labels.resolve("d.png") + ": no pixel of it has a label");
        assertThat(data.leftOut()).hasSize(1);
        assertThat(data.leftOut().get(0).text()).contains("e.png").contains("no image in");
    }

    @Test
    void coloursWithoutAListAreNoClasses() throws IOException {
        colors("a.png", BufferedImage.TYPE_INT_RGB, SKY, ROAD);
        assertThat(open().labelMistakes())
                .singleElement()
                .asString()
                .contains("no list says which class each colour is");
    }

    @Test
    void twoPalettesMustNotShowOneClassInTwoColours() throws IOException {
        indices("a.png", WIDTH, HEIGHT, 0, 1);
        PalettePng.write(
                labels.resolve("b.png"), Datasets.constant(WIDTH, HEIGHT, 1), new Palette(new int[] {SKY, 0xFF0000}));
        assertThatThrownBy(this::open)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("b.png: its palette has class 1 in 255 0 0, that of ");
    }

    @Test
    void labelMapsWithoutPhotographsAreAnError() throws IOException {
        indices("other.png", WIDTH, HEIGHT, 0);
        assertThatThrownBy(this::open)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("no label map has the name of an image");
    }
}
