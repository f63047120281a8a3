package org.stegokernels.serve;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.stegokernels.image.ImageReader;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;

/** The server of the workbench, from its start to its end. It listens on this machine alone. */
public final class Workbench implements AutoCloseable {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int CONNECTIONS = 256;
    /** Those that wait for a photograph of their own or listen to events are bounded; so many are left for the page. */
    private static final int THREADS = 128;

    private static final int IDLE_SECONDS = 30;
    private static final int ENDING_SECONDS = 60;
    /** From it on, a virtual thread that waits for a monitor doesn't hold a thread of the system (JEP 491). */
    private static final int VIRTUAL_THREADS = 24;

    private final HttpServer server;
    private final ExecutorService threads;
    private final Works works;
    private final Events events;
    private final Board board;
    private final PublicApi api;
    private final Gate gate;
    private final String token;

    /** A photograph that is on the board from the start; {@code name} is what its results are called. */
    public record Photograph(Path file, Path name) {}

    /**
     * Settings of a workbench.
     *
     * @param model what to call the model
     * @param photographs those on the board from the start
     * @param out the only folder that is written to, made at the first save
     * @param port to listen on; 0 for any that is free
     * @param token that requests must show, or null for a new one
     * @param options of all segmentations; the probe is one that the model has
     * @param limits of all photographs
     */
    public record Settings(
            String model,
            List<Photograph> photographs,
            Path out,
            int port,
            String token,
            Segmenter.Options options,
            ImageReader.Limits limits) {
        /** @throws IllegalArgumentException if the token could be guessed, or can't stand in an address */
        public Settings {
            if (token != null && !Gate.isToken(token)) {
                throw new IllegalArgumentException(
                        "a token has at least 16 characters, which are letters of English, digits, - and _");
            }
            photographs = List.copyOf(photographs);
        }
    }

    private Workbench(HttpServer server, Settings settings, Stego model, Events events, Board board) {
        this.server = server;
        this.events = events;
        this.board = board;
        token = settings.token() == null ? Gate.newToken() : settings.token();
        works = new Works();
        Metrics metrics = new Metrics(works, events);
        api = new PublicApi(settings, model, works, board.turns(), metrics);
        Routes routes = new Routes();
        api.addTo(routes);
        routes.add("GET", "/workbench/events", events::handle);
        new BoardApi(board).addTo(routes);
        new Pages().addTo(routes);
        gate = new Gate(routes, works, metrics, token, server.getAddress().getPort());
        server.createContext("/", gate);
        threads = threads();
        server.setExecutor(threads);
    }

    /**
     * Starts the server.
     *
     * @param model stays open; its device is shared with whoever else uses it
     * @throws java.net.BindException if the port is taken
     * @throws IOException if the system lets no server listen
     */
    public static Workbench open(Settings settings, Stego model) throws IOException {
        configureServer();
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), settings.port());
        HttpServer server = HttpServer.create(address, CONNECTIONS);
        try {
            Events events = new Events();
            Board board = Board.open(Board.Settings.of(settings, model), events);
            return start(server, settings, model, events, board);
        } catch (IOException | RuntimeException e) {
            server.stop(0);
            throw e;
        }
    }

    private static Workbench start(HttpServer server, Settings settings, Stego model, Events events, Board board) {
        try {
            Workbench workbench = new Workbench(server, settings, model, events, board);
            server.start();
            return workbench;
        } catch (RuntimeException e) {
            board.close();
            throw e;
        }
    }

    /** Sets what the JDK's server knows as properties of the system, unless the user has set them. */
    private static void configureServer() {
        // Without it, an answer in two packets waits for the client's delayed acknowledgement: 40 ms.
        set("sun.net.httpserver.nodelay", "true");
        // In seconds, from the first byte of a request to the last one of its body.
        set("sun.net.httpserver.maxReqTime", "60");
        set("sun.net.httpserver.idleInterval", String.valueOf(IDLE_SECONDS));
        set("sun.net.httpserver.maxReqHeaders", "100");
        set("sun.net.httpserver.maxReqHeaderSize", "32768");
        set("jdk.httpserver.maxConnections", String.valueOf(CONNECTIONS));
    }

    private static void set(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static ExecutorService threads() {
        if (Runtime.version().feature() >= VIRTUAL_THREADS) {
            try {
                MethodType type = MethodType.methodType(ExecutorService.class);
                return (ExecutorService) MethodHandles.publicLookup()
                        .findStatic(Executors.class, "newVirtualThreadPerTaskExecutor", type)
                        .invoke();
            } catch (Throwable e) {
                throw new IllegalStateException("this version of Java has virtual threads", e);
            }
        }
        AtomicInteger count = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(CONNECTIONS), task -> {
                    Thread thread = new Thread(task, "workbench-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Returns the address of the page, with the token. */
    public String address() {
        return address(token);
    }

    /** Returns an address of the page that opens it once, for the command line of a browser, which others can read. */
    public String addressForOnce() {
        return address(gate.newTicket());
    }

    private String address(String shown) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/?token=" + shown;
    }

    /** Ends all connections, waits for the photograph that is computed, and frees what was taken. */
    @Override
    public void close() {
        works.close();
        events.close();
        server.stop(0);
        board.stop();
        threads.shutdownNow();
        try {
            threads.awaitTermination(ENDING_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        board.close();
        api.close();
    }
}
