package org.stegokernels.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.vit.Architecture;

/**
 * The whole {@code segment}, from the shell: {@code java -jar stego-kernels.jar segment FOLDER}, mirror image and CRF, the
 * start of Java included. One photograph is the first result; a hundred show whether the processor is kept busy.
 *
 * <p>The photographs are crops of those in {@code examples/}, 640x480, JPEG.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 5)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class SegmentBenchmark {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 480;
    private static final int CLUSTERS = 27;
    private static final List<String> ON_THE_WAY = List.of("resize", "backbone", "classify", "crf", "labels");

    /** {@code demo} is the model that comes with the program; others have random weights. */
    @Param({"demo", "deit-tiny"})
    public String model;

    @Param({"1", "100"})
    public int photographs;

    @Param("320")
    public int size;

    @Param("target/stego-kernels.jar")
    public String jar;

    @Param("examples")
    public String examples;

    @Param("cpu")
    public String device;

    private Path folder;
    private Path photos;
    private long weightBytes;
    private final ObjectMapper json = new ObjectMapper();

    @Setup
    public void prepare(Roofline roofline) throws IOException {
        if (!Files.exists(Path.of(jar))) {
            throw new IllegalArgumentException("no " + jar + ": mvn -q -DskipTests package makes it");
        }
        roofline.crowded();
        folder = Files.createTempDirectory("segment");
        photos = Files.createDirectory(folder.resolve("photographs"));
        writePhotographs();
        Architecture config = Models.config(model);
        weightBytes = (long) (Float.BYTES * Models.weights(config));
        if (!model.equals("demo")) {
            Models.writeStego(folder.resolve("model.safetensors"), config, CLUSTERS);
        }
    }

    private void writePhotographs() throws IOException {
        List<RgbImage> sources;
        try (Stream<Path> files = Files.list(Path.of(examples))) {
            sources = files.filter(file -> file.toString().endsWith(".jpg"))
                    .sorted()
                    .map(ImageReader::read)
                    .toList();
        }
        Random random = new Random(1);
        for (int i = 0; i < photographs; i++) {
            RgbImage source = sources.get(i % sources.size());
            // Between the whole photograph and its middle half, so that no two are alike.
            double scale = Math.max((double) WIDTH / source.width(), (double) HEIGHT / source.height())
                    * (1 + random.nextDouble());
            RgbImage scaled = Resize.antialiased(
                    source, (int) Math.ceil(source.width() * scale), (int) Math.ceil(source.height() * scale));
            RgbImage crop = Resize.centerCrop(scaled, WIDTH, HEIGHT);
            BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
            for (int p = 0; p < crop.pixels(); p++) {
                int at = 3 * p;
                picture.setRGB(
                        p % WIDTH,
                        p / WIDTH,
                        (crop.rgb()[at] & 255) << 16 | (crop.rgb()[at + 1] & 255) << 8 | crop.rgb()[at + 2] & 255);
            }
            ImageIO.write(
                    picture, "jpg", photos.resolve("photograph" + i + ".jpg").toFile());
        }
    }

    /**
     * Beside the time: the part of the processors' time that the program used; the part of its own time that goes to
     * computing one photograph after the other, which is all of it if decoding and writing are hidden; and memory.
     */
    @Benchmark
    public void segment(Roofline roofline) throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        List<String> command = new ArrayList<>(ProgramRun.java(Path.of(jar)));
        command.addAll(List.of("segment", photos.toString(), "-o", out.toString()));
        command.addAll(List.of("--size", Integer.toString(size), "--device", device));
        if (!model.equals("demo")) {
            command.addAll(List.of("-m", folder.resolve("model.safetensors").toString()));
        }
        ProgramRun run = ProgramRun.of(command, folder.resolve("log"));
        JsonNode seconds = json.readTree(out.resolve("summary.json").toFile()).get("seconds");
        double compute = ON_THE_WAY.stream()
                .mapToDouble(stage -> seconds.path(stage).asDouble())
                .sum();
        int processors = Runtime.getRuntime().availableProcessors();
        roofline.tell("busy", 100 * run.processorSeconds() / run.seconds() / processors, "%");
        roofline.tell("computing", 100 * compute / seconds.get("total").asDouble(), "%");
        roofline.tell("resident", run.residentBytes() / 1e6, "MB");
        roofline.tell("aboveWeights", (run.residentBytes() - weightBytes) / 1e6, "MB");
    }

    @TearDown
    public void delete() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
