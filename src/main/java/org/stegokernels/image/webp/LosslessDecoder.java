package org.stegokernels.image.webp;

import java.util.ArrayDeque;
import java.util.Deque;
import javax.imageio.IIOException;

/** Decodes a VP8L picture (WebP lossless bitstream specification). Pixels are opacity, red, green and blue in 32 bits. */
final class LosslessDecoder {
    static final int HEADER_BYTES = 5;

    private static final int SIGNATURE = 0x2F;
    private static final int SIZE_BITS = 14;
    private static final int VERSION_BITS = 3;

    private LosslessDecoder() {}

    /**
     * Reads the size in a picture's header.
     *
     * @param data at least the first {@link #HEADER_BYTES} of the picture
     */
    static Size size(byte[] data) throws IIOException {
        return readSize(new BitReader(data, 0));
    }

    private static Size readSize(BitReader input) throws IIOException {
        if (input.read(Byte.SIZE) != SIGNATURE) {
            throw new IIOException("the lossless picture lacks its signature");
        }
        return new Size(1 + input.read(SIZE_BITS), 1 + input.read(SIZE_BITS));
    }

    /** Decodes a picture with its header. */
    static int[] decode(byte[] data) throws IIOException {
        BitReader input = new BitReader(data, 0);
        Size size = readSize(input);
        boolean hasAlpha = input.flag();
        if (input.read(VERSION_BITS) != 0) {
            throw new IIOException("the lossless picture is of an unknown version");
        }
        int[] pixels = decode(input, size);
        if (!hasAlpha) {
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] |= 0xFF000000;
            }
        }
        return pixels;
    }

    /** Decodes a picture of which the size is known: transforms, then pixels. */
    static int[] decode(BitReader input, Size size) throws IIOException {
        Deque<Transform> transforms = new ArrayDeque<>();
        int seen = 0;
        int width = size.width();
        while (input.flag()) {
            int type = input.read(2);
            if ((seen & 1 << type) != 0) {
                throw new IIOException("a transform is applied twice");
            }
            seen |= 1 << type;
            Transform transform = Transform.read(input, type, width, size.height());
            width = transform.codedWidth();
            transforms.push(transform);
        }
        int[] pixels = LosslessImage.decodePicture(input, width, size.height());
        for (Transform transform : transforms) {
            pixels = transform.undo(pixels);
        }
        return pixels;
    }
}
