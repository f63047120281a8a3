package org.stegokernels.registry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** The body of a response on its way into a file. Nothing is written any more once it is closed. */
final class Body implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
    /** Ends the connection without reading what is left. */
    static final Flow.Subscriber<List<ByteBuffer>> IGNORED = new Flow.Subscriber<>() {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.cancel();
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onComplete() {}
    };

    /** The file could not be written, for the reason that is the cause. */
    static final class WriteException extends IOException {
        private static final long serialVersionUID = 1L;

        WriteException(IOException cause) {
            super(cause);
        }

        @Override
        public synchronized IOException getCause() {
            return (IOException) super.getCause();
        }
    }

    /** The body does not end where it must. Nothing beyond that was written. */
    static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** The disk is nearly full. */
    static final class NoSpaceException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** Measures the free bytes of a disk. */
    interface Disk {
        long free() throws IOException;
    }

    /** Bytes that a download leaves free on its disk, for whatever else is written there. */
    static final long RESERVE = 64L << 20;
    /** Bytes between two looks at the free space, a quarter of what is left free. */
    private static final long LOOK = RESERVE / 4;

    private final FileChannel file;
    private final long limit;
    private final Disk disk;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private Flow.Subscription subscription;
    private long length;
    private long looked;
    private boolean closed;

    /**
     * @param length what to keep of the file; the body is appended
     * @param limit the longest that the file may become
     * @param disk where the file is
     */
    Body(Path path, long length, long limit, Disk disk) throws IOException {
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        this.length = length;
        this.limit = limit;
        this.disk = disk;
        looked = length;
        file.truncate(length).position(length);
    }

    /** Returns a future that completes when all is written, or has failed. */
    CompletableFuture<Void> end() {
        return end;
    }

    /** Returns the file's length so far. */
    synchronized long length() {
        return length;
    }

    @Override
    public synchronized void onSubscribe(Flow.Subscription given) {
        subscription = given;
        subscription.request(1);
    }

    @Override
    public synchronized void onNext(List<ByteBuffer> buffers) {
        if (closed) {
            return;
        }
        try {
            for (ByteBuffer buffer : buffers) {
                if (buffer.remaining() > limit - length) {
                    fail(new TooLongException());
                    return;
                }
                while (buffer.hasRemaining()) {
                    length += file.write(buffer);
                }
            }
            if (length - looked >= LOOK) {
                looked = length;
                if (disk.free() < RESERVE) {
                    fail(new NoSpaceException());
                    return;
                }
            }
            subscription.request(1);
        } catch (IOException e) {
            fail(new WriteException(e));
        }
    }

    private void fail(IOException failure) {
        closed = true;
        subscription.cancel();
        end.completeExceptionally(failure);
    }

    @Override
    public void onError(Throwable failure) {
        end.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        end.complete(null);
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        if (subscription != null) {
            subscription.cancel();
        }
        file.close();
    }
}
