package org.stegokernels.convert;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import org.stegokernels.weights.ByteSource;
import org.stegokernels.weights.TypedTensor;

/** SHA-256 in hexadecimal. */
final class Digests {
    private Digests() {}

    /**
     * Of a file.
     *
     * @param read told how many bytes were read each time
     * @throws org.stegokernels.weights.ModelException if it can't be read
     */
    static String of(Path file, LongConsumer read) {
        MessageDigest digest = sha256();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] chunk = new byte[1 << 16];
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                digest.update(chunk, 0, count);
                read.accept(count);
            }
        } catch (IOException e) {
            throw ByteSource.unreadable(file.toString(), null, e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Of a tensor's values, row-major and little endian. */
    static String of(TypedTensor tensor) {
        MessageDigest digest = sha256();
        try {
            tensor.content().write(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
        } catch (IOException e) {
            throw new IllegalStateException("a digest takes everything", e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
