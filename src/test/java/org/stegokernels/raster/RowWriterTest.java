package org.stegokernels.raster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.plugins.tiff.TIFFDirectory;
import javax.imageio.plugins.tiff.TIFFField;
import javax.imageio.plugins.tiff.TIFFImageReadParam;
import javax.imageio.stream.FileImageInputStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.PngWriter;
import org.stegokernels.raster.Raster.Region;

/** Rows become files that other readers open: the JDK's for TIFF, which shares no code with ours, and GDAL where it is. */
class RowWriterTest {
    private static final int WIDTH = 300;
    private static final int HEIGHT = 530;
    private static final int DOUBLES = 34736;
    private static final int TEXTS = 34737;
    private static final Palette COLORS = Palette.distinct(27);

    @TempDir
    Path folder;

    private static byte[] labels() {
        byte[] labels = new byte[WIDTH * HEIGHT];
        for (int i = 0; i < labels.length; i++) {
            int x = i % WIDTH;
            int y = i / WIDTH;
            labels[i] = (byte) (x * y % 97 == 0 ? LabelMap.IGNORE : (x / 11 + y / 7) % 27);
        }
        return labels;
    }

    /** Appends in blocks that fit neither tiles nor each other. */
    private static void write(RowWriter writer, byte[] pixels, int rowBytes) throws IOException {
        try (writer) {
            int from = 0;
            for (int rows = 1; from < pixels.length; rows = 2 * rows + 1) {
                int to = Math.min(pixels.length, from + rows * rowBytes);
                writer.append(Arrays.copyOfRange(pixels, from, to));
                from = to;
            }
            writer.finish();
        }
    }

    private record Decoded(BufferedImage image, TIFFDirectory tags) {}

