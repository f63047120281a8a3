package org.stegokernels.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.stegokernels.device.DeviceException;
import org.stegokernels.image.ImageException;
import org.stegokernels.io.FileErrors;

/**
 * The one way in. Lets a request through if it is meant for this server (no other name in its Host header, which a
 * rebound name would bring), comes from its own page or from no page, and has the token; everything else gets a {@link
 * Problem}, as do failures of handlers.
 */
final class Gate implements HttpHandler {
    private static final System.Logger LOG = System.getLogger(Gate.class.getName());
    private static final int TOKEN_BYTES = 16;
    private static final int LEAST_TOKEN = 16;
    private static final String TOKEN = "token";
    private static final String BEARER = "Bearer ";
    private static final String ENTRANCE = "/";

    /** Scripts and styles are files of the page; pictures also what it draws itself. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
                    + " connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /** Values of Sec-Fetch-Site that are let in: a page of this server, or none at all. Another port of this machine is {@code same-site}. */
    private static final Set<String> OWN = Set.of("same-origin", "none");

    private final Routes routes;
    private final Works works;
    private final Metrics metrics;
    private final String token;
    private final String cookie;
    private final Set<String> hosts;
    /** A token that opens the page once, or null. */
    private final AtomicReference<String> ticket = new AtomicReference<>();

    /**
     * @param token to be shown by all requests; see {@link #isToken}
     * @param port that the server listens on
     */
    Gate(Routes routes, Works works, Metrics metrics, String token, int port) {
        this.routes = routes;
        this.works = works;
        this.metrics = metrics;
        this.token = token;
        cookie = "stego_" + port;
        hosts = Set.of("127.0.0.1:" + port, "localhost:" + port);
    }

    /** Returns a token that nobody can guess. */
    static String newToken() {
        byte[] bytes = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Returns true if a text can stand in an address and a cookie, and is too long to be guessed soon. */
    static boolean isToken(String text) {
        return text.length() >= LEAST_TOKEN && text.matches("[A-Za-z0-9_-]+");
    }

    /** Returns a token that opens the page once: the command line of a browser can be read by others. */
    String newTicket() {
        String made = newToken();
        ticket.set(made);
        return made;
    }

    @Override
    public void handle(HttpExchange http) throws IOException {
        long start = System.nanoTime();
        setHeaders(http.getResponseHeaders());
        Exchange exchange = new Exchange(http, works);
        try (exchange) {
            try {
                exchange.readAddress();
                if (admit(exchange)) {
                    exchange.take(routes.find(exchange.method(), exchange.parts()));
                    exchange.route().handler().handle(exchange);
                }
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                if (exchange.status() != 0) {
                    // Too late for another answer: the server ends the connection.
                    throw e;
                }
                exchange.answer(problem(e));
            }
        } finally {
            metrics.answered(exchange, System.nanoTime() - start);
        }
    }

    private static void setHeaders(Headers headers) {
        headers.set("Content-Security-Policy", POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", "no-store");
    }

    /**
     * Returns true if the request may have its answer; false if it has been answered here.
     *
     * @throws Problem if it may not
     */
    private boolean admit(Exchange exchange) throws IOException {
        requireOwnHost(exchange);
        boolean entering = exchange.parts().equals(Routes.parts(ENTRANCE))
                && exchange.method().equals("GET")
                && exchange.parameter(TOKEN) != null;
        String site = exchange.header("Sec-Fetch-Site");
        String origin = exchange.header("Origin");
        // A link to the page may stand on another one.
        boolean foreign = site != null && !OWN.contains(site) && !entering;
        if (foreign || origin != null && !isOwn(origin)) {
            throw new Problem(403, "Requests of other pages are refused.");
        }
        if (entering) {
            if (!opens(exchange.parameter(TOKEN))) {
                throw unauthorized(exchange);
            }
            exchange.set("Set-Cookie", cookie + "=" + token + "; HttpOnly; SameSite=Strict; Path=/");
            exchange.set("Location", ENTRANCE);
            exchange.empty(303);
            return false;
        }
        if (!isAuthorized(exchange)) {
            throw unauthorized(exchange);
        }
        return true;
    }

    private void requireOwnHost(Exchange exchange) {
        String host = exchange.header("Host");
        String asked = exchange.authority();
        if (host == null || !hosts.contains(host) || asked != null && !hosts.contains(asked)) {
            throw new Problem(403, "This server answers to 127.0.0.1 and localhost alone.");
        }
    }

    private boolean isOwn(String origin) {
        String start = "http://";
        return origin.startsWith(start) && hosts.contains(origin.substring(start.length()));
    }

    private boolean isAuthorized(Exchange exchange) {
        String header = exchange.header("Authorization");
        if (header != null) {
            return header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                    && isToken(header.substring(BEARER.length()).strip(), token);
        }
        for (String pair : exchange.cookies()) {
            if (pair.startsWith(cookie + "=") && isToken(pair.substring(cookie.length() + 1), token)) {
                return true;
            }
        }
        return false;
    }

    private boolean opens(String given) {
        String once = ticket.get();
        return isToken(given, token) || once != null && isToken(given, once) && ticket.compareAndSet(once, null);
    }

    /** Takes equally long wherever they differ. */
    private static boolean isToken(String given, String right) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));
    }

    private static Problem unauthorized(Exchange exchange) {
        Problem problem = new Problem(
                        401,
                        "The token is missing or wrong. The address with it stands where 'stego-kernels serve' was"
                                + " started; programs send it as 'Authorization: Bearer TOKEN'.")
                .with("WWW-Authenticate", "Bearer realm=\"stego-kernels\"");
        return exchange.listed("Accept").contains("text/html") ? problem.asPage() : problem;
    }

    /** Returns what to say of a failure; of one that was not foreseen the log says more. */
    private Problem problem(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof OutOfMemoryError) {
                return new Problem(503, "Java has not enough memory for this: give it more with -Xmx.");
            }
        }
        if (failure instanceof Problem problem) {
            return problem;
        }
        if (failure instanceof ImageException) {
            return new Problem(422, failure.getMessage());
        }
        if (failure instanceof DeviceException) {
            if (failure instanceof DeviceException.Lost) {
                metrics.deviceLost();
            }
            return new Problem(503, failure.getMessage());
        }
        if (failure instanceof IOException e) {
            return new Problem(500, FileErrors.text(e));
        }
        LOG.log(System.Logger.Level.WARNING, "a request failed", failure);
        return new Problem(500, "Something unforeseen happened; the log of the program says more.");
    }
}
