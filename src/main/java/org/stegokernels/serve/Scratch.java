package org.stegokernels.serve;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.TreeSet;
import org.stegokernels.io.ScratchFile;

/**
 * Bytes of photographs that would fill the memory, in one temporary file, which is gone when the process ends. Safe for
 * use from many threads.
 */
final class Scratch implements Closeable {
    private final Path folder;
    private final FileChannel file;
    /** Places that were left, the smallest first. */
    private final TreeSet<Piece> free = new TreeSet<>();

    private long end;

    /**
     * A place in the file.
     *
     * @param length of what lies there, in bytes
     * @param room in which it lies
     */
    record Piece(long begin, int length, int room) implements Comparable<Piece> {
        @Override
        public int compareTo(Piece other) {
            int byRoom = Integer.compare(room, other.room);
            return byRoom == 0 ? Long.compare(begin, other.begin) : byRoom;
        }
    }

    /** @throws IOException if the folder for temporary files, {@code java.io.tmpdir}, can't be written */
    Scratch() throws IOException {
        folder = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            file = ScratchFile.create(folder);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /**
     * Keeps some bytes.
     *
     * @throws IOException if the disk is full; the message says what to do
     */
    Piece add(byte[] bytes) throws IOException {
        Piece piece = place(bytes.length);
        try {
            ScratchFile.write(file, ByteBuffer.wrap(bytes), piece.begin());
        } catch (IOException e) {
            free(piece);
            throw failed(e);
        }
        return piece;
    }

    /** Keeps some floats. */
    Piece add(float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return add(bytes.array());
    }

    private synchronized Piece place(int length) {
        Piece left = free.ceiling(new Piece(0, 0, length));
        if (left != null && left.room() / 2 <= length) {
            free.remove(left);
            return new Piece(left.begin(), length, left.room());
        }
        Piece piece = new Piece(end, length, length);
        end += length;
        return piece;
    }

    /** Leaves a place to what comes later. Null is none. */
    synchronized void free(Piece piece) {
        if (piece != null) {
            free.add(piece);
        }
    }

    /** Reads what lies at a place. */
    byte[] bytes(Piece piece) throws IOException {
        return read(piece.begin(), piece.length());
    }

    /** Reads some of the 16-bit values at a place. */
    byte[] bytes(Piece piece, int first, int count) throws IOException {
        return read(piece.begin() + (long) first * Short.BYTES, count * Short.BYTES);
    }

    /** Reads some of the floats at a place. */
    void floats(Piece piece, int first, float[] target, int at, int count) throws IOException {
        byte[] bytes = read(piece.begin() + (long) first * Float.BYTES, count * Float.BYTES);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(target, at, count);
    }

    /** Reads the floats at a place. */
    float[] floats(Piece piece) throws IOException {
        float[] values = new float[piece.length() / Float.BYTES];
        floats(piece, 0, values, 0, values.length);
        return values;
    }

    private byte[] read(long position, int length) throws IOException {
        byte[] bytes = new byte[length];
        ScratchFile.read(file, ByteBuffer.wrap(bytes), position);
        return bytes;
    }

    /** Returns the bytes that the file has grown to. */
    synchronized long size() {
        return end;
    }

    private IOException failed(IOException cause) {
        return new IOException(
                "can't keep photographs in a temporary file in " + folder + ": " + cause.getMessage()
                        + ". Name a folder with more room: java -Djava.io.tmpdir=FOLDER -jar ...",
                cause);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
