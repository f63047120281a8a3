package org.stegokernels.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.serve.Workbench;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;

/**
 * One photograph of 640x427 pixels from its file's bytes to those of its labels' PNG, by the demo model with mirror image
 * and CRF: asked of the server over HTTP, and of the library.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 10, time = 2)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class WorkbenchBenchmark {
    @Param("examples/temple.jpg")
    public String photograph;

    private final HttpClient client = HttpClient.newHttpClient();
    private byte[] file;
    private Stego model;
    private Segmenter segmenter;
    private Workbench workbench;
    private HttpRequest request;

    @Setup
    public void open(DeviceState device) throws IOException {
        file = Files.readAllBytes(Path.of(photograph));
        model = Stego.demo(device.opened());
        Segmenter.Options options =
                Segmenter.Options.DEFAULT.withSize(model.info().settings().inputSize());
        segmenter = Segmenter.of(model, options);
        workbench = Workbench.open(
                new Workbench.Settings(
                        "demo", List.of(), Path.of("unused"), 0, null, options, ImageReader.Limits.DEFAULT),
                model);
        URI address = URI.create(workbench.address());
        request = HttpRequest.newBuilder(address.resolve("/v1/segment"))
                .header("Authorization", "Bearer " + address.getQuery().substring("token=".length()))
                .header("Accept", "image/png")
                .POST(HttpRequest.BodyPublishers.ofByteArray(file))
                .build();
    }

    @TearDown
    public void close() {
        workbench.close();
        segmenter.close();
        model.close();
    }

    @Benchmark
    public byte[] library() throws IOException {
        Segmentation result = segmenter.segment(ImageReader.read(file));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PalettePng.write(bytes, result.labels(), Segmentation.palette(result.classes()));
        return bytes.toByteArray();
    }

    @Benchmark
    public byte[] request() throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException("answered with " + answer.statusCode());
        }
        return answer.body();
    }
}
