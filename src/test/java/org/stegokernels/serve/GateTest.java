package org.stegokernels.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody gets in but the page and programs that have the token. */
@Timeout(60)
class GateTest {
    @TempDir
    static Path folder;

    private static Served served;

    @BeforeAll
    static void open() throws IOException {
        served = Served.openSmall(folder.resolve("out"));
    }

    @AfterAll
    static void nothingWasWritten() {
        served.close();
        assertThat(folder).isEmptyDirectory();
    }

    private static HttpRequest.Builder stranger(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + served.port + path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/index.html", "/v1/model", "/v1/health", "/metrics", "/workbench/events", "/nothing"})
    void withoutTheTokenNothingIsShown(String path) throws Exception {
        HttpResponse<byte[]> answer = served.send(stranger(path));
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.headers().firstValue("WWW-Authenticate"))
                .hasValueSatisfying(value -> assertThat(value).startsWith("Bearer"));
        assertThat(Served.text(answer))
                .startsWith(
                        "{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401,\"detail\":\"The token");
        for (String wrong : new String[] {"Bearer " + Served.TOKEN + "x", "Bearer ", "Basic " + Served.TOKEN}) {
            assertThat(served.send(stranger(path).header("Authorization", wrong))
                            .statusCode())
                    .isEqualTo(401);
        }
        assertThat(served.send(stranger("/?token=wrong-wrong-wrong-wrong")).statusCode())
                .isEqualTo(401);
    }

    @Test
    void aPersonWithoutTheTokenReadsWhereItStands() throws Exception {
        HttpResponse<byte[]> answer = served.send(stranger("/").header("Accept", "text/html,*/*;q=0.8"));
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
        assertThat(Served.text(answer)).contains("stego-kernels serve");
    }

