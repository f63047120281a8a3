package org.stegokernels.device.opencl;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.stegokernels.device.Device.Precision;

/**
 * The tile sizes of kernels on a device; the meaning of each number is in the head of the file that uses it. The
 * numbers become macros of the same names, in capitals.
 *
 * @param tiled whether work groups share tiles in local memory (GPU), or single items work in vector registers (CPU)
 * @param v floats in a vector: 1, 4, 8 or 16
 * @param lanes items that share a row; a power of two, 1 unless tiled
 * @param block rows that a work group takes
 * @param items entries or vertices that an item of the lattice build takes
 * @param tileRows rows of a register tile (not tiled)
 * @param columns output channels in a panel of weights; a multiple of {@code v}, and of the columns of a work group's
 *     tile if tiled
 * @param rowsPerItem rows of x that an item takes through a panel at up to 384 inputs; of longer rows so many fewer
 * that
 *     they take no more of the level-2 cache, where they stay for the next panel (not tiled)
 * @param queries queries that an item takes (not tiled)
 * @param keysPerStep keys between two corrections of the running maximum (not tiled)
 * @param group side of a work group; a multiple of 8 (tiled)
 * @param itemRows rows of an item's part of a tile; a multiple of 4 (tiled)
 * @param itemColumns columns of it; a multiple of 4 (tiled)
 * @param depth steps of K in local memory at a time (tiled)
 * @param queryItems items of a work group of attention that share keys (tiled)
 * @param keyItems items of it that share queries; both are powers of two from 4 to 16 (tiled)
 * @param itemQueries queries of an item; 4 or 8 (tiled)
 * @param itemKeys keys of an item; 4 or 8 (tiled)
 * @param matrix tiles of products in 16 bits, if there are units for them
 */
