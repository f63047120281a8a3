package org.stegokernels.raster;

import java.awt.image.Raster;
import java.util.LinkedHashMap;
import java.util.Map;

/** Keeps the blocks that were used last, up to a number of bytes. */
final class BlockCache {
    /** A part of the picture that isn't in the file; what it takes in the cache is its entry. */
    static final Block EMPTY = new Block(null, 128);

    /** A decoded part of a picture. */
    record Block(Raster pixels, long bytes) {}

    private final Map<Object, Block> blocks = new LinkedHashMap<>(16, 0.75f, true);
    private long capacity;
    private long bytes;

    /** Makes room for so many bytes, if it isn't there. */
    void reserve(long bytesWanted) {
        capacity = Math.max(capacity, bytesWanted);
    }

    /** Returns the block of a key, or null. */
    Block get(Object key) {
        return blocks.get(key);
    }

    /** Keeps a block, at the cost of those that were used least recently, and returns it. */
    Block put(Object key, Block block) {
        blocks.put(key, block);
        bytes += block.bytes;
        var eldest = blocks.values().iterator();
        while (bytes > capacity && blocks.size() > 1) {
            bytes -= eldest.next().bytes;
            eldest.remove();
        }
        return block;
    }
}
