package org.stegokernels.bench;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.stegokernels.bench.roofline.Roofline;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.Overlay;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.RgbImage;

/** The two files that each photograph gives, the drawing of the overlay, and what ImageIO takes for the same picture. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PngWriteBenchmark {
    @Param({"640x480", "4000x3000"})
    public String size;

    private RgbImage photograph;
    private RgbImage overlay;
    private LabelMap labels;
    private Palette palette;
    private BufferedImage image;
    private Path file;

    @Setup
    public void make() throws IOException {
        int[] sides = Synthetic.sizes(size);
        int width = sides[0];
        int height = sides[1];
        photograph = Photographs.photograph(width, height);
        labels = Photographs.labels(width, height);
        palette = Palette.distinct(11);
        overlay = Overlay.render(photograph, labels, palette);
        image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
        image.getRaster().setDataElements(0, 0, width, height, overlay.rgb());
        file = Files.createTempFile("picture", ".png");
    }

    @TearDown
    public void delete() throws IOException {
        Files.delete(file);
    }

    @Benchmark
    public RgbImage render(Roofline roofline) {
        roofline.did(0, 7.0 * photograph.pixels());
        return Overlay.render(photograph, labels, palette);
    }

    @Benchmark
    public void rgb(Roofline roofline) throws IOException {
        roofline.did(0, 3.0 * photograph.pixels());
        PngWriter.write(file, overlay);
    }

    @Benchmark
    public void indexed(Roofline roofline) throws IOException {
        roofline.did(0, 1.0 * photograph.pixels());
        PalettePng.write(file, labels, palette);
    }

    @Benchmark
    public void imageIoRgb(Roofline roofline) throws IOException {
        roofline.did(0, 3.0 * photograph.pixels());
        ImageIO.write(image, "png", file.toFile());
    }
}