    private static Decoded jdk(Path file) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("tiff");
        ImageReader reader = readers.next();
        while (reader.getClass().getModule() != ImageReader.class.getModule()) {
            reader = readers.next();
        }
        try (FileImageInputStream input = new FileImageInputStream(file.toFile())) {
            reader.setInput(input);
            TIFFImageReadParam param = (TIFFImageReadParam) reader.getDefaultReadParam();
            param.setReadUnknownTags(true);
            IIOImage decoded = reader.readAll(0, param);
            return new Decoded(
                    (BufferedImage) decoded.getRenderedImage(),
                    TIFFDirectory.createFromMetadata(decoded.getMetadata()));
        } finally {
            reader.dispose();
        }
    }

    /** UTM zone 33 north, pixels of half a metre. */
    private Path source(boolean bigEndian, boolean bigTiff, int rasterType) throws IOException {
        TiffMaker maker = new TiffMaker(WIDTH, HEIGHT, 1);
        maker = bigEndian ? maker.bigEndian() : maker;
        maker = bigTiff ? maker.bigTiff() : maker;
        maker.doubles(GeoReferenceTest.PIXEL_SCALE, 0.5, 0.5, 0)
                .doubles(GeoReferenceTest.TIE_POINT, 0, 0, 0, 423456.123456789, 5212345.987654321, 0)
                .shorts(
                        GeoReferenceTest.KEYS,
                        1,
                        1,
                        0,
                        5,
                        1024,
                        0,
                        1,
                        1,
                        1025,
                        0,
                        1,
                        rasterType,
                        1026,
                        34737,
                        8,
                        0,
                        2057,
                        34736,
                        1,
                        0,
                        3072,
                        0,
                        1,
                        32633)
                .doubles(DOUBLES, 6378137.0)
                .text(TEXTS, "UTM 33N|");
        return Files.write(folder.resolve("source.tif"), maker.build((x, y, band) -> x % 50));
    }

    @ParameterizedTest
    @CsvSource({"false, false, 1", "true, false, 2", "false, true, 1", "true, true, 1"})
    void aLabelMapLiesWhereItsSourceDoes(boolean bigEndian, boolean bigTiff, int rasterType) throws IOException {
        Path target = folder.resolve("labels.tif");
        AffineTransform expected;
        List<TiffTag> sourceTags;
        try (Raster source = Raster.open(source(bigEndian, bigTiff, rasterType))) {
            GeoReference reference = source.geoReference().orElseThrow();
            expected = reference.pixelToCrs().orElseThrow();
            sourceTags = reference.tags();
            write(RowWriter.labelTiff(target, WIDTH, HEIGHT, COLORS, reference), labels(), WIDTH);
        }
        Decoded decoded = jdk(target);
        assertIndices(decoded.image());
        assertThat(doubles(decoded, GeoReferenceTest.PIXEL_SCALE)).containsExactly(0.5, 0.5, 0);
        assertThat(doubles(decoded, GeoReferenceTest.TIE_POINT))
                .containsExactly(0, 0, 0, 423456.123456789, 5212345.987654321, 0);
        assertThat(doubles(decoded, DOUBLES)).containsExactly(6378137.0);
        assertThat(decoded.tags().getTIFFField(TEXTS).getAsString(0)).isEqualTo("UTM 33N|");
        assertThat(decoded.tags().getTIFFField(GeoReferenceTest.KEYS).getCount())
                .isEqualTo(24);
        assertThat(decoded.tags().getTIFFField(42113).getAsString(0)).isEqualTo("255");
        try (Raster result = Raster.open(target)) {
            GeoReference reference = result.geoReference().orElseThrow();
            assertThat(reference.epsg()).hasValue(32633);
            for (int i = 0; i < sourceTags.size(); i++) {
                assertThat(reference.tags().get(i).value())
                        .isEqualTo(sourceTags.get(i).value());
            }
            double[] corners = {0, 0, WIDTH, 0, 0, HEIGHT, WIDTH, HEIGHT};
            double[] there = new double[8];
            double[] here = new double[8];
            expected.transform(corners, 0, there, 0, 4);
            reference.pixelToCrs().orElseThrow().transform(corners, 0, here, 0, 4);
            assertThat(here).containsExactly(there, Offset.offset(1e-9));
            assertThat(here[0]).isCloseTo(423456.123456789 - (rasterType == 2 ? 0.25 : 0), Offset.offset(1e-9));
        }
    }

    private static double[] doubles(Decoded decoded, int tag) {
        TIFFField field = decoded.tags().getTIFFField(tag);
        double[] values = new double[field.getCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = field.getAsDouble(i);
        }
        return values;
    }

    private static void assertIndices(BufferedImage image) {
        assertThat(image.getWidth()).isEqualTo(WIDTH);
        assertThat(image.getHeight()).isEqualTo(HEIGHT);
        int[] indices = image.getRaster().getSamples(0, 0, WIDTH, HEIGHT, 0, (int[]) null);
        byte[] labels = labels();
        for (int i = 0; i < labels.length; i++) {
            assertThat(indices[i]).as("pixel %d", i).isEqualTo(labels[i] & 0xFF);
        }
        IndexColorModel colors = (IndexColorModel) image.getColorModel();
        assertThat(colors.getRGB(3) & 0xFFFFFF).isEqualTo(COLORS.color(3));
        assertThat(colors.getRGB(255) & 0xFFFFFF).isZero();
    }

    @Test
    void labelsAreReadBackAsIndices() throws IOException {
        Path target = folder.resolve("labels.tif");
        write(RowWriter.labelTiff(target, WIDTH, HEIGHT, COLORS, null), labels(), WIDTH);
        byte[] labels = labels();
        try (Raster raster = Raster.openLabels(target)) {
            double[] read = raster.samples(new Region(0, 0, WIDTH, HEIGHT), 1)[0];
            for (int i = 0; i < labels.length; i++) {
                assertThat(read[i]).isEqualTo(labels[i] & 0xFF);
            }
        }
        Path color = Files.write(folder.resolve("color.tif"), new TiffMaker(9, 9, 3).build((x, y, band) -> x));
        Path png = folder.resolve("a.png");
        PalettePng.write(png, new LabelMap(1, 1, new byte[1]), COLORS);
        for (Path other : List.of(color, png)) {
            assertThatThrownBy(() -> Raster.openLabels(other))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("no label map");
        }
    }

    @Test
    void aFileOfFourGigabytesIsABigTiff() throws IOException {
        Path target = folder.resolve("big.tif");
        write(RowWriter.labelTiff(target, WIDTH, HEIGHT, COLORS, null, 5000), labels(), WIDTH);
        assertThat(Files.readAllBytes(target)).startsWith('I', 'I', 43, 0, 8, 0, 0, 0, 16);
        try (Raster raster = Raster.open(target)) {
            byte[] rgb =
                    raster.view().read(new Region(257, 513, 40, 17)).image().rgb();
            for (int i = 0; i < 40 * 17; i++) {
                int label = labels()[(513 + i / 40) * WIDTH + 257 + i % 40] & 0xFF;
                int seen = (rgb[3 * i] & 0xFF) << 16 | (rgb[3 * i + 1] & 0xFF) << 8 | rgb[3 * i + 2] & 0xFF;
                assertThat(seen).isEqualTo(COLORS.color(label));
            }
        }
        write(RowWriter.labelTiff(target, WIDTH, HEIGHT, COLORS, null), labels(), WIDTH);
        assertThat(Files.readAllBytes(target)).startsWith('I', 'I', 42, 0);
    }

    private static byte[] grey() {
        byte[] grey = new byte[2 * WIDTH * HEIGHT];
        for (int i = 0; i < grey.length; i += 2) {
            grey[i] = (byte) (i / 2 * 31 >> 8);
            grey[i + 1] = (byte) (i / 2 * 31);
        }
        return grey;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void greyOfSixteenBitsIsKept(boolean bigEndian) throws IOException {
        Path target = folder.resolve("grey.tif");
        try (Raster source = Raster.open(source(bigEndian, false, 1))) {
            write(
                    RowWriter.grey16Tiff(
                            target, WIDTH, HEIGHT, source.geoReference().orElseThrow()),
                    grey(),
                    2 * WIDTH);
        }
        BufferedImage image = jdk(target).image();
        assertThat(image.getRaster().getSample(299, 529, 0)).isEqualTo((WIDTH * HEIGHT - 1) * 31 & 0xFFFF);
        assertThat(image.getRaster().getSample(7, 300, 0)).isEqualTo((WIDTH * 300 + 7) * 31 & 0xFFFF);
        assertThat(image.getColorModel().getComponentSize(0)).isEqualTo(16);
    }

    @Test
    void rowsOfAPngMakeTheFileThatTheWholeMakes() throws IOException {
        Path labels = folder.resolve("labels.png");
        write(RowWriter.labelPng(labels, WIDTH, HEIGHT, COLORS), labels(), WIDTH);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        PalettePng.write(whole, new LabelMap(WIDTH, HEIGHT, labels()), COLORS);
        assertThat(labels).hasBinaryContent(whole.toByteArray());
        assertThat(PalettePng.read(labels).labels()).isEqualTo(labels());
        Path grey = folder.resolve("grey.png");
        write(RowWriter.grey16Png(grey, WIDTH, HEIGHT), grey(), 2 * WIDTH);
        whole.reset();
        PngWriter.writeGray16(whole, WIDTH, HEIGHT, grey());
        assertThat(grey).hasBinaryContent(whole.toByteArray());
        java.awt.image.Raster seen = ImageIO.read(grey.toFile()).getRaster();
        assertThat(seen.getSample(299, 529, 0)).isEqualTo((WIDTH * HEIGHT - 1) * 31 & 0xFFFF);
    }

    @Test
    void aFileThatIsNotFinishedIsNotThere() throws IOException {
        Path target = folder.resolve("labels.tif");
        Files.writeString(target, "the old one");
        try (RowWriter writer = RowWriter.labelTiff(target, WIDTH, HEIGHT, COLORS, null)) {
            writer.append(new byte[WIDTH * 400]);
            assertThatThrownBy(writer::finish)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("labels.tif lacks 130 rows");
        }
        assertThat(target).hasContent("the old one");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(target);
        }
    }

    @Test
    void wrongUseIsRefused() throws IOException {
        Path target = folder.resolve("labels.png");
        RowWriter writer = RowWriter.labelPng(target, 5, 3, COLORS);
        assertThatThrownBy(() -> writer.append(new byte[6])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.append(new byte[20])).isInstanceOf(IllegalArgumentException.class);
        writer.append(new byte[15]);
        writer.finish();
        writer.close();
        assertThatThrownBy(() -> writer.append(new byte[0])).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> RowWriter.labelTiff(folder.resolve("no/such.tif"), 5, 3, COLORS, null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("such.tif")
                .hasMessageContaining("create it first");
        assertThatThrownBy(() -> RowWriter.labelTiff(folder, 5, 3, COLORS, null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is a folder");
    }

    /** Skipped where there is no GDAL. */
    @Test
    void gdalSeesTheSamePlace() throws Exception {
        assumeThat(onPath("gdalinfo")).as("gdalinfo is installed").isTrue();
        Path source = source(true, false, 1);
        Path target = folder.resolve("labels.tif");
        try (Raster raster = Raster.open(source)) {
            write(
                    RowWriter.labelTiff(
                            target, WIDTH, HEIGHT, COLORS, raster.geoReference().orElseThrow()),
                    labels(),
                    WIDTH);
        }
        assertThat(gdalinfo(target)).isEqualTo(gdalinfo(source)).hasSizeGreaterThan(8);
    }

    private static boolean onPath(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(part -> Files.isExecutable(Path.of(part, program)));
    }

    /** The reference system and the corners. */
    private static List<String> gdalinfo(Path file) throws Exception {
        Process process = new ProcessBuilder("gdalinfo", file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        List<String> lines = new ArrayList<>(output.lines().toList());
        int from = lines.indexOf("Coordinate System is:");
        lines.removeIf(line -> line.startsWith("Image Structure") || line.startsWith("  ") && line.contains("="));
        return lines.stream()
                .skip(from)
                .filter(line -> !line.startsWith("Band") && !line.matches(" +[0-9]+: .*|  Color.*|  NoData.*"))
                .takeWhile(line -> !line.startsWith("Center"))
                .toList();
    }
}