    @Test
    void theTokenInTheAddressBecomesACookie() throws Exception {
        HttpResponse<byte[]> entered = served.send(stranger("/?token=" + Served.TOKEN));
        assertThat(entered.statusCode()).isEqualTo(303);
        assertThat(entered.headers().firstValue("Location")).contains("/");
        String cookie = entered.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie)
                .isEqualTo("stego_" + served.port + "=" + Served.TOKEN + "; HttpOnly; SameSite=Strict; Path=/");
        String pair = "other=1; " + cookie.split(";")[0];
        assertThat(served.send(stranger("/v1/model").header("Cookie", pair)).statusCode())
                .isEqualTo(200);
        assertThat(served.send(stranger("/v1/model").header("Cookie", pair + "x"))
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void anAddressForOnceOpensThePageOnce() throws Exception {
        URI address = URI.create(served.workbench.addressForOnce());
        String path = address.getPath() + "?" + address.getQuery();
        assertThat(path).doesNotContain(Served.TOKEN);
        assertThat(served.send(stranger(path)).statusCode()).isEqualTo(303);
        assertThat(served.send(stranger(path)).statusCode()).isEqualTo(401);
        assertThat(served.send(stranger("/v1/model").header("Authorization", "Bearer " + address.getQuery()))
                        .statusCode())
                .isEqualTo(401);
    }

    /** A name that somebody else's name server suddenly gives for this machine. */
    @Test
    void aServerOfAnotherNameIsNotHere() throws Exception {
        String[] hosts = {"evil.example", "evil.example:" + served.port, "127.0.0.1:1", "127.0.0.1", "localhost.evil"};
        for (String host : hosts) {
            assertThat(Served.status(served.raw("GET /v1/model HTTP/1.1", "Host: " + host, Served.authorization())))
                    .as(host)
                    .isEqualTo(403);
        }
        assertThat(Served.status(served.raw("GET /v1/model HTTP/1.0", Served.authorization())))
                .isEqualTo(403);
        for (String foreign : new String[] {"http://evil.example/v1/model", "//evil.example/v1/model"}) {
            assertThat(Served.status(served.raw("GET " + foreign + " HTTP/1.1", served.host(), Served.authorization())))
                    .isEqualTo(403);
        }
        assertThat(Served.status(
                        served.raw("GET /v1/model HTTP/1.1", served.host(), served.host(), Served.authorization())))
                .isEqualTo(400);
        assertThat(Served.status(
                        served.raw("GET /v1/model HTTP/1.1", "Host: localhost:" + served.port, Served.authorization())))
                .isEqualTo(200);
    }

    @Test
    void requestsOfOtherPagesAreRefused() throws Exception {
        String[][] foreign = {
            {"Origin", "http://evil.example"},
            {"Origin", "null"},
            {"Origin", "http://127.0.0.1:1"},
            {"Origin", "https://127.0.0.1:" + served.port},
            {"Sec-Fetch-Site", "cross-site"},
            {"Sec-Fetch-Site", "same-site"}
        };
        for (String[] header : foreign) {
            assertThat(served.send(served.request("/v1/model").headers(header)).statusCode())
                    .as(header[1])
                    .isEqualTo(403);
        }
        assertThat(served.send(served.request("/v1/model")
                                .header("Origin", "http://localhost:" + served.port)
                                .header("Sec-Fetch-Site", "same-origin"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(served.send(stranger("/?token=" + Served.TOKEN).header("Sec-Fetch-Site", "cross-site"))
                        .statusCode())
                .as("a link to the page that stands in a mail")
                .isEqualTo(303);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../../../etc/passwd",
                "/..",
                "/%2e%2e/%2e%2e/etc/passwd",
                "/..%2f..%2fetc%2fpasswd",
                "/..%5c..%5cetc",
                "/.git",
                "/index.html%00.js",
                "/Workbench.class",
                "/workbench/photographs/../../v1/model",
                "/v1/",
                "/v1/model/"
            })
    void noPathLeadsElsewhere(String path) throws Exception {
        String answer = served.raw("GET " + path + " HTTP/1.1", served.host(), Served.authorization());
        assertThat(Served.status(answer)).isEqualTo(404);
        assertThat(answer).contains("application/problem+json").doesNotContain("root:");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /%zz HTTP/1.1",
                "GET /v1/model?a=1&a=2 HTTP/1.1",
                "GET /?x=%ff%zz HTTP/1.1",
                "GET * HTTP/1.1",
                "GET  HTTP/1.1",
                "nonsense"
            })
    void whatIsNoRequestIsRefused(String line) throws Exception {
        String answer = served.raw(line, served.host(), Served.authorization());
        assertThat(answer).matches("(?s)(HTTP/1.1 40[04].*)?");
        assertThat(served.get("/v1/health").statusCode()).isEqualTo(200);
    }

    @Test
    void anotherMethodIsToldWhichOneIsRight() throws Exception {
        HttpResponse<byte[]> answer = served.get("/v1/segment");
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("POST");
        answer = served.send(served.request("/v1/model").method("PUT", HttpRequest.BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(405);
        String head = served.raw("HEAD /v1/model HTTP/1.1", served.host(), Served.authorization());
        assertThat(head).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n").containsIgnoringCase("Content-Length: ");
    }

    @Test
    void everyAnswerTellsTheBrowserToBeCareful() throws Exception {
        for (String path : new String[] {"/v1/model", "/nothing", "/metrics"}) {
            HttpResponse<byte[]> answer = served.get(path);
            assertThat(answer.headers().firstValue("Content-Security-Policy"))
                    .hasValueSatisfying(policy -> assertThat(policy)
                            .contains("default-src 'none'", "script-src 'self';", "frame-ancestors 'none'")
                            .doesNotContain("unsafe", "http"));
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
            assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(answer.headers().firstValue("Referrer-Policy")).contains("no-referrer");
            assertThat(answer.headers().firstValue("Access-Control-Allow-Origin"))
                    .isEmpty();
        }
    }

    @Test
    void hugeHeadersEndTheConnection() throws Exception {
        String[] many = new String[10_000];
        many[0] = "GET /v1/model HTTP/1.1";
        for (int i = 1; i < many.length; i++) {
            many[i] = "X-" + i + ": " + "x".repeat(1000);
        }
        assertThat(tolerant(many)).doesNotContain("200");
        assertThat(tolerant("GET /" + "x".repeat(10_000_000) + " HTTP/1.1", served.host()))
                .doesNotContain("200");
        assertThat(served.get("/v1/health").statusCode()).isEqualTo(200);
    }

    /** The server may hang up while the request is still being sent. */
    private static String tolerant(String... lines) throws IOException {
        try {
            return served.raw(lines);
        } catch (IOException hungUp) {
            return "";
        }
    }

    @Test
    void connectionsThatSayNothingKeepNobodyOut() throws Exception {
        Socket[] silent = new Socket[100];
        for (int i = 0; i < silent.length; i++) {
            silent[i] = served.connect();
            if (i % 2 == 0) {
                silent[i].getOutputStream().write("GET /v1/mod".getBytes(StandardCharsets.US_ASCII));
            }
        }
        assertThat(served.get("/v1/health").statusCode()).isEqualTo(200);
        for (Socket each : silent) {
            each.close();
        }
        assertThat(served.get("/v1/health").statusCode()).isEqualTo(200);
    }
}
