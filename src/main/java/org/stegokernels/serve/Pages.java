package org.stegokernels.serve;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The files of the page, out of the program's jar. */
final class Pages {
    private static final String INDEX = "index.html";
    /** No slash, and no dot but one: no name leads to another folder. */
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*\\.[a-z]{2,4}");

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml",
            "png", "image/png");

    private final Map<String, byte[]> read = new ConcurrentHashMap<>();

    void addTo(Routes routes) {
        routes.add("GET", "/", exchange -> answer(exchange, INDEX));
        routes.add("GET", "/{name}", exchange -> answer(exchange, exchange.part("name")));
    }

    private void answer(Exchange exchange, String name) throws IOException {
        String type = NAME.matcher(name).matches() ? TYPES.get(name.substring(name.indexOf('.') + 1)) : null;
        if (type == null) {
            throw missing();
        }
        byte[] page = read.get(name);
        if (page == null) {
            try (InputStream in = Pages.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw missing();
                }
                page = in.readAllBytes();
                read.put(name, page);
            }
        }
        exchange.bytes(200, type, page);
    }

    private static Problem missing() {
        return new Problem(404, "There is nothing at this address.");
    }
}
