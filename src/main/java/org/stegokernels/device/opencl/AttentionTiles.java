package org.stegokernels.device.opencl;

/**
 * The tiles of attention on a GPU without matrix units; {@code attention.cl} tells what the numbers mean, which become
 * macros of the same names, in capitals.
 *
 * @param depth the width of a head as the kernel has it
 */
record AttentionTiles(int queryItems, int keyItems, int itemQueries, int itemKeys, int depth) {
    private static final int QUAD = 4;

    /** Returns the tuned tiles, or as large ones as local memory and a work group have room for. */
    static AttentionTiles of(Tuning tuning, int depth, Limits limits) {
        int queryItems = tuning.queryItems();
        int keyItems = tuning.keyItems();
        int itemQueries = tuning.itemQueries();
        int itemKeys = tuning.itemKeys();
        AttentionTiles tiles = padded(queryItems, keyItems, itemQueries, itemKeys, depth);
        while (!tiles.fit(limits) && queryItems + keyItems > 2 * QUAD) {
            if (itemKeys > QUAD) {
                itemKeys /= 2;
            } else if (itemQueries > QUAD) {
                itemQueries /= 2;
            } else if (queryItems >= keyItems) {
                queryItems /= 2;
            } else {
                keyItems /= 2;
            }
            tiles = padded(queryItems, keyItems, itemQueries, itemKeys, depth);
        }
        return tiles;
    }

    private static AttentionTiles padded(int queryItems, int keyItems, int itemQueries, int itemKeys, int depth) {
        int whole = QUAD * keyItems;
        return new AttentionTiles(queryItems, keyItems, itemQueries, itemKeys, (depth + whole - 1) / whole * whole);
    }

    private boolean fit(Limits limits) {
        return localBytes() <= limits.localMemory() && items() <= limits.workGroup();
    }

    /** Queries that a work group takes. */
    int queries() {
        return queryItems * itemQueries;
    }

    /** Keys of a step. */
    int keys() {
        return keyItems * itemKeys;
    }

    /** Items of a work group. */
    int items() {
        return queryItems * keyItems;
    }

    /** Returns the local memory of the kernel in bytes. */
    long localBytes() {
        long floats = (long) depth * (queries() + keys()) + (long) keys() * queries();
        return floats * Float.BYTES;
    }

    /** Returns the options of the kernels, after those of rows. */
    String options() {
        return " -DTILED=1 -DQUERY_ITEMS=" + queryItems + " -DKEY_ITEMS=" + keyItems + " -DITEM_QUERIES=" + itemQueries
                + " -DITEM_KEYS=" + itemKeys + " -DHEAD_DEPTH=" + depth;
    }
}
