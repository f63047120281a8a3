package org.stegokernels.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.RgbImage;
import org.stegokernels.weights.Safetensors;

/** Requests of the page. */
class BoardApiTest {
    private static final int PATIENCE_SECONDS = 60;

    @TempDir
    Path folder;

    private Served served;
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    /** Opened by the first line of the stream: what happens before it is told to nobody. */
    private final CountDownLatch listening = new CountDownLatch(1);

    private Thread listener;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        served = Served.open(folder.resolve("out"));
        listener = new Thread(this::listen);
        listener.setDaemon(true);
        listener.start();
        assertThat(listening.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    /** Reads the events of the server, each as its name and its data, until the server ends. */
    private void listen() {
        try {
            String name = "";
            for (String line : (Iterable<String>) served.lines("/workbench/events")::iterator) {
                listening.countDown();
                if (line.startsWith("event: ")) {
                    name = line.substring("event: ".length());
                } else if (line.startsWith("data: ")) {
                    events.add(name + " " + line.substring("data: ".length()));
                }
            }
        } catch (IOException | RuntimeException end) {
            // The server has ended.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void close() throws InterruptedException {
        served.close();
        listener.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertThat(listener.isAlive()).isFalse();
    }

    /** Waits for an event whose data begin with some fields. */
    private JsonNode await(String name, String fields) throws IOException, InterruptedException {
        while (true) {
            String event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(event).as(name + " " + fields).isNotNull();
            if (event.startsWith(name + " ") && event.contains(fields)) {
                return new ObjectMapper().readTree(event.substring(name.length() + 1));
            }
        }
    }

    private static byte[] png(int width, int height, long seed) throws IOException {
        byte[] rgb = new byte[3 * width * height];
        new Random(seed).nextBytes(rgb);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PngWriter.write(out, new RgbImage(width, height, rgb));
        return out.toByteArray();
    }

    private JsonNode upload(String name) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = served.post("/workbench/photographs?name=" + name, png(96, 64, 1));
        assertThat(answer.statusCode()).isEqualTo(201);
        JsonNode photograph = json(answer);
        await("photograph", "\"id\":" + photograph.get("id") + ",\"name\":\"" + name + "\",\"width\":96");
        return photograph;
    }

    private static JsonNode json(HttpResponse<byte[]> answer) throws IOException {
        return new ObjectMapper().readTree(answer.body());
    }

    private HttpResponse<byte[]> change(String json) throws IOException, InterruptedException {
        return served.post("/workbench/board", json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private JsonNode changed(String json) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = change(json);
        assertThat(answer.statusCode()).as(Served.text(answer)).isEqualTo(200);
        return json(answer);
    }

    @Test
    void theStateIsWhatThePageNeedsToBegin() throws IOException, InterruptedException {
        JsonNode state = json(served.get("/workbench/state"));
        assertThat(state.at("/model").toString())
                .isEqualTo("{\"name\":\"pipeline\",\"vectors\":\"code\",\"width\":24,\"patch\":8,\"size\":320}");
        assertThat(state.at("/out").asText()).isEqualTo(folder.resolve("out").toString());
        assertThat(state.at("/formats").toString())
                .contains("\"png\"", "\"coco\"")
                .doesNotContain("cutout");
        assertThat(state.at("/photographs")).isEmpty();
        JsonNode board = state.at("/board");
        assertThat(board.at("/generation").asInt()).isEqualTo(1);
        assertThat(board.at("/clusters").asInt()).isEqualTo(6);
        assertThat(board.at("/source").asText()).isEqualTo("model");
        assertThat(board.at("/canUndo").isNull()).isTrue();
        assertThat(board.at("/classOf").toString()).isEqualTo("[0,1,2,3,4,5]");
        assertThat(board.at("/classes/0/color").asText()).matches("#[0-9a-f]{6}");
    }

    @Test
    void aPhotographComesWithItsPictureVectorsAndLabels() throws IOException, InterruptedException {
        int id = upload("street.png").get("id").asInt();
        String path = "/workbench/photographs/" + id;
        HttpResponse<byte[]> image = served.get(path + "/image?side=48");
        assertThat(image.headers().firstValue("Content-Type")).hasValue("image/jpeg");
        assertThat(ImageIO.read(new ByteArrayInputStream(image.body())).getWidth())
                .isEqualTo(48);

        JsonNode photograph = json(served.get("/workbench/state")).at("/photographs/0");
        int patches = photograph.get("rows").asInt() * photograph.get("columns").asInt();
        int pixels = photograph.get("workingWidth").asInt()
                * photograph.get("workingHeight").asInt();
        assertThat(photograph.get("state").asText()).isEqualTo("ready");
        for (String of : new String[] {"code", "features"}) {
            HttpResponse<byte[]> vectors = served.get(path + "/vectors?of=" + of);
            int width = Integer.parseInt(vectors.headers().firstValue("X-Width").orElseThrow());
            assertThat(vectors.body()).hasSize(2 * width * patches);
        }
        HttpResponse<byte[]> quick = served.get(path + "/labels?generation=1");
        assertThat(quick.headers().firstValue("X-Refined")).hasValue("false");
        assertThat(quick.body()).hasSize(2 * pixels);
        await("labels", "\"id\":" + id + ",\"generation\":1");
        HttpResponse<byte[]> refined = served.get(path + "/labels?generation=1");
        assertThat(refined.headers().firstValue("X-Refined")).hasValue("true");
        assertThat(refined.body()).hasSize(2 * pixels).isNotEqualTo(quick.body());
        assertThat(served.get(path + "/labels?generation=2").statusCode()).isEqualTo(409);

        HttpRequest.Builder delete = served.request(path).DELETE();
        assertThat(served.send(delete).statusCode()).isEqualTo(204);
        assertThat(served.send(delete).statusCode()).isEqualTo(404);
    }

    @Test
    void classesAreChangedTaughtUndoneAndSaved() throws IOException, InterruptedException {
        int id = upload("street.png").get("id").asInt();
        JsonNode named = changed("{'do':'rename','class':3,'name':'road'}");
        assertThat(named.at("/classes/3/name").asText()).isEqualTo("road");
        assertThat(named.at("/canUndo").asText()).isEqualTo("Rename class");
        assertThat(await("board", "\"road\"").at("/revision")).isEqualTo(named.at("/revision"));
        changed("{'do':'recolor','class':3,'color':'#80FF80'}");
        JsonNode merged = changed("{'do':'merge','classes':[3,1],'name':'way'}");
        assertThat(merged.at("/classOf").toString()).isEqualTo("[0,1,2,1,4,5]");
        assertThat(merged.at("/generation").asInt()).isEqualTo(1);
        JsonNode taught = changed("{'do':'teach','strokes':[{'photograph':" + id
                + ",'patches':[1,2,3],'class':'corner','is':true},{'photograph':" + id
                + ",'patches':[60],'class':1,'is':false}]}");
        assertThat(taught.at("/source").asText()).isEqualTo("taught");
        assertThat(taught.at("/generation").asInt()).isGreaterThan(1);
        assertThat(taught.at("/clusters").isNull()).isTrue();
        assertThat(taught.at("/strokes").toString())
                .isEqualTo("[{\"photograph\":" + id + ",\"patches\":[1,2,3],\"class\":6,\"is\":true},{\"photograph\":"
                        + id + ",\"patches\":[60],\"class\":1,\"is\":false}]");
        JsonNode undone = changed("{'do':'undo'}");
        assertThat(undone.at("/canRedo").asText()).isEqualTo("Teach");
        assertThat(undone.at("/strokes")).isEmpty();
        JsonNode again = changed("{'do':'redo'}");
        assertThat(again.at("/generation")).isEqualTo(taught.at("/generation"));
        assertThat(again.at("/classOf")).isEqualTo(taught.at("/classOf"));
        assertThat(changed("{'do':'split','class':0,'into':2}").at("/classes")).hasSize(7);
        assertThat(changed("{'do':'clusters','k':4}").at("/classes")).hasSize(4);

        JsonNode typical = json(served.get("/workbench/atlas?class="
                + json(served.get("/workbench/state")).at("/board/classes/0/id").asInt() + "&count=3"));
        assertThat(typical.at("/patches")).hasSize(3);
        assertThat(typical.at("/patches/0/photograph").asInt()).isEqualTo(id);

        JsonNode saved = json(served.post("/workbench/save", "{\"name\":\"mine.safetensors\"}".getBytes()));
        Path model = folder.resolve("out/mine.safetensors");
        assertThat(saved.at("/path").asText()).isEqualTo(model.toString());
        assertThat(saved.at("/command").asText()).startsWith("stego-kernels segment PHOTOS -m " + model);
        HttpResponse<byte[]> download = served.get("/workbench/model.safetensors");
        assertThat(download.body()).isEqualTo(java.nio.file.Files.readAllBytes(model));
        assertThat(Safetensors.of("mine", ByteBuffer.wrap(download.body())).names())
                .contains("cluster_probe.clusters");
        JsonNode exported = json(served.post("/workbench/export", "{\"formats\":[\"png\",\"coco\"]}".getBytes()));
        assertThat(exported.at("/files").asInt()).isEqualTo(2);
        assertThat(folder.resolve("out/masks/street.png")).exists();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                                                  | 400 | \"do\" must be a text",
                "{'do':'explode'}                                    | 400 | What to do is",
                "{'do':'rename','class':'3','name':'x'}              | 400 | \"class\" must be a whole number",
                "{'do':'rename','class':2147483648,'name':'x'}       | 400 | \"class\" must be a whole number",
                "{'do':'rename','class':3}                           | 400 | \"name\" must be a text",
                "{'do':'rename','class':3,'name':''}                 | 422 | needs a name",
                "{'do':'rename','class':30,'name':'x'}               | 404 | no class 30",
                "{'do':'recolor','class':3,'color':'red'}            | 400 | a colour as #808080",
                "{'do':'recolor','class':3,'color':'#-12345'}        | 400 | a colour as #808080",
                "{'do':'merge','classes':'all'}                      | 400 | a list of whole numbers",
                "{'do':'merge','classes':[1,'2']}                    | 400 | a list of whole numbers",
                "{'do':'split','class':1,'into':1000000}             | 422 | 2 to 255",
                "{'do':'clusters','k':-3}                            | 422 | 2 to 255",
                "{'do':'clusters','k':3}                             | 422 | only 0 patches",
                "{'do':'teach','strokes':{}}                         | 400 | a list of strokes",
                "{'do':'teach','strokes':[1]}                        | 400 | a list of strokes",
                "{'do':'teach','strokes':[{'photograph':0,'patches':[],'class':1,'is':true}]} | 400 | one patch or more",
                "{'do':'teach','strokes':[{'photograph':0,'patches':[1],'class':1}]} | 400 | true or false",
                "{'do':'teach','strokes':[{'photograph':0,'patches':[1],'class':null,'is':true}]} | 400 | id of a class",
                "{'do':'undo'}                                       | 409 | nothing to undo",
                "[1]                                                 | 400 | must be a JSON object",
                "{'do':'undo','do':'redo'}                           | 400 | comes twice"
            })
    void whatMakesNoSenseIsAProblemThatSaysWhy(String json, int status, String reason)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = change(json);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(json(answer).at("/detail").asText()).contains(reason);
        assertThat(answer.statusCode()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({
        "/workbench/photographs/7/image, 404",
        "/workbench/photographs/-1/labels?generation=1, 404",
        "/workbench/photographs/x/image, 404",
        "/workbench/photographs/99999999999/image, 404",
        "/workbench/photographs/../image, 404",
        "/workbench/photographs/0/labels, 400",
        "/workbench/photographs/0/labels?generation=x, 400",
        "/workbench/photographs/0/image?side=0, 400",
        "/workbench/photographs/0/image?side=100000, 400",
        "/workbench/photographs/0/vectors?of=pixels, 404",
        "/workbench/atlas, 400",
        "/workbench/atlas?class=77, 404",
        "/workbench/atlas?class=1&count=100000, 400",
        "/workbench/nothing, 404",
        "/workbench/board, 405"
    })
    void addressesThatLeadNowhereSayWhy(String path, int status) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = served.get(path);
        assertThat(answer.statusCode()).as(Served.text(answer)).isEqualTo(status);
        assertThat(json(answer).at("/detail").asText()).isNotEmpty();
    }

    @Test
    void anUploadThatIsNoPictureFailsOnTheBoard() throws IOException, InterruptedException {
        byte[] text = "no picture".getBytes(StandardCharsets.UTF_8);
        assertThat(served.post("/workbench/photographs?name=a.png", text).statusCode())
                .isEqualTo(201);
        JsonNode failed = await("photograph", "\"state\":\"failed\"");
        assertThat(failed.at("/error").asText()).contains("a.png");
        assertThat(await("progress", "\"failed\":1").at("/done").asInt()).isEqualTo(1);
        assertThat(served.post("/workbench/photographs", text).statusCode()).isEqualTo(400);
        assertThat(served.post("/workbench/photographs?name=..", text).statusCode())
                .isEqualTo(400);
    }

    @Test
    void nothingIsLeftOfAPhotographThatGoesWhileItIsRead() throws IOException, InterruptedException {
        for (int i = 0; i < 12; i++) {
            served.post("/workbench/photographs?name=" + i + ".png", png(96, 64, i));
            served.send(served.request("/workbench/photographs/" + i).DELETE());
        }
        int last = upload("last.png").get("id").asInt();
        JsonNode state = json(served.get("/workbench/state"));
        assertThat(state.at("/photographs")).hasSize(1);
        assertThat(state.at("/photographs/0/id").asInt()).isEqualTo(last);
    }
}
