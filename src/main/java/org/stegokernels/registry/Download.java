package org.stegokernels.registry;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.FileErrors;
import org.stegokernels.registry.ModelRegistry.ModelStore.DownloadException;
import org.stegokernels.registry.ModelRegistry.ModelStore.PullListener;

/**
 * Downloads one file over HTTP. It grows under another name ({@link Partial}) and gets its own when it is whole, so a
 * process that is killed leaves a part from which the next one goes on, if the server still has the same version
 * ({@code Range} with {@code If-Range}, RFC 9110). Stalls and broken connections are tried again while that gets any
 * further.
 *
 * <p>Redirections are followed five times, and never from HTTPS to HTTP. The proxy is the one of the usual system
 * properties ({@code https.proxyHost} and so on).
 */
final class Download {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");
    private static final long POLL_MILLIS = 100;
    /** Tries in all, however far they get: a server that sends a byte at a time has no end. */
    private static final int MOST_TRIES = 1000;

    private static final int OK = 200;
    private static final int PARTIAL_CONTENT = 206;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final int TOO_MANY_REQUESTS = 429;

    /**
     * The patience of a download.
     *
     * @param connect until there is a connection
     * @param stall without a byte
     * @param tries that get no further than those before
     * @param pause before the second try; doubled before each one after it
     */
    record Patience(Duration connect, Duration stall, int tries, Duration pause) {
        static final Patience DEFAULT =
                new Patience(Duration.ofSeconds(20), Duration.ofSeconds(30), 4, Duration.ofSeconds(1));
    }

    /** A failure that another try would not mend. */
    private static final class Refusal extends IOException {
        private static final long serialVersionUID = 1L;

