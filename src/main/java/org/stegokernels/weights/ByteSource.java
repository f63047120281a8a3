package org.stegokernels.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.stegokernels.io.RegularFile;

/** Random access to the bytes of a model file of any length, or of a resource in memory. */
public interface ByteSource extends AutoCloseable {
    /** Returns the path or name, for messages. */
    String name();

    /** Returns the number of bytes. */
    long size();

    /** Returns the bytes from {@code offset} to {@code offset + length}; the caller keeps within {@link #size()}. */
    ByteBuffer window(long offset, int length) throws IOException;

    @Override
    void close() throws IOException;

    /** Something that reads. */
    interface Reading<T> {
        /** Reads, and returns what was read. */
        T run() throws IOException;
    }

    /**
     * Does something that reads. Mapped memory whose file was cut meanwhile is an InternalError at the time of access.
     *
     * @param tensor what is being read, or null
     * @throws ModelException if it fails
     */
    default <T> T reading(String tensor, Reading<T> action) {
        try {
            return action.run();
        } catch (IOException | InternalError e) {
            throw unreadable(name(), tensor, e);
        }
    }

    /** Closes it if that can be done. */
    default void closeAfter(ModelException failure) {
        try {
            close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Returns the exception for bytes that can't be read. */
    public static ModelException unreadable(String name, String tensor, Throwable cause) {
        return new ModelException(
                name, tensor, "it can't be read (" + cause.getMessage() + ")", "Check the file and its disk.", cause);
    }

    /**
     * Returns a file, of which each window is mapped by itself: a buffer over the whole would end at 2 GiB. On Windows,
     * where nobody can replace or delete a file that is mapped, windows are read into memory.
     *
     * @throws ModelException if there is no such file, it is a folder, a pipe or the like, or it can't be read
     */
    static ByteSource open(Path path) {
        String name = path.toString();
        try {
            return FileBytes.open(
                    RegularFile.require(path), !System.getProperty("os.name").startsWith("Windows"));
        } catch (RegularFile.NotRegularException e) {
            throw new ModelException(name, null, "it " + e.problem(), capital(e.remedy()) + ".", e);
        } catch (NoSuchFileException e) {
            throw new ModelException(name, null, "there is no such file", "Check the path.", e);
        } catch (AccessDeniedException e) {
            throw new ModelException(name, null, "it may not be read", "Check its permissions.", e);
        } catch (IOException e) {
            throw unreadable(name, null, e);
        }
    }

    private static String capital(String sentence) {
        return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
    }

    /**
     * Returns the bytes between position and limit of a buffer; changes of either later don't matter.
     *
     * @param name what messages call it
     */
    static ByteSource memory(String name, ByteBuffer bytes) {
        ByteBuffer all = bytes.slice();
        return new ByteSource() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public long size() {
                return all.capacity();
            }

            @Override
            public ByteBuffer window(long offset, int length) {
                return all.slice((int) offset, length);
            }

            @Override
            public void close() {}
        };
    }
}
