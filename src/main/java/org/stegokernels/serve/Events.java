package org.stegokernels.serve;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.stegokernels.text.JsonWriter;

/**
 * Server-sent events: what happens on the board, told to every page that is open. A page that doesn't keep up loses its
 * connection; the browser makes a new one, and the page asks for the state again.
 */
final class Events implements AutoCloseable {
    static final String TYPE = "text/event-stream";

    /** Each takes a thread where there are no virtual ones. */
    private static final int MOST_STREAMS = 16;

    private static final int MOST_UNSENT = 1 << 10;
    private static final int SILENT_SECONDS = 15;
    private static final byte[] COMMENT = ": still here\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RETRY = "retry: 1000\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** The connection to one page. */
    private static final class Stream {
        private final BlockingQueue<byte[]> unsent = new ArrayBlockingQueue<>(MOST_UNSENT);
        private volatile boolean lost;

        void add(byte[] event) {
            lost |= !unsent.offer(event);
        }
    }

    /**
     * Tells all pages something. Never waits.
     *
     * @param name of the event
     * @param data of the event, an object
     */
    void send(String name, JsonWriter.Fields data) {
        try {
            send(name, new String(JsonWriter.bytes(data), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException("memory can always be written to", e);
        }
    }

    /** As {@link #send(String, JsonWriter.Fields)}, with JSON that has no line break, since that would end the event. */
    void send(String name, String json) {
        byte[] event = ("event: " + name + "\ndata: " + json + "\n\n").getBytes(StandardCharsets.UTF_8);
        streams.forEach(stream -> stream.add(event));
    }

    /** Sends events to one page, until it goes or the workbench is closed. */
    void handle(Exchange exchange) throws IOException {
        Stream stream = new Stream();
        streams.add(stream);
        try {
            if (streams.size() > MOST_STREAMS) {
                throw new Problem(503, "More than " + MOST_STREAMS + " pages are open. Close one, and load this again.")
                        .with("Retry-After", "10");
            }
            exchange.begin(TYPE);
            exchange.send(RETRY);
            while (!closed && !stream.lost) {
                byte[] event = stream.unsent.poll(SILENT_SECONDS, TimeUnit.SECONDS);
                exchange.send(event == null ? COMMENT : event);
            }
        } catch (InterruptedException e) {
            // The workbench is being closed.
            Thread.currentThread().interrupt();
        } finally {
            streams.remove(stream);
        }
    }

    /** Returns the number of pages that listen. */
    int streams() {
        return streams.size();
    }

    /** Ends all streams. */
    @Override
    public void close() {
        closed = true;
        streams.forEach(stream -> stream.add(COMMENT));
    }
}