        Refusal(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private final URI address;
    private final Path target;
    private final Long bytes;
    private final long most;
    private final Patience patience;
    private final PullListener listener;
    private final HttpClient client;

    /**
     * @param bytes length that the file must have, or null if that is not known
     * @param most longest that it may be where that is not known
     */
    Download(URI address, Path target, Long bytes, long most, Patience patience, PullListener listener) {
        this.address = address;
        this.target = target;
        this.bytes = bytes;
        this.most = bytes == null ? most : bytes;
        this.patience = patience;
        this.listener = listener;
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(patience.connect())
                .build();
    }

    /** @throws DownloadException if the file can't be had, or not be written */
    void run() throws DownloadException {
        try {
            persist();
        } catch (IOException e) {
            throw new DownloadException("can't download " + address + ": " + reason(e), e);
        }
    }

    private void persist() throws IOException {
        long furthest = Partial.length(target);
        int failures = 0;
        for (int tries = 1; ; tries++) {
            try {
                attempt();
                AtomicFile.rename(Partial.file(target), target);
                Partial.forget(target);
                return;
            } catch (Refusal e) {
                throw e;
            } catch (IOException e) {
                long length = Partial.length(target);
                failures = length > furthest ? 1 : failures + 1;
                furthest = Math.max(furthest, length);
                if (failures >= patience.tries() || tries == MOST_TRIES) {
                    throw e;
                }
                listener.says(reason(e) + "; trying again");
            }
            sleep(patience.pause().multipliedBy(1L << failures - 1));
        }
    }

    private void attempt() throws IOException {
        long have = Partial.length(target);
        Partial partial = Partial.read(target, address, listener);
        if (partial != null && have == partial.total()) {
            return;
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(address).header("Accept-Encoding", "identity");
        if (partial != null && have > 0) {
            listener.says("going on after " + megabytes(have));
            request.header("Range", "bytes=" + have + "-").header("If-Range", partial.validator());
        }
        HttpResponse<Flow.Publisher<List<ByteBuffer>>> response =
                headers(client.sendAsync(request.build(), BodyHandlers.ofPublisher()));
        String encoding = response.headers().firstValue("Content-Encoding").orElse("identity");
        if (!encoding.equalsIgnoreCase("identity")) {
            response.body().subscribe(Body.IGNORED);
            throw new Refusal("the server sends the file encoded (" + encoding + "), which was not asked for", null);
        }
        switch (response.statusCode()) {
            case OK -> whole(response);
            case PARTIAL_CONTENT -> rest(response, partial, have);
            default -> {
                response.body().subscribe(Body.IGNORED);
                throw refused(response);
            }
        }
    }

    /** Downloads the whole file, from the beginning. */
    private void whole(HttpResponse<Flow.Publisher<List<ByteBuffer>>> response) throws IOException {
        HttpHeaders headers = response.headers();
        long total = headers.firstValueAsLong("Content-Length").orElse(-1);
        boolean endIsSeen =
                total >= 0 || headers.firstValue("Transfer-Encoding").isPresent();
        String objection = null;
        if (!endIsSeen && bytes == null) {
            objection = "the server does not say how long the file is, so that nobody could tell whether it is whole";
        } else if (bytes != null && total >= 0 && total != bytes) {
            objection = "the server has a file of " + total + " bytes, wanted " + bytes;
        } else if (total > most) {
            objection = "the server has a file of " + megabytes(total) + ", more than " + limit();
        } else if (total > free() - Body.RESERVE + Partial.length(target)) {
            objection = "it takes " + megabytes(total) + ", but the disk that holds " + target.getParent() + " has "
                    + megabytes(free()) + " left";
        }
        if (objection != null) {
            response.body().subscribe(Body.IGNORED);
            throw new Refusal(objection, null);
        }
        Partial.forget(target);
        try (Body body = open(0, total >= 0 ? total : most)) {
            Optional<String> validator = validator(headers);
            if (validator.isPresent() && total >= 0) {
                new Partial(address, validator.get(), total).write(target);
            }
            receive(response.body(), body, total);
        }
    }

    /** Downloads the missing rest. */
    private void rest(HttpResponse<Flow.Publisher<List<ByteBuffer>>> response, Partial partial, long have)
            throws IOException {
        Matcher range = CONTENT_RANGE.matcher(
                response.headers().firstValue("Content-Range").orElse(""));
        boolean fits = partial != null
                && range.matches()
                && Long.parseLong(range.group(1)) == have
                && Long.parseLong(range.group(3)) == partial.total()
                && Long.parseLong(range.group(2)) < partial.total()
                && validator(response.headers())
                        .filter(partial.validator()::equals)
                        .isPresent();
        if (!fits) {
            response.body().subscribe(Body.IGNORED);
            Partial.forget(target);
            throw new IOException("the server went on with another file or from another place");
        }
        try (Body body = open(have, 1 + Long.parseLong(range.group(2)))) {
            receive(response.body(), body, partial.total());
        }
    }

    private Body open(long have, long limit) throws Refusal {
        try {
            return new Body(Partial.file(target), have, limit, this::free);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private void receive(Flow.Publisher<List<ByteBuffer>> publisher, Body body, long total) throws IOException {
        publisher.subscribe(body);
        CompletableFuture<Void> end = body.end();
        long before = body.length();
        long since = System.nanoTime();
        while (true) {
            try {
                end.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
                break;
            } catch (TimeoutException e) {
                long now = body.length();
                listener.progress(now, total);
                if (now > before) {
                    before = now;
                    since = System.nanoTime();
                } else if (System.nanoTime() - since > patience.stall().toNanos()) {
                    throw new IOException(
                            "the server sent nothing for " + patience.stall().toSeconds() + " s");
                }
            } catch (ExecutionException e) {
                throw brokenOff(e, body.length(), total);
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
        listener.progress(body.length(), total);
        long wanted = total >= 0 ? total : bytes == null ? body.length() : bytes;
        if (body.length() != wanted) {
            throw new IOException("the file ended after " + body.length() + " bytes of " + wanted);
        }
    }

    private IOException brokenOff(ExecutionException failure, long length, long total) throws IOException {
        Throwable cause = failure.getCause();
        if (cause instanceof Body.WriteException write) {
            return unwritable(write.getCause());
        }
        if (cause instanceof Body.TooLongException) {
            Partial.delete(target);
            return new Refusal("the server sends more than " + (total >= 0 ? "it announced" : limit()), cause);
        }
        if (cause instanceof Body.NoSpaceException) {
            return new Refusal(
                    "after " + megabytes(length) + " the disk that holds " + target.getParent() + " has only "
                            + megabytes(free()) + " left; free some space",
                    cause);
        }
        return new IOException(
                "the connection broke off after " + length + " bytes" + (total < 0 ? "" : " of " + total), failure);
    }

    private String limit() {
        return bytes != null
                ? "the " + bytes + " bytes of the file"
                : "the " + megabytes(most) + " that this model's file can have; if it is right, put its length into the"
                        + " list of models as bytes";
    }

    private <T> T headers(CompletableFuture<T> exchange) throws IOException {
        try {
            return exchange.get(patience.connect().plus(patience.stall()).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            exchange.cancel(true);
            throw new IOException(
                    "the server did not answer for " + patience.stall().toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } catch (InterruptedException e) {
            exchange.cancel(true);
            throw interrupted(e);
        }
    }

    private IOException failure(Throwable cause) {
        for (Throwable deep = cause; deep != null; deep = deep.getCause()) {
            if (deep instanceof UnresolvedAddressException) {
                return new Refusal("there is no host " + address.getHost() + ", or no network", cause);
            }
            if (deep instanceof SSLException) {
                return new Refusal("no safe connection to " + address.getHost() + ": " + deep.getMessage(), cause);
            }
        }
        return cause instanceof IOException e ? e : new IOException(cause);
    }

    private Refusal unwritable(IOException e) {
        return new Refusal(FileErrors.writing(target, e).getMessage(), e);
    }

    private IOException refused(HttpResponse<?> response) throws IOException {
        int status = response.statusCode();
        if (status == RANGE_NOT_SATISFIABLE) {
            Partial.forget(target);
            return new IOException("the server's file is shorter than what came of it before");
        }
        if (status / 100 == 3) {
            String location = response.headers().firstValue("Location").orElse("nowhere");
            return new Refusal("the server redirects too often, or to an unsafe address, at last to " + location, null);
        }
        String message = "the server answers " + status + (status == 404 ? ", there is no such file" : "");
        boolean passing = status / 100 == 5 || status == REQUEST_TIMEOUT || status == TOO_MANY_REQUESTS;
        return passing ? new IOException(message) : new Refusal(message, null);
    }

    /** Returns a strong ETag. A weak one promises too little to append bytes by. */
    private static Optional<String> validator(HttpHeaders headers) {
        return headers.firstValue("ETag")
                .filter(tag -> tag.startsWith("\""))
                .or(() -> headers.firstValue("Last-Modified"));
    }

    private long free() throws IOException {
        return Files.getFileStore(target.getParent()).getUsableSpace();
    }

    private String reason(IOException e) {
        return e.getMessage() == null ? "no connection to " + address.getHost() : e.getMessage();
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    private static void sleep(Duration pause) throws IOException {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Refusal("interrupted", e);
    }
}
