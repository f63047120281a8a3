package org.stegokernels.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A stream that keeps nothing but the SHA-256 of what is written to it. */
public final class Sha256 extends OutputStream {
    /** Length of a digest. */
    public static final int BYTES = 32;

    private final MessageDigest digest;

    /** Begins a digest of nothing. */
    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Returns the digest of bytes. */
    public static byte[] of(byte[] bytes) {
        return new Sha256().digest.digest(bytes);
    }

    /** Returns the digest, in hexadecimal, of a text in UTF-8. */
    public static String hex(String text) {
        return new Sha256().add(text).hex();
    }

    /**
     * Returns the digest, in hexadecimal, of a file.
     *
     * @throws IOException if it can't be read, or is a folder, a pipe or the like
     */
    public static String hex(Path file) throws IOException {
        Sha256 sha256 = new Sha256();
        try (InputStream in = Files.newInputStream(RegularFile.require(file))) {
            in.transferTo(sha256);
        }
        return sha256.hex();
    }

    @Override
    public void write(int value) {
        digest.update((byte) value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        digest.update(bytes, offset, length);
    }

    /** Writes a text in UTF-8. */
    public Sha256 add(String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Returns the digest of all that was written, in hexadecimal, and begins anew. */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
