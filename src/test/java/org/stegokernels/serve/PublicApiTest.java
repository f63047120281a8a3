package org.stegokernels.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.cli.Main;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.RgbImage;

/** Answers to other programs. */
class PublicApiTest {
    private static final String SEGMENT = "/v1/segment";

    @TempDir
    static Path folder;

    private static Served served;
    private static byte[] photograph;
    /** The file that {@code segment} makes of the photograph. */
    private static Path labels;

    @BeforeAll
    static void open() throws IOException {
        served = Served.open(folder.resolve("out"));
        photograph = picture(75, 101);
        Path file = Files.write(folder.resolve("street.png"), photograph);
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        String[] line = {
            "segment", file.toString(), "-m", Served.MODEL.toString(), "--device", "cpu", "-o", folder + "/masks"
        };
        assertThat(Main.run(line, nowhere, nowhere)).isZero();
        labels = folder.resolve("masks/street.png");
    }

    @AfterAll
    static void nothingWasWritten() {
        served.close();
        assertThat(folder.resolve("out")).doesNotExist();
    }

    static byte[] picture(int width, int height) throws IOException {
        byte[] rgb = new byte[3 * width * height];
        Random random = new Random(width);
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) ((i / 3 % width < width / 2 ? 20 : 200) + random.nextInt(40));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PngWriter.write(bytes, new RgbImage(width, height, rgb));
        return bytes.toByteArray();
    }

    private static JsonNode json(HttpResponse<byte[]> answer) throws IOException {
        return new ObjectMapper().readTree(answer.body());
    }

    @Test
    void thePictureIsThatOfTheCommandLineByteForByte() throws Exception {
        HttpResponse<byte[]> answer = served.post(SEGMENT, photograph, "Accept", "image/png");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("image/png");
        assertThat(answer.body()).isEqualTo(Files.readAllBytes(labels));
    }

    @Test
    void theMasksAreTheLabelsOfTheCommandLine() throws Exception {
        HttpResponse<byte[]> answer = served.post(SEGMENT, photograph);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        JsonNode json = json(answer);
        LabelMap expected = PalettePng.read(labels);
        assertThat(json.at("/width").asInt()).isEqualTo(75);
        assertThat(json.at("/height").asInt()).isEqualTo(101);
        byte[] found = new byte[expected.labels().length];
        Arrays.fill(found, (byte) LabelMap.IGNORE);
        double shares = 0;
        JsonNode summary =
                new ObjectMapper().readTree(folder.resolve("masks/summary.json").toFile());
        for (JsonNode each : json.at("/classes")) {
            int id = each.at("/id").asInt();
            assertThat(each.at("/segmentation/size").toString()).isEqualTo("[101,75]");
            int pixels = paint(each.at("/segmentation/counts").asText(), 101, 75, (byte) id, found);
            assertThat(each.at("/share").asDouble()).isCloseTo(pixels / (75.0 * 101), within(1e-12));
            assertThat(each.at("/confidence").asDouble()).isBetween(0.01, 1.0);
            JsonNode known = summary.at("/classes/" + id);
            assertThat(each.at("/name")).isEqualTo(known.at("/name"));
            assertThat(each.at("/color").asText())
                    .isEqualToIgnoringCase(
                            known.at("/colour").asText(known.at("/color").asText()));
            shares += each.at("/share").asDouble();
        }
        assertThat(shares).isCloseTo(1, within(1e-9));
        assertThat(found).isEqualTo(expected.labels());
    }

    /** Paints a mask as pycocotools' {@code rleFrString} and {@code rleDecode} read it; returns how many pixels it has. */
    private static int paint(String counts, int height, int width, byte label, byte[] target) {
        int at = 0;
        int painted = 0;
        boolean inside = false;
        long[] lengths = new long[counts.length()];
        int count = 0;
        for (int i = 0; i < counts.length(); ) {
            long length = 0;
            int shift = 0;
            int group;
            do {
                group = counts.charAt(i++) - 48;
                length |= (long) (group & 0x1f) << shift;
                shift += 5;
            } while ((group & 0x20) != 0);
            if ((group & 0x10) != 0) {
                length |= -1L << shift;
            }
            lengths[count] = count > 2 ? length + lengths[count - 2] : length;
            for (long pixel = 0; pixel < lengths[count]; pixel++, at++) {
                if (inside) {
                    target[at % height * width + at / height] = label;
                    painted++;
                }
            }
            count++;
            inside = !inside;
        }
        assertThat(at).isEqualTo(height * width);
        return painted;
    }

    @Test
    void theTimeIsToldByStage() throws Exception {
        HttpResponse<byte[]> answer = served.post(SEGMENT, photograph);
        String[] stages = {"wait", "decode", "resize", "backbone", "classify", "crf", "labels", "write", "total"};
        JsonNode seconds = json(answer).at("/seconds");
        double sum = -2 * seconds.at("/total").asDouble();
        for (String stage : stages) {
            assertThat(seconds.at("/" + stage).asDouble(-1)).as(stage).isBetween(0.0, 60.0);
            sum += seconds.at("/" + stage).asDouble();
        }
        assertThat(sum).as("all stages less the total").isLessThan(1e-3);
        assertThat(answer.headers().firstValue("Server-Timing").orElseThrow())
                .matches("wait;dur=[\\d.]+(, [a-z]+;dur=[\\d.]+)+")
                .contains("backbone;dur=", "crf;dur=", "total;dur=");
    }

    @Test
    void jsonIsCompressedWhereTheClientTakesThat() throws Exception {
        byte[] large = picture(300, 400);
        byte[] plain = served.post(SEGMENT, large).body();
        HttpResponse<byte[]> answer = served.post(SEGMENT, large, "Accept-Encoding", "br, gzip;q=0.5");
        assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
        byte[] unpacked = new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes();
        assertThat(new ObjectMapper().readTree(unpacked).at("/classes"))
                .isEqualTo(new ObjectMapper().readTree(plain).at("/classes"));
    }

    @ParameterizedTest
    @CsvSource({
        "'', false",
        "*/*, false",
        "application/json, false",
        "image/png, true",
        "'image/png,*/*;q=0.5', true",
        "'image/*', true",
        "'image/png;q=0.2,application/json', false",
        "'image/png;q=0.9,application/json;q=0.3', true",
        "'text/html,*/*;q=0.8', false",
        "'image/png;q=0, */*', false"
    })
    void theClientChoosesTheFormat(String accept, boolean png) {
        List<String> entries = accept.isEmpty() ? List.of() : List.of(accept.split(" *, *"));
        assertThat(PublicApi.wantsPng(entries)).isEqualTo(png);
    }

    @Test
    void aFormatThatIsNotThereIsRefused() throws Exception {
        assertThat(served.post(SEGMENT, photograph, "Accept", "image/webp").statusCode())
                .isEqualTo(406);
        assertThatExceptionOfType(Problem.class).isThrownBy(() -> PublicApi.wantsPng(List.of("text/html")));
    }

    @Test
    void whatIsNoPhotographIsRefusedWithTheReason() throws Exception {
        HttpResponse<byte[]> answer = served.post(SEGMENT, "no picture at all".getBytes(StandardCharsets.US_ASCII));
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(json(answer).at("/detail").asText()).contains("is not an image");
        answer = served.post(SEGMENT, Arrays.copyOf(photograph, photograph.length / 2));
        assertThat(answer.statusCode()).isEqualTo(422);
        answer = served.post(SEGMENT, new byte[0]);
        assertThat(answer.statusCode()).isEqualTo(400);
    }

    /** Few bytes that promise 1.2 GB. */
    @Test
    void aHeaderThatPromisesTooMuchIsNotBelieved() throws Exception {
        byte[] bomb = photograph.clone();
        ByteBuffer header = ByteBuffer.wrap(bomb);
        header.putInt(16, 20_000).putInt(20, 20_000);
        CRC32 checksum = new CRC32();
        checksum.update(bomb, 12, 17);
        header.putInt(29, (int) checksum.getValue());
        HttpResponse<byte[]> answer = served.post(SEGMENT, bomb);
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(json(answer).at("/detail").asText()).contains("20000 x 20000");
    }

    @Test
    void bodiesOfAGigabyteAreRefusedUnread() throws Exception {
        long start = System.nanoTime();
        String answer = served.raw(
                "POST " + SEGMENT + " HTTP/1.1", served.host(), Served.authorization(), "Content-Length: 1000000000");
        assertThat(Served.status(answer)).isEqualTo(413);
        assertThat((System.nanoTime() - start) / 1e9).isLessThan(10);
    }

    @Test
    void whoSendsAGigabyteReadsTheAnswer() throws Exception {
        for (String length : new String[] {"Content-Length: 1000000000", "Transfer-Encoding: chunked"}) {
            try (Socket socket = served.connect()) {
                OutputStream out = socket.getOutputStream();
                String head = String.join(
                        "\r\n", "POST " + SEGMENT + " HTTP/1.1", served.host(), Served.authorization(), length, "", "");
                out.write(head.getBytes(StandardCharsets.US_ASCII));
                byte[] chunk = new byte[1 << 20];
                byte[] size = "100000\r\n".getBytes(StandardCharsets.US_ASCII);
                try {
                    for (int i = 0; i < 900; i++) {
                        if (length.endsWith("chunked")) {
                            out.write(size);
                            out.write(chunk);
                            out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
                        } else {
                            out.write(chunk);
                        }
                    }
                } catch (IOException hungUp) {
                    // After a while of reading it to no purpose.
                }
                assertThat(Served.read(socket)).as(length).matches("(?s)(HTTP/1.1 413.*)?");
            }
        }
        assertThat(served.get("/v1/health").statusCode()).isEqualTo(200);
    }

    @Test
    void aBodyThatBreaksOffHarmsNobody() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Socket socket = served.connect()) {
                String head = String.join(
                        "\r\n",
                        "POST " + SEGMENT + " HTTP/1.1",
                        served.host(),
                        Served.authorization(),
                        "Content-Length: " + photograph.length,
                        "",
                        "");
                socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().write(photograph, 0, photograph.length * i / 20);
            }
        }
        assertThat(served.post(SEGMENT, photograph, "Accept", "image/png").body())
                .isEqualTo(Files.readAllBytes(labels));
    }

    @Test
    void chunkedBodiesAreTaken() throws Exception {
        HttpRequest.Builder request = served.request(SEGMENT)
                .header("Accept", "image/png")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(photograph)));
        assertThat(served.send(request).body()).isEqualTo(Files.readAllBytes(labels));
    }

    @Test
    void theModelDescribesItself() throws Exception {
        JsonNode json = json(served.get("/v1/model"));
        assertThat(json.at("/name").asText()).isEqualTo("pipeline");
        assertThat(json.at("/device").asText()).isEqualTo("cpu");
        assertThat(json.at("/crf").asBoolean()).isTrue();
        assertThat(json.at("/classes").size()).isPositive();
        assertThat(json.at("/classes/0/color").asText()).matches("#[0-9a-f]{6}");
        assertThat(json(served.get("/v1/health")).at("/status").asText()).isEqualTo("ok");
    }

    @Test
    void aModelWithoutClassesSegmentsNothing() throws Exception {
        try (Served backbone =
                Served.open(Path.of("kernels/reference/vit_micro_p8.safetensors"), folder.resolve("out"))) {
            assertThat(backbone.post(SEGMENT, photograph).statusCode()).isEqualTo(409);
            assertThat(json(backbone.get("/v1/model")).at("/classes")).isEmpty();
        }
    }
}
