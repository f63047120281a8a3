package org.stegokernels.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.stegokernels.text.JsonReader;
import org.stegokernels.text.JsonWriter;

/**
 * One request and its answer. Everything that a client sends is bounded, and what is wrong with it becomes a {@link
 * Problem}.
 */
final class Exchange implements AutoCloseable {
    static final String JSON = "application/json";

    /** Shorter answers don't shrink by more than the header costs. */
    private static final int LEAST_TO_COMPRESS = 1 << 10;

    private static final int JSON_BYTES = 4 << 20;
    private static final int CHUNK_BYTES = 1 << 16;
    private static final long ANSWER_MILLIS = 60_000;
    private static final long LINGER_MILLIS = 1000;

    private final HttpExchange http;
    private final Works works;
    private Map<String, String> parameters = Map.of();
    private List<String> parts = List.of();
    private Routes.Route route;
    private Works.Room room;
    private int status;
    private boolean stream;

    /** @param works has room for the bodies of all requests */
    Exchange(HttpExchange http, Works works) {
        this.http = http;
        this.works = works;
    }

    /**
     * Reads the address.
     *
     * @throws Problem if it is not well formed
     */
    void readAddress() {
        String path = http.getRequestURI().getRawPath();
        if (path == null || !path.startsWith("/")) {
            throw new Problem(400, "The path of a request begins with a slash.");
        }
        parts = new ArrayList<>();
        Routes.parts(path).forEach(part -> parts.add(decoded(part.replace("+", "%2B"))));
        parameters = parameters(http.getRequestURI().getRawQuery());
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new HashMap<>();
        if (query != null) {
            for (String each : query.split("&")) {
                int equals = each.indexOf('=');
                String name = decoded(equals < 0 ? each : each.substring(0, equals));
                if (parameters.put(name, equals < 0 ? "" : decoded(each.substring(equals + 1))) != null) {
                    throw new Problem(400, "A parameter of the address comes twice.");
                }
            }
        }
        return parameters;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Problem(400, "The address has a percent sign without two hexadecimal digits after it.");
        }
    }

    /** Returns the host that the request line names, as it does on the way to a proxy; else null. */
    String authority() {
        return http.getRequestURI().getRawAuthority();
    }

    String method() {
        return http.getRequestMethod();
    }

    /** Returns the parts of the path between its slashes, decoded. */
    List<String> parts() {
        return parts;
    }

    Routes.Route route() {
        return route;
    }

    void take(Routes.Route found) {
        route = found;
    }

    /** Returns a part of the path by its name in braces. */
    String part(String name) {
        return parts.get(route.place(name));
    }

    /**
     * Returns a part of the path that is an id.
     *
     * @throws Problem 404 if it is no number
     */
    int id(String name) {
        try {
            return Integer.parseInt(part(name));
        } catch (NumberFormatException e) {
            throw new Problem(404, "There is nothing at this address: an id is a whole number.");
        }
    }

    /** Returns a parameter of the address; null if it is not there. */
    String parameter(String name) {
        return parameters.get(name);
    }

    /**
     * Returns a parameter of the address that is a whole number.
     *
     * @throws Problem 400 if it is missing, no number, or out of range
     */
    int number(String name, int least, int most) {
        String text = parameters.get(name);
        try {
            int number = text == null ? least - 1 : Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Refused below.
        }
        throw new Problem(400, "The address needs the parameter " + name + ", from " + least + " to " + most + ".");
    }

    /** As {@link #number(String, int, int)}, with a value to be taken if it is missing. */
    int number(String name, int least, int most, int usual) {
        return parameters.containsKey(name) ? number(name, least, most) : usual;
    }

    /**
     * Returns the only header of a name; null if there is none.
     *
     * @throws Problem 400 if there are several
     */
    String header(String name) {
        List<String> values = http.getRequestHeaders().get(name);
        if (values != null && values.size() > 1) {
            throw new Problem(400, "The header " + name + " comes twice.");
        }
        return values == null || values.isEmpty() ? null : values.get(0);
    }

    /** Returns all values of a header that is a list, parted by commas, in small letters and without spaces. */
    List<String> listed(String name) {
        List<String> values = new ArrayList<>();
        for (String line : http.getRequestHeaders().getOrDefault(name, List.of())) {
            for (String value : line.split(",")) {
                values.add(value.strip().toLowerCase(Locale.ROOT));
            }
        }
        return values;
    }

    /** Returns the cookies, {@code name=value} each. */
    List<String> cookies() {
        List<String> cookies = new ArrayList<>();
        for (String line : http.getRequestHeaders().getOrDefault("Cookie", List.of())) {
            for (String pair : line.split(";")) {
                cookies.add(pair.strip());
            }
        }
        return cookies;
    }

    /** Returns the largest body that is taken, in bytes. */
    int largestBody() {
        return works.largestBody();
    }

    /**
     * Reads the body. Its memory is accounted for until the request is answered.
     *
     * @param most bytes
     * @throws Problem 400 if it is empty or breaks off, 413 if it is longer, 503 if those of other requests leave no room
     */
    byte[] body(int most) {
        long announced = announced();
        if (announced > most) {
            throw tooLong(most);
        }
        int expected = announced < 0 ? most : (int) announced;
        room = works.room(expected);
        byte[] body = read(announced < 0, expected);
        if (body.length == 0) {
            throw new Problem(400, "The request needs a body.");
        }
        room.shrink(body.length);
        return body;
    }

    /** @param most bytes; so many are expected if the length was announced */
    private byte[] read(boolean chunked, int most) {
        InputStream in = http.getRequestBody();
        try {
            byte[] body = chunked ? in.readNBytes(most) : new byte[most];
            if (chunked && in.read() >= 0) {
                throw tooLong(most);
            }
            if (chunked || in.readNBytes(body, 0, most) == most) {
                return body;
            }
        } catch (IOException brokenOff) {
            // Said below, if the client still listens.
        }
        throw new Problem(400, "The body ends too early, or its chunks are not well formed.");
    }

    /** Returns the length of the body by the header; -1 if it comes in chunks. */
    private long announced() {
        if (http.getRequestHeaders().containsKey("Transfer-Encoding")) {
            return -1;
        }
        String length = header("Content-Length");
        // The server has refused what is no number.
        return length == null ? 0 : Long.parseLong(length);
    }

    private static Problem tooLong(int most) {
        return new Problem(413, "The body is longer than " + most + " bytes.");
    }

    /**
     * Reads a body that is a JSON object.
     *
     * @throws Problem 400 if it is anything else
     */
    Map<?, ?> json() {
        try {
            if (JsonReader.parse(ByteBuffer.wrap(body(JSON_BYTES))) instanceof Map<?, ?> object) {
                return object;
            }
            throw new Problem(400, "The body must be a JSON object.");
        } catch (JsonReader.SyntaxException | CharacterCodingException e) {
            throw new Problem(400, "The body is no JSON: " + e.getMessage());
        }
    }

    /** Sets a header of the answer, before the answer. */
    void set(String header, String value) {
        http.getResponseHeaders().set(header, value);
    }

    /** Answers with a JSON object. */
    void json(int code, JsonWriter.Fields fields) throws IOException {
        bytes(code, JSON, JsonWriter.bytes(fields));
    }

    /** Answers with status 204 and no body. */
    void empty() throws IOException {
        empty(204);
    }

    /** Answers without a body. */
    void empty(int code) throws IOException {
        send(code, null);
    }

    /**
     * Answers with bytes, compressed if the client takes that and the type isn't a compressed one.
     *
     * @param type a media type
     */
    void bytes(int code, String type, byte[] body) throws IOException {
        Headers headers = http.getResponseHeaders();
        headers.set("Content-Type", type);
        boolean compressible = !type.startsWith("image/") || type.startsWith("image/svg");
        byte[] sent = body;
        if (compressible) {
            headers.set("Vary", "Accept-Encoding");
            if (body.length >= LEAST_TO_COMPRESS && takesGzip()) {
                headers.set("Content-Encoding", "gzip");
                sent = compressed(body);
            }
        }
        send(code, sent);
    }

    /** As {@link #bytes}, without the time that it takes to find that they hardly shrink. */
    void bytesAsTheyAre(String type, byte[] body) throws IOException {
        http.getResponseHeaders().set("Content-Type", type);
        send(200, body);
    }

    private boolean takesGzip() {
        for (String value : listed("Accept-Encoding")) {
            if (value.equals("gzip") || value.startsWith("gzip;") && !value.matches("gzip; *q=0(\\.0*)?")) {
                return true;
            }
        }
        return false;
    }

    private static byte[] compressed(byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 4);
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes, CHUNK_BYTES)) {
            gzip.write(body);
        }
        return bytes.toByteArray();
    }

    private void send(int code, byte[] body) throws IOException {
        status = code;
        boolean bare = body == null || body.length == 0 || method().equals("HEAD");
        if (body != null && bare) {
            http.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
        }
        try (Works.Held limit = works.limit(ANSWER_MILLIS)) {
            http.sendResponseHeaders(code, bare ? -1 : body.length);
            if (!bare) {
                write(http.getResponseBody(), body);
            }
        }
    }

    /** Writes in pieces: of each write Java keeps a copy outside of its heap, for as long as the thread lives. */
    private static void write(OutputStream out, byte[] body) throws IOException {
        for (int from = 0; from < body.length; from += CHUNK_BYTES) {
            out.write(body, from, Math.min(CHUNK_BYTES, body.length - from));
        }
        out.flush();
    }

    /** Begins to answer with a stream, which ends with the exchange; it is written by {@link #send(byte[])}. */
    void begin(String type) throws IOException {
        status = 200;
        stream = true;
        http.getResponseHeaders().set("Content-Type", type);
        http.sendResponseHeaders(200, 0);
    }

    /** Sends the next part of a stream. */
    void send(byte[] part) throws IOException {
        try (Works.Held limit = works.limit(ANSWER_MILLIS)) {
            write(http.getResponseBody(), part);
        }
    }

    /** Returns the status of the answer; 0 before it. */
    int status() {
        return status;
    }

    /**
     * Answers with a problem. What is left of the body is read for a moment and thrown away: a client that is still
     * sending would see a broken connection in place of the answer.
     */
    void answer(Problem problem) throws IOException {
        problem.headers().forEach(this::set);
        bytes(problem.status(), problem.type(), problem.body());
        if (method().equals("HEAD")) {
            return;
        }
        byte[] chunk = new byte[CHUNK_BYTES];
        try (Works.Held limit = works.limit(LINGER_MILLIS)) {
            while (http.getRequestBody().read(chunk) >= 0) {
                // Thrown away.
            }
        }
    }

    /** Returns true if the answer is a stream, which lasts as long as the client likes. */
    boolean isStream() {
        return stream;
    }

    @Override
    public void close() {
        if (room != null) {
            room.close();
        }
        http.close();
    }
}