record Tuning(
        boolean tiled,
        int v,
        int lanes,
        int block,
        int items,
        int tileRows,
        int columns,
        int rowsPerItem,
        int queries,
        int keysPerStep,
        int group,
        int itemRows,
        int itemColumns,
        int depth,
        int queryItems,
        int keyItems,
        int itemQueries,
        int itemKeys,
        MatrixTiles matrix) {
    /** Inputs of a linear layer at which {@code rowsPerItem} is tuned: the width of a ViT-S. */
    private static final int USUAL_INPUTS = 384;

    private static final int SMALLEST_GROUP = 8;

    Tuning {
        boolean whole = IntStream.of(
                        v,
                        lanes,
                        block,
                        items,
                        tileRows,
                        columns,
                        rowsPerItem,
                        queries,
                        keysPerStep,
                        group,
                        itemRows,
                        itemColumns,
                        depth,
                        queryItems,
                        keyItems,
                        itemQueries,
                        itemKeys)
                .allMatch(number -> number > 0);
        boolean fits = whole && (v == 1 || v == 4 || v == 8 || v == 16) && Integer.bitCount(lanes) == 1;
        boolean shaped = tiled
                ? whole
                        && tilesAreEven(columns, group, itemRows, itemColumns, depth)
                        && isSide(queryItems)
                        && isSide(keyItems)
                        && isQuads(itemQueries)
                        && isQuads(itemKeys)
                : lanes == 1
                        && columns % Math.max(1, v) == 0
                        && queries % Math.max(1, v) == 0
                        && keysPerStep % Math.max(1, tileRows) == 0;
        if (!fits || !shaped) {
            throw new IllegalArgumentException("kernels can't be cut like that");
        }
    }

    /** Returns whether each item moves as much of a slice as any other. */
    private static boolean tilesAreEven(int columns, int group, int itemRows, int itemColumns, int depth) {
        return group % 8 == 0
                && itemRows % 4 == 0
                && itemColumns % 4 == 0
                && depth % 8 == 0
                && itemRows * depth % group == 0
                && itemColumns * depth % (4 * group) == 0
                && columns % (group * itemColumns) == 0;
    }

    private static boolean isSide(int items) {
        return items == 4 || items == 8 || items == 16;
    }

    private static boolean isQuads(int count) {
        return count == 4 || count == 8;
    }

    /** Returns the start for a device, from the small table. */
    static Tuning of(Limits limits) {
        return limits.gpu() ? gpu(limits, limits.matrixUnits()) : cpu(limits.vector());
    }

    /** Chooses two vectors of sums in a row of a tile; with 32 registers (AVX-512) eight rows, with 16 four. */
    static Tuning cpu(int nativeVector) {
        int v = nativeVector >= 16 ? 16 : nativeVector >= 8 ? 8 : 4;
        int tileRows = v == 16 ? 8 : 4;
        MatrixTiles none = MatrixTiles.of(MatrixTiles.Units.NONE);
        return new Tuning(false, v, 1, 16, 256, tileRows, 2 * v, 256, 2 * v, 128, 1, 1, 1, 1, 1, 1, 1, 1, none);
    }

    /**
     * Chooses tiles of 128 x 128 by 16 x 16 items, 64 x 64 where a work group may not be that large. Items have 8 x 8
     * sums, which with their operands are some 140 registers; 4 x 8 on Intel and Apple, whose items have fewer. Attention
     * has 4 x 8 scores an item, which take 48 KB of local memory at heads of 64; 4 x 4 in 32 KB where there is too little
     * for several work groups.
     */
    static Tuning gpu(Limits limits, MatrixTiles.Units units) {
        int group = limits.workGroup() >= 256 ? 16 : 8;
        int lanes = Math.min(64, Integer.highestOneBit(limits.workGroup()));
        boolean few = limits.vendor() == Limits.Vendor.INTEL || limits.vendor() == Limits.Vendor.APPLE;
        int itemRows = few ? 4 : 8;
        int itemKeys = few || limits.vendor() == Limits.Vendor.AMD ? 4 : 8;
        MatrixTiles matrix = MatrixTiles.of(units);
        return new Tuning(
                true, 1, lanes, 1, 64, 1, 8 * group, 1, 1, 1, group, itemRows, 8, 8, group, 8, 4, itemKeys, matrix);
    }

    /** Returns the numbers by name, in the order of the record. */
    Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        numbers.put("v", v);
        numbers.put("lanes", lanes);
        numbers.put("block", block);
        numbers.put("items", items);
        numbers.put("tileRows", tileRows);
        numbers.put("columns", columns);
        numbers.put("rowsPerItem", rowsPerItem);
        numbers.put("queries", queries);
        numbers.put("keysPerStep", keysPerStep);
        numbers.put("group", group);
        numbers.put("itemRows", itemRows);
        numbers.put("itemColumns", itemColumns);
        numbers.put("depth", depth);
        numbers.put("queryItems", queryItems);
        numbers.put("keyItems", keyItems);
        numbers.put("itemQueries", itemQueries);
        numbers.put("itemKeys", itemKeys);
        numbers.putAll(matrix.numbers());
        return numbers;
    }

    /**
     * Returns this tuning with other numbers; names that are missing keep theirs.
     *
     * @throws IllegalArgumentException if they don't go together
     */
    Tuning with(Map<String, Integer> changes) {
        Map<String, Integer> all = numbers();
        all.putAll(changes);
        return new Tuning(
                tiled,
                all.get("v"),
                all.get("lanes"),
                all.get("block"),
                all.get("items"),
                all.get("tileRows"),
                all.get("columns"),
                all.get("rowsPerItem"),
                all.get("queries"),
                all.get("keysPerStep"),
                all.get("group"),
                all.get("itemRows"),
                all.get("itemColumns"),
                all.get("depth"),
                all.get("queryItems"),
                all.get("keyItems"),
                all.get("itemQueries"),
                all.get("itemKeys"),
                matrix.with(all));
    }

    /** Returns whether one number may be another while all others stay. */
    boolean allows(String name, int value) {
        try {
            with(Map.of(name, value));
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Returns the options of row kernels. */
    String rowOptions() {
        return "-DV=" + v + " -DLANES=" + lanes + " -DBLOCK=" + block;
    }

    /** Returns the options of products in tiles. */
    String tileOptions() {
        return tileOptions(group);
    }

    private String tileOptions(int side) {
        return rowOptions()
                + (tiled
                        ? " -DTILED=1 -DGROUP=" + side + " -DITEM_ROWS=" + itemRows + " -DITEM_COLUMNS=" + itemColumns
                                + " -DDEPTH=" + depth
                        : " -DTILED=0 -DTILE_ROWS=" + tileRows)
                + " -DCOLUMNS=" + columns;
    }

    /** Returns the layout of the operands of linear layers that multiply in some precision. */
    LinearTiles linear(Precision precision) {
        return matrix.multiplies(precision)
                ? matrix.linear(rowOptions(), precision)
                : new LinearTiles("linear", tileOptions() + halfOption(precision), columns, 1, precision, false);
    }

    /** Returns how a linear layer is shared out among work groups. */
    Cut linearCut(Precision precision, int rows, int inputs, int outputs, int computeUnits) {
        return matrix.multiplies(precision)
                ? matrix.cut(rowOptions(), precision, rows, outputs, computeUnits)
                : cut(rows, inputs, outputs, 1, computeUnits).with(halfOption(precision));
    }

    private static String halfOption(Precision precision) {
        return " -DHALF=" + (precision == Precision.FP16 ? 1 : 0);
    }

    /**
     * Returns how products are shared out among work groups: in tiles of half the side where whole ones would leave
     * compute units idle.
     *
     * @param products how many there are
     */
    Cut cut(int rows, int inputs, int outputs, int products, int computeUnits) {
        if (!tiled) {
            int rowsOfItem = rowsPerItem(rows, inputs, panels(outputs) * products, computeUnits);
            return new Cut(tileOptions(), rowsOfItem, columns, 1, 1);
        }
        Cut large = tiles(group);
        boolean idle = (long) large.down(rows) * large.across(outputs) * products < computeUnits;
        return idle && group >= 2 * SMALLEST_GROUP ? tiles(group / 2) : large;
    }

    private Cut tiles(int side) {
        return new Cut(tileOptions(side), side * itemRows, side * itemColumns, side, side);
    }

    /** Panels that so many columns of a product fill. */
    int panels(int outputs) {
        return (outputs + columns - 1) / columns;
    }

    /**
     * Returns the rows of a product that an item takes, or a work group if tiled: whole tiles, evenly cut, and where
     * there is little else to share out enough items for all cores.
     *
     * @param inputs floats in a row
     * @param others what the rows are taken through: panels, times products
     */
    int rowsPerItem(int rows, int inputs, int others, int computeUnits) {
        if (tiled) {
            return group * itemRows;
        }
        int tiles = Math.max(1, (rows + tileRows - 1) / tileRows);
        int most = Math.max(tileRows, rowsPerItem * USUAL_INPUTS / Math.max(USUAL_INPUTS, inputs));
        int cuts = (rows + most - 1) / most;
        int wanted = 4 * computeUnits;
        cuts = Math.min(tiles, Math.max(cuts, (wanted + others - 1) / others));
        return (tiles + cuts - 1) / cuts * tileRows;
    }
}
