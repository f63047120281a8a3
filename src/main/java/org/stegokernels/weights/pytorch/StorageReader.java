package org.stegokernels.weights.pytorch;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.stegokernels.weights.ByteSource;
import org.stegokernels.weights.TypedTensor;

/** The values of tensors that are views of storages in a file. */
final class StorageReader {
    /** Bytes that are mapped at once; a multiple of every element's size. */
    private static final int WINDOW = 1 << 26;

    private static final int CHUNK = 1 << 16;

    private final ByteSource source;
    private final ByteOrder order;

    /** @param order of the elements in the file */
    StorageReader(ByteSource source, ByteOrder order) {
        this.source = source;
        this.order = order;
    }

    /**
     * Returns a tensor whose elements are read when they are written somewhere, row-major and little endian.
     *
     * @param name for messages
     * @param storageBegin where its storage begins in the file
     */
    TypedTensor typed(String name, StoredTensor tensor, long storageBegin) {
        int width = tensor.storage().type().bytes();
        long begin = storageBegin + tensor.offset() * width;
        return new TypedTensor(tensor.storage().type(), tensor.shape(), out -> {
            if (tensor.isContiguous()) {
                copy(name, begin, (long) tensor.shape().size() * width, width, out);
            } else {
                gather(name, begin, tensor, width, out);
            }
        });
    }

    private void copy(String name, long begin, long length, int width, OutputStream out) throws IOException {
        byte[] chunk = new byte[(int) Math.min(CHUNK, length)];
        for (long at = 0; at < length; at += WINDOW) {
            long from = begin + at;
            int bytes = (int) Math.min(WINDOW, length - at);
            ByteBuffer window = source.reading(name, () -> source.window(from, bytes));
            while (window.hasRemaining()) {
                int count = Math.min(chunk.length, window.remaining());
                source.reading(name, () -> window.get(chunk, 0, count));
                swap(chunk, count, width);
                out.write(chunk, 0, count);
            }
        }
    }

    /**
     * Gathers the elements in the order of the tensor, wherever they lie; an odometer counts through its dimensions.
     */
    private void gather(String name, long begin, StoredTensor tensor, int width, OutputStream out) throws IOException {
        int rank = tensor.shape().rank();
        int[] index = new int[rank];
        int left = tensor.shape().size();
        byte[] chunk = new byte[(int) Math.min(CHUNK, (long) left * width)];
        Span span = new Span(name, begin, (tensor.end() - tensor.offset()) * width);
        long at = 0;
        while (left > 0) {
            int filled = 0;
            while (filled < chunk.length && left > 0) {
                span.read(at * width, chunk, filled, width);
                filled += width;
                left--;
                int d = rank - 1;
                while (d >= 0 && ++index[d] == tensor.shape().dim(d)) {
                    at -= (index[d] - 1) * tensor.strides()[d];
                    index[d--] = 0;
                }
                if (d >= 0) {
                    at += tensor.strides()[d];
                }
            }
            swap(chunk, filled, width);
            out.write(chunk, 0, filled);
        }
    }

    /** Random access to a part of the file, through one window that moves. */
    private final class Span {
        private final String name;
        private final long begin;
        private final long length;
        private long windowBegin;
        private ByteBuffer window = ByteBuffer.allocate(0);

        Span(String name, long begin, long length) {
            this.name = name;
            this.begin = begin;
            this.length = length;
        }

        void read(long at, byte[] into, int offset, int width) {
            if (at < windowBegin || at + width > windowBegin + window.limit()) {
                windowBegin = at / WINDOW * WINDOW;
                int bytes = (int) Math.min(WINDOW, length - windowBegin);
                window = source.reading(name, () -> source.window(begin + windowBegin, bytes));
            }
            int from = (int) (at - windowBegin);
            source.reading(name, () -> window.get(from, into, offset, width));
        }
    }

    private void swap(byte[] elements, int length, int width) {
        if (order == ByteOrder.LITTLE_ENDIAN || width == 1) {
            return;
        }
        for (int at = 0; at < length; at += width) {
            for (int low = at, high = at + width - 1; low < high; low++, high--) {
                byte kept = elements[low];
                elements[low] = elements[high];
                elements[high] = kept;
            }
        }
    }
}
