package org.stegokernels.verify;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.stegokernels.device.DeviceException;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;

/**
 * A program that computes operations: requests go to its standard input, answers come from its standard output, each a
 * safetensors file after its length in 8 bytes, little endian ({@code kernels/port/README.md}). A request holds all that
 * its operation needs, so a program that died or fell silent is started anew for the next one.
 */
final class ExecProcess implements ExecDevice.Exchange {
    /** The version of the protocol that both sides name in each message. */
    static final String PROTOCOL = "1";

    private static final System.Logger LOG = System.getLogger(ExecProcess.class.getName());

    private static final String HELLO = "hello";
    /** An answer's header: more than any has. */
    private static final int HEADER_BYTES = 1 << 20;

    private static final int STDERR_CHARACTERS = 2000;
    private static final int CLOSING_SECONDS = 2;
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    private final String command;
    private final int timeoutSeconds;
    private final ExecutorService worker = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "exec");
        thread.setDaemon(true);
        return thread;
    });
    /** Operations that were not answered in time: they are not waited for again. */
    private final Set<String> silent = new HashSet<>();

    /** Null if it has to be started. */
    private Process process;

    private StringBuffer stderr = new StringBuffer();
    private Future<?> stderrReader;

    /** The name that the program gives itself. */
    private String name;

    /**
     * Starts the program and has it say which protocol it speaks.
     *
     * @param command words separated by blanks; one with blanks stands in double quotes
     * @throws DeviceException if it can't be started or doesn't answer as it should
     */
    ExecProcess(String command, int timeoutSeconds) {
        this.command = command;
        this.timeoutSeconds = timeoutSeconds;
        try {
            start();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    String name() {
        return name;
    }

    private void start() {
        List<String> words = new ArrayList<>();
        for (Matcher matcher = WORD.matcher(command); matcher.find(); ) {
            words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
        }
        if (words.isEmpty()) {
            throw new DeviceException.NotFound("exec: names no program: say exec:COMMAND");
        }
        try {
            process = new ProcessBuilder(words).start();
        } catch (IOException e) {
            throw new DeviceException.NotFound("exec:" + command + ": can't be started: " + e.getMessage());
        }
        stderr = new StringBuffer();
        InputStream errors = process.getErrorStream();
        StringBuffer heard = stderr;
        stderrReader = worker.submit(() -> listen(errors, heard));
        name = exchange(HELLO, file(Map.of("protocol", PROTOCOL, "operation", HELLO)), 0)
                .metadata()
                .getOrDefault("name", command);
    }

    private static byte[] file(Map<String, String> metadata) {
        try {
            return SafetensorsWriter.head(Map.of(), metadata).bytes();
        } catch (IOException e) {
            throw new IllegalStateException("memory can always be written to", e);
        }
    }

    private static void listen(InputStream errors, StringBuffer heard) {
        byte[] bytes = new byte[STDERR_CHARACTERS];
        try {
            for (int count = errors.read(bytes); count >= 0; count = errors.read(bytes)) {
                heard.append(new String(bytes, 0, count, StandardCharsets.UTF_8));
                heard.delete(0, Math.max(0, heard.length() - STDERR_CHARACTERS));
            }
        } catch (IOException e) {
            heard.append(" (").append(e.getMessage()).append(')');
        }
    }

    @Override
    public void compute(OperationCall call) {
        String operation = call.operation().name();
        if (silent.contains(operation)) {
            throw failed(operation, "it was not answered in time before, and is not asked for again");
        }
        if (process == null || !process.isAlive()) {
            stop();
            start();
        }
        Safetensors reply = exchange(operation, call.request(), call.replyBytes());
        try {
            call.take(reply);
        } catch (DeviceException | ModelException e) {
            throw failed(operation, e.getMessage());
        }
    }

    /** Sends a request and returns its answer, if that is one. */
    private Safetensors exchange(String operation, byte[] request, long most) {
        Process asked = process;
        Future<byte[]> pending = worker.submit(() -> exchange(asked, request, most + HEADER_BYTES));
        Safetensors reply;
        try {
            byte[] bytes = pending.get(timeoutSeconds, TimeUnit.SECONDS);
            reply = Safetensors.of("the answer", ByteBuffer.wrap(bytes));
        } catch (TimeoutException e) {
            silent.add(operation);
            stop();
            throw failed(operation, "no answer within " + timeoutSeconds + " s (--timeout sets the limit)");
        } catch (ExecutionException e) {
            String ended = e.getCause() instanceof EOFException ? ended() : "";
            stop();
            throw failed(operation, ended.isEmpty() ? e.getCause().getMessage() : ended);
        } catch (ModelException e) {
            stop();
            throw failed(operation, "it answered with something else than a safetensors file: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
            throw failed(operation, "interrupted while it computed");
        }
        return judged(operation, reply);
    }

    private Safetensors judged(String operation, Safetensors reply) {
        Map<String, String> metadata = reply.metadata();
        if (!PROTOCOL.equals(metadata.get("protocol"))) {
            stop();
            throw failed(
                    operation,
                    "it speaks protocol " + metadata.get("protocol") + " in its answer, this program " + PROTOCOL);
        }
        return switch (metadata.getOrDefault("status", "")) {
            case "ok" -> reply;
            case "unsupported" ->
                throw new UnsupportedOperationException("exec:" + command + " has no operation " + operation);
            case "refused" ->
                throw new IllegalArgumentException(
                        operation + ": " + Printable.text(metadata.getOrDefault("message", "arguments don't fit")));
            case "error" ->
                throw failed(operation, "it reports: " + metadata.getOrDefault("message", "an error without message"));
            default ->
                throw failed(
                        operation,
                        "its answer's status is \"" + metadata.get("status")
                                + "\", not ok, unsupported, refused or error");
        };
    }

    private static byte[] exchange(Process process, byte[] request, long most) throws IOException {
        try {
            send(request, process.getOutputStream());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the request was not read to its end: what was answered says why", e);
        }
        InputStream from = process.getInputStream();
        byte[] length = new byte[Long.BYTES];
        int read = from.readNBytes(length, 0, length.length);
        long bytes = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (read == 0) {
            throw new EOFException("it closed its standard output without an answer");
        }
        if (read < length.length || bytes < Long.BYTES || bytes > most) {
            throw new IOException("its answer begins with "
                    + Printable.quoted(new String(length, 0, read, StandardCharsets.ISO_8859_1))
                    + ", which is no length of an answer (at most " + most
                    + " bytes): nothing but answers may be printed to standard output");
        }
        byte[] reply = new byte[(int) bytes];
        int there = from.readNBytes(reply, 0, reply.length);
        if (there < reply.length) {
            throw new EOFException("its answer ends after " + there + " of " + bytes + " bytes");
        }
        return reply;
    }

    private static void send(byte[] request, OutputStream to) throws IOException {
        to.write(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(request.length)
                .array());
        to.write(request);
        to.flush();
    }

    /** Returns how the program ended; empty if it runs. */
    private String ended() {
        try {
            if (!process.waitFor(CLOSING_SECONDS, TimeUnit.SECONDS)) {
                return "";
            }
            int status = process.exitValue();
            return "the program ended before it had answered, with status " + status
                    + (status > 128 ? " (signal " + (status - 128) + ")" : "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private DeviceException failed(String operation, String reason) {
        String said = Printable.text(stderr.toString().strip());
        return new DeviceException("exec:" + command + ": " + operation + ": " + reason
                + (said.isEmpty() ? "" : ". On standard error: " + said));
    }

    /** Ends the program, if it runs, and waits for its last words. */
    private void stop() {
        if (process != null) {
            process.destroyForcibly();
            try {
                stderrReader.get(CLOSING_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                stderr.append(" (the rest could not be read)");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            process = null;
        }
    }

    /** Closes the program's input, which is its sign to end, and ends it if it doesn't. */
    @Override
    public void close() {
        if (process != null) {
            try {
                process.getOutputStream().close();
                process.waitFor(CLOSING_SECONDS, TimeUnit.SECONDS);
            } catch (IOException e) {
                stderr.append(" (").append(e.getMessage()).append(')');
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            stop();
        }
        worker.shutdownNow();
    }
}
