package org.stegokernels.device.opencl;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.stegokernels.device.Device.Precision;

/**
 * The tiles of products of 16-bit or TF32 floats for matrix units; {@code linear_matrix.cl}, {@code linear_mfma.cl} and
 * {@code attention_matrix.cl} tell what the numbers mean, which become macros of the same names, in capitals. A warp of AMD's
 * is a wave of 64 lanes.
 *
 * @param warpsDown warps of a work group, by rows
 * @param warpsAcross by columns
 * @param warpRows times 16 rows that a warp takes
 * @param warpColumns times 8 columns, times 16 on AMD's
 * @param queryWarps warps of a work group of attention
 * @param warpQueries times 16 queries that a warp takes, at heads of up to 64 channels; once 16 at wider ones
 * @param keySlices times 32 keys, in TF32 16, between two corrections of the running maximum, at heads of up to 64 channels
 */
record MatrixTiles(
        Units units,
        int warpsDown,
        int warpsAcross,
        int warpRows,
        int warpColumns,
        int queryWarps,
        int warpQueries,
        int keySlices) {
    /** The macro MATRIX of {@code chunks.cl} by ordinal. */
    enum Units {
        NONE(0, 0, ""),
        /** Inline PTX. */
        NVIDIA(32, 8, "linear_matrix"),
        /** Plain OpenCL C, for tests. */
        NVIDIA_EMULATED(32, 8, "linear_matrix"),
        /** The compiler's builtin, for linear layers in 16 bits. */
        AMD(64, 16, "linear_mfma"),
        /** Plain OpenCL C, for tests. */
        AMD_EMULATED(64, 16, "linear_mfma");

        /** Lanes that multiply together. */
        private final int lanes;
        /** Columns of their product. */
        private final int columns;
        /** The file of linear layers. */
        private final String linear;

        Units(int lanes, int columns, String linear) {
            this.lanes = lanes;
            this.columns = columns;
            this.linear = linear;
        }

        private boolean nvidia() {
            return this == NVIDIA || this == NVIDIA_EMULATED;
        }
    }

    static final int CHUNK_BYTES = 16;
    /** 16-bit floats in as many bytes. */
    static final int HALVES = CHUNK_BYTES / Short.BYTES;

    /** Bytes of a row of a tile in local memory. */
    private static final int ROW_BYTES = 64;

    /** Heads are padded to a multiple of these. */
    private static final int DEPTHS = 32;

    /** Past these the three steps of attention, of 8 KB keys and as much values, are more than 48 KB of local memory. */
    private static final int MOST_KEY_SLICES = 2;
    /** Narrowest head that is not mostly padding. */
    static final int NARROWEST_HEAD = 16;

    /** Widest head whose sums fit into registers. */
    static final int WIDEST_HEAD = 128;

    private static final int USUAL_HEAD = 64;
    private static final int MOST_ITEMS = 1024;

    MatrixTiles {
        boolean whole = IntStream.of(warpsDown, warpsAcross, warpRows, warpColumns, queryWarps, warpQueries, keySlices)
                .allMatch(number -> number > 0);
        // Each item moves as many chunks of a tile as any other.
        boolean even = whole
                && warpsDown * warpsAcross * units.lanes <= MOST_ITEMS
                && (units.nvidia() ? 2 : 1) * warpRows % warpsAcross == 0
                && warpColumns % warpsDown == 0
                && Integer.bitCount(queryWarps) == 1
                && queryWarps <= 4
                && keySlices <= MOST_KEY_SLICES;
        if (!even) {
            throw new IllegalArgumentException("kernels can't be cut like that");
        }
    }

    /** Chooses 128 x 128 tiles by four warps of 64 x 64, which need 228 registers an item of NVIDIA's, 142 of AMD's. */
    static MatrixTiles of(Units units) {
        return new MatrixTiles(units, 2, 2, 4, units.nvidia() ? 8 : 4, 4, 2, 1);
    }

    boolean there() {
        return units != Units.NONE;
    }

    /** Returns whether there are units for linear layers of some precision. */
    boolean multiplies(Precision precision) {
        return there() && (precision == Precision.FP16 || precision == Precision.TF32 && units.nvidia());
    }

    /** Returns whether there are units for attention with heads of so many channels. */
    boolean attends(Precision precision, int depth) {
        return multiplies(precision) && units.nvidia() && depth >= NARROWEST_HEAD && depth <= WIDEST_HEAD;
    }

    Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        numbers.put("warpsDown", warpsDown);
        numbers.put("warpsAcross", warpsAcross);
        numbers.put("warpRows", warpRows);
        numbers.put("warpColumns", warpColumns);
        numbers.put("queryWarps", queryWarps);
        numbers.put("warpQueries", warpQueries);
        numbers.put("keySlices", keySlices);
        return numbers;
    }

    /** Returns these tiles with other numbers, all of them given. */
    MatrixTiles with(Map<String, Integer> all) {
        return new MatrixTiles(
                units,
                all.get("warpsDown"),
                all.get("warpsAcross"),
                all.get("warpRows"),
                all.get("warpColumns"),
                all.get("queryWarps"),
                all.get("warpQueries"),
                all.get("keySlices"));
    }

    private String unitsOption(Precision precision) {
        return " -DMATRIX=" + units.ordinal() + " -DTF32=" + (precision == Precision.TF32 ? 1 : 0);
    }

    /** Returns the bytes of a value. */
    static int bytes(Precision precision) {
        return precision == Precision.TF32 ? Float.BYTES : Short.BYTES;
    }

    /** Returns the steps of a row of a tile in local memory. */
    private static int steps(Precision precision) {
        return ROW_BYTES / bytes(precision);
    }

    private int columns() {
        return units.columns * warpColumns * warpsAcross;
    }

    private int rows() {
        return 16 * warpRows * warpsDown;
    }

    /** Returns the layout of the operands of linear layers; options come after those of rows. */
    LinearTiles linear(String rowOptions, Precision precision) {
        return new LinearTiles(
                units.linear,
                cut(rowOptions, precision, columns()).options(),
                columns(),
                steps(precision),
                precision,
                true);
    }

    /** Returns how a linear layer is shared out: in tiles of half the side if whole ones leave compute units idle. */
    Cut cut(String rowOptions, Precision precision, int rows, int outputs, int computeUnits) {
        Cut large = cut(rowOptions, precision, columns());
        boolean idle = (long) large.down(rows) * large.across(outputs) < computeUnits;
        return idle && halves() ? half().cut(rowOptions, precision, columns()) : large;
    }

    private boolean halves() {
        return warpRows % 2 == 0
                && warpColumns % 2 == 0
                && (units.nvidia() ? 2 : 1) * (warpRows / 2) % warpsAcross == 0
                && warpColumns / 2 % warpsDown == 0;
    }

    private MatrixTiles half() {
        return new MatrixTiles(
                units, warpsDown, warpsAcross, warpRows / 2, warpColumns / 2, queryWarps, warpQueries, keySlices);
    }

    /** @param panel columns of a panel of weights */
    private Cut cut(String rowOptions, Precision precision, int panel) {
        return new Cut(
                rowOptions + unitsOption(precision) + " -DWARPS_DOWN=" + warpsDown
                        + " -DWARPS_ACROSS=" + warpsAcross + " -DWARP_ROWS=" + warpRows + " -DWARP_COLUMNS="
                        + warpColumns + " -DCOLUMNS=" + panel,
                rows(),
                columns(),
                units.lanes * warpsDown * warpsAcross,
                1);
    }

    /** Returns the width of a head as the kernel has it. */
    static int paddedDepth(int depth) {
        return (depth + DEPTHS - 1) / DEPTHS * DEPTHS;
    }

    /** Returns the keys of a step. */
    int keys(Precision precision, int paddedDepth) {
        return steps(precision) * keySlices(paddedDepth);
    }

    /** Fewer if heads are wide, so that tiles stay as large. */
    private int keySlices(int paddedDepth) {
        return Math.max(1, keySlices * USUAL_HEAD / Math.max(USUAL_HEAD, paddedDepth));
    }

    private int warpQueries(int paddedDepth) {
        return paddedDepth > USUAL_HEAD ? 1 : warpQueries;
    }

    /** Queries that a work group takes. */
    int queries(int paddedDepth) {
        return 16 * queryWarps * warpQueries(paddedDepth);
    }

    /** Items of a work group of attention. */
    int queryItems() {
        return units.lanes * queryWarps;
    }

    /** Returns the options of attention, after those of rows. */
    String attentionOptions(String rowOptions, Precision precision, int paddedDepth) {
        return rowOptions + unitsOption(precision) + " -DWARPS=" + queryWarps + " -DWARP_QUERIES="
                + warpQueries(paddedDepth) + " -DKEY_SLICES=" + keySlices(paddedDepth) + " -DHEAD_DEPTH="
                + paddedDepth;
    }
}
