package org.stegokernels.image.webp;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** WebP files made by hand, and the means to read one from memory. */
final class WebpFiles {
    static final int ANIMATED = 2;

    private WebpFiles() {}

    static BufferedImage read(byte[] file) throws IOException {
        WebpImageReader reader = new WebpImageReader();
        reader.setInput(input(file), false, true);
        return reader.read(0);
    }

    static ImageInputStream input(byte[] file) {
        return new MemoryCacheImageInputStream(new ByteArrayInputStream(file)) {
            @Override
            public long length() {
                return file.length;
            }
        };
    }

    /** The RIFF header and the chunks after it. */
    static byte[] file(byte[]... chunks) {
        byte[] content = join(chunks);
        ByteBuffer file = ByteBuffer.allocate(12 + content.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put(ascii("RIFF")).putInt(4 + content.length).put(ascii("WEBP")).put(content);
        return file.array();
    }

    static byte[] chunk(String type, byte[]... contents) {
        byte[] content = join(contents);
        int padded = content.length + content.length % 2;
        ByteBuffer chunk = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        chunk.put(ascii(type)).putInt(content.length).put(content);
        return chunk.array();
    }

    static byte[] extended(int flags, int width, int height) {
        ByteBuffer content = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
        putThreeBytes(content.putInt(flags), width - 1);
        putThreeBytes(content, height - 1);
        return chunk("VP8X", content.array());
    }

    static byte[] frame(int x, int y, int width, int height, byte[]... chunks) {
        ByteBuffer content = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        for (int number : new int[] {x / 2, y / 2, width - 1, height - 1, 40}) {
            putThreeBytes(content, number);
        }
        return chunk("ANMF", content.array(), join(chunks));
    }

    private static void putThreeBytes(ByteBuffer buffer, int number) {
        buffer.put((byte) number).put((byte) (number >> 8)).put((byte) (number >> 16));
    }

    /** A lossless picture of one colour: every prefix code has one symbol, so that a pixel takes no bits. */
    static byte[] plain(int width, int height, int argb) {
        BitWriter bits = new BitWriter().write(0x2F, 8).write(width - 1, 14).write(height - 1, 14);
        bits.write(1, 1).write(0, 3);
        bits.write(0, 1).write(0, 1).write(0, 1);
        for (int shift : new int[] {8, 16, 0, 24}) {
            bits.write(1, 1).write(0, 1).write(1, 1).write(argb >>> shift & 0xFF, 8);
        }
        return chunk("VP8L", bits.write(1, 1).write(0, 1).write(0, 2).bytes());
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    /** Writes the lowest bit first. */
    static final class BitWriter {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private int current;
        private int used;

        BitWriter write(int value, int bits) {
            for (int i = 0; i < bits; i++) {
                current |= (value >>> i & 1) << used;
                if (++used == 8) {
                    flush();
                }
            }
            return this;
        }

        byte[] bytes() {
            if (used > 0) {
                flush();
            }
            return bytes.toByteArray();
        }

        private void flush() {
            bytes.write(current);
            current = 0;
            used = 0;
        }
    }
}
