package org.stegokernels.serve;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.text.JsonWriter;

/** An answer that says what is wrong (RFC 9457, {@code application/problem+json}). */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final Map<Integer, String> TITLES = Map.ofEntries(
            Map.entry(400, "Bad Request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(406, "Not Acceptable"),
            Map.entry(408, "Request Timeout"),
            Map.entry(409, "Conflict"),
            Map.entry(413, "Content Too Large"),
            Map.entry(415, "Unsupported Media Type"),
            Map.entry(422, "Unprocessable Content"),
            Map.entry(500, "Internal Server Error"),
            Map.entry(503, "Service Unavailable"),
            Map.entry(507, "Insufficient Storage"));

    private final int status;
    private final transient Map<String, String> headers = new LinkedHashMap<>();
    private boolean page;

    /**
     * @param status of HTTP
     * @param detail what is wrong and what to do, in a sentence
     */
    Problem(int status, String detail) {
        super(detail, null, false, false);
        this.status = status;
    }

    /** Adds a header to the answer. */
    Problem with(String header, String value) {
        headers.put(header, value);
        return this;
    }

    /** Has it answered as a page, to a person. */
    Problem asPage() {
        page = true;
        return this;
    }

    int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** Returns the media type of the answer. */
    String type() {
        return page ? "text/html; charset=utf-8" : "application/problem+json";
    }

    /** Returns the body of the answer. */
    byte[] body() throws IOException {
        String title = TITLES.getOrDefault(status, "Error");
        if (page) {
            return ("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>" + title + "</title><h1>" + title
                            + "</h1><p>" + escaped(getMessage()))
                    .getBytes(StandardCharsets.UTF_8);
        }
        return JsonWriter.bytes(json -> {
            json.field("type", "about:blank");
            json.field("title", title);
            json.field("status", status);
            json.field("detail", getMessage());
        });
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
