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
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.RgbImage;

/** Reading of a file to RGB, beside the JDK's decoding alone. The bytes are those of the pixels. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ImageReadBenchmark {
    @Param({"640x480", "4000x3000"})
    public String size;

    @Param({"jpeg", "png"})
    public String format;

    private Path file;
    private int bytes;

    @Setup
    public void write() throws IOException {
        int[] sides = Synthetic.sizes(size);
        RgbImage photograph = Photographs.photograph(sides[0], sides[1]);
        BufferedImage image = new BufferedImage(photograph.width(), photograph.height(), BufferedImage.TYPE_3BYTE_BGR);
        image.getRaster().setDataElements(0, 0, photograph.width(), photograph.height(), photograph.rgb());
        bytes = photograph.rgb().length;
        file = Files.createTempFile("photograph", "." + format);
        ImageIO.write(image, format, file.toFile());
    }

    @TearDown
    public void delete() throws IOException {
        Files.delete(file);
    }

    @Benchmark
    public RgbImage read(Roofline roofline) {
        roofline.did(0, bytes);
        return ImageReader.read(file);
    }

    @Benchmark
    public BufferedImage imageIo(Roofline roofline) throws IOException {
        roofline.did(0, bytes);
        return ImageIO.read(file.toFile());
    }
}
