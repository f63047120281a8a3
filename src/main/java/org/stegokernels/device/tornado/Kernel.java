package org.stegokernels.device.tornado;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.stegokernels.tornado.Adam;
import org.stegokernels.tornado.AddScaled;
import org.stegokernels.tornado.AgreementLoss;
import org.stegokernels.tornado.Argmax;
import org.stegokernels.tornado.AssignmentLoss;
import org.stegokernels.tornado.Attention;
import org.stegokernels.tornado.AttentionWeights;
import org.stegokernels.tornado.Bicubic;
import org.stegokernels.tornado.Bilinear;
import org.stegokernels.tornado.BilinearGradient;
import org.stegokernels.tornado.ClusterSums;
import org.stegokernels.tornado.Correspondence;
import org.stegokernels.tornado.CrfLoss;
import org.stegokernels.tornado.CrossEntropy;
import org.stegokernels.tornado.Gelu;
import org.stegokernels.tornado.GridSample;
import org.stegokernels.tornado.Indices;
import org.stegokernels.tornado.Lattice;
import org.stegokernels.tornado.LatticeFilter;
import org.stegokernels.tornado.LatticeNorm;
import org.stegokernels.tornado.LayerNorm;
import org.stegokernels.tornado.Linear;
import org.stegokernels.tornado.MeanField;
import org.stegokernels.tornado.Memory;
import org.stegokernels.tornado.MirrorMean;
import org.stegokernels.tornado.NearestCenters;
import org.stegokernels.tornado.Normalize;
import org.stegokernels.tornado.NormalizeGradient;
import org.stegokernels.tornado.PatchEmbed;
import org.stegokernels.tornado.Product;
import org.stegokernels.tornado.ReluGradient;
import org.stegokernels.tornado.Rope;
import org.stegokernels.tornado.Rows;
import org.stegokernels.tornado.RunningMeans;
import org.stegokernels.tornado.ScaleChannels;
import org.stegokernels.tornado.Slice;
import org.stegokernels.tornado.Softmax;
import org.stegokernels.tornado.SoftmaxGradient;
import org.stegokernels.tornado.Sum;
import org.stegokernels.tornado.SwiGlu;
import org.stegokernels.tornado.TopK;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Every kernel and the size of its work groups. All have one signature: the context, arguments that are integers,
 * arguments that are floats, and the two arrays that are the device's memory.
 */
enum Kernel {
    OWN_MEMORY(Memory::ownMemory, 1),
    FILL_FLOATS(Memory::fillFloats, Memory.GROUP),
    FILL_INTS(Memory::fillInts, Memory.GROUP),
    COPY_FLOATS(Memory::copyFloats, Memory.GROUP),
    /** A few values come with the arguments; a million take another kernel, whose arguments have room for them. */
    WRITE_SOME_FLOATS(Memory::writeFloats, Memory.GROUP, 0, 1 << 10),
    WRITE_MANY_FLOATS(Memory::writeFloats, Memory.GROUP, 0, 1 << 20),
    WRITE_SOME_INTS(Memory::writeInts, Memory.GROUP, 1 << 10, 0),
    WRITE_MANY_INTS(Memory::writeInts, Memory.GROUP, 1 << 20, 0),

    GELU(Gelu::geluRows, Rows.LANES, Rows.ROWS),
    SWI_GLU(SwiGlu::swiGlu, Rows.LANES, Rows.ROWS),
    ROPE(Rope::rope, Rows.LANES, Rows.ROWS),
    SLICE(Slice::slice, Rows.LANES, Rows.ROWS),
    MIRROR_MEAN(MirrorMean::mirrorMean, Rows.LANES, Rows.ROWS),
    LAYER_NORM(LayerNorm::layerNorm, Rows.LANES, Rows.ROWS),
    NORMALIZE_ROWS(Normalize::normalizeRows, Rows.LANES, Rows.ROWS),
    SOFTMAX(Softmax::softmax, Rows.LANES, Rows.ROWS),
    LOG_SOFTMAX(Softmax::logSoftmax, Rows.LANES, Rows.ROWS),
    ARGMAX(Argmax::argmax, Rows.LANES, Rows.ROWS),
    LINEAR(Linear::linear, Linear.GROUP, Linear.GROUP),
    GATHER_PATCHES(PatchEmbed::gatherPatches, Rows.LANES, Rows.ROWS),
    COPY_PREFIX(PatchEmbed::copyPrefix, Memory.GROUP),
    BICUBIC(Bicubic::bicubic, Rows.LANES, Rows.ROWS),
    ATTENTION(Attention::attention, Attention.GROUP, Attention.GROUP),
    ATTENTION_WEIGHTS(AttentionWeights::attentionWeights, Rows.LANES, Rows.ROWS),
    BILINEAR(Bilinear::bilinear, Rows.LANES, Rows.ROWS),

    SUM_VALUES(Sum::sumValues, Sum.GROUP),
    SUM_COLUMNS(Sum::sumColumns, Memory.GROUP),
    ADD_CHUNKS(Sum::addChunks, Memory.GROUP),
    CHECK_INDICES(Indices::checkIndices, Indices.GROUP),
    SUM_CHUNKS(ClusterSums::sumChunks, Rows.LANES),

    BOUNDS(Lattice::bounds, Lattice.GROUP),
    EMBED(Lattice::embed, Lattice.GROUP),
    COUNT_DIGITS(Lattice::countDigits, Lattice.GROUP),
    MOVE_BY_DIGIT(Lattice::moveByDigit, Lattice.GROUP),
    SCAN_ITEMS(Lattice::scanItems, Lattice.GROUP),
    SCAN_SUMS(Lattice::scanSums, Lattice.SCAN_GROUP),
    SCAN_RANKS(Lattice::scanRanks, Lattice.GROUP),
    MARK_RUNS(Lattice::markRuns, Lattice.GROUP),
    NAME_VERTICES(Lattice::nameVertices, Lattice.GROUP),
    LINK(Lattice::link, Lattice.GROUP),
    SPLAT_ONES(LatticeNorm::splatOnes, Memory.GROUP),
    BLUR_ONES(LatticeNorm::blurOnes, Memory.GROUP),
    NORMS(LatticeNorm::norms, Memory.GROUP),
    FOLD_SPLAT(LatticeNorm::foldSplat, Memory.GROUP),
    FOLD_SLICE(LatticeNorm::foldSlice, Memory.GROUP),
    SPLAT(LatticeFilter::splat, Rows.LANES, Rows.ROWS),
    BLUR(LatticeFilter::blur, Rows.LANES, Rows.ROWS),
    SLICE_ROWS(LatticeFilter::sliceRows, Rows.LANES, Rows.ROWS),
    MEAN_FIELD_ADD(MeanField::meanFieldAdd, Rows.LANES, Rows.ROWS),
    MEAN_FIELD_UPDATE(MeanField::meanFieldUpdate, Rows.LANES, Rows.ROWS),

    PRODUCT(Product::product, Linear.GROUP, Linear.GROUP),
    ADD_SCALED(AddScaled::addScaled, Memory.GROUP),
    RELU_GRADIENT(ReluGradient::reluGradient, Memory.GROUP),
    SCALE_CHANNELS(ScaleChannels::scaleChannels, Rows.LANES, Rows.ROWS),
    NORMALIZE_GRADIENT(NormalizeGradient::normalizeGradient, Rows.LANES, Rows.ROWS),
    SOFTMAX_GRADIENT(SoftmaxGradient::softmaxGradient, Rows.LANES, Rows.ROWS),
    BILINEAR_GRADIENT(BilinearGradient::bilinearGradient, Rows.LANES, Rows.ROWS),
    GRID_SAMPLE(GridSample::gridSample, Rows.LANES, Rows.ROWS),
    GRID_SAMPLE_GRADIENT(GridSample::gridSampleGradient, Rows.LANES, Rows.ROWS),
    CENTER_ROWS(Correspondence::centerRows, Rows.LANES, Rows.ROWS),
    JUDGE(Correspondence::judge, Rows.LANES, Rows.ROWS),
    CROSS_ENTROPY_PIXELS(CrossEntropy::crossEntropyPixels, Rows.LANES, Rows.ROWS),
    CROSS_ENTROPY_CELLS(CrossEntropy::crossEntropyCells, Rows.LANES, Rows.ROWS),
    CROSS_ENTROPY_GATHER(CrossEntropy::crossEntropyGather, Rows.LANES, Rows.ROWS),
    CROSS_ENTROPY_LOSS(CrossEntropy::crossEntropyLoss, 1),
    HARD_ASSIGNMENT(AssignmentLoss::hardAssignment, Rows.LANES, Rows.ROWS),
    SOFT_ASSIGNMENT(AssignmentLoss::softAssignment, Rows.LANES, Rows.ROWS),
    AGREEMENT_LOSS(AgreementLoss::agreementLoss, Rows.LANES, Rows.ROWS),
    SELECT_POINTS(CrfLoss::selectPoints, Rows.LANES, Rows.ROWS),
    AFFINITIES(CrfLoss::affinities, Rows.LANES, Rows.ROWS),
    CODE_PRODUCTS(CrfLoss::codeProducts, Rows.LANES, Rows.ROWS),
    SCATTER_POINTS(CrfLoss::scatterPoints, Rows.LANES),
    ADAM(Adam::adam, Memory.GROUP),
    TOP_K(TopK::topK, Linear.GROUP, Linear.GROUP),
    CENTER_OFFSETS(NearestCenters::centerOffsets, Rows.LANES, Rows.ROWS),
    GATHER_ROWS(NearestCenters::gatherRows, Rows.LANES, Rows.ROWS),
    PUT_LABELS(NearestCenters::putLabels, Memory.GROUP),
    ADD_COUNTS(RunningMeans::addCounts, Memory.GROUP),
    RUNNING_MEANS(RunningMeans::runningMeans, Rows.LANES, Rows.ROWS);

    /** Arguments that a call may hand over, of both kinds, besides values. */
    static final int ARGUMENTS = 32;

    private static final Map<String, Kernel> BY_ID =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Kernel::id, kernel -> kernel));

    private final String id = name().toLowerCase(Locale.ROOT);

    private final Task5<KernelContext, IntArray, FloatArray, FloatArray, IntArray> code;
    private final int groupX;
    private final int groupY;
    private final int roomForInts;
    private final int roomForFloats;

    /** Makes a kernel with groups of one dimension. */
    Kernel(Task5<KernelContext, IntArray, FloatArray, FloatArray, IntArray> code, int group) {
        this(code, group, 0, 0);
    }

    /** Makes a kernel with groups of one dimension and room for values after the arguments. */
    Kernel(
            Task5<KernelContext, IntArray, FloatArray, FloatArray, IntArray> code,
            int group,
            int roomForInts,
            int roomForFloats) {
        this.code = code;
        this.groupX = group;
        this.groupY = 1;
        this.roomForInts = roomForInts;
        this.roomForFloats = roomForFloats;
    }

    Kernel(Task5<KernelContext, IntArray, FloatArray, FloatArray, IntArray> code, int groupX, int groupY) {
        this.code = code;
        this.groupX = groupX;
        this.groupY = groupY;
        this.roomForInts = 0;
        this.roomForFloats = 0;
    }

    Task5<KernelContext, IntArray, FloatArray, FloatArray, IntArray> code() {
        return code;
    }

    int groupX() {
        return groupX;
    }

    int groupY() {
        return groupY;
    }

    int roomForInts() {
        return roomForInts;
    }

    int roomForFloats() {
        return roomForFloats;
    }

    /** Returns the name in graphs, messages and the profile, which is that of all devices. */
    String id() {
        return id;
    }

    /** Returns the kernel of that name. */
    static Kernel of(String id) {
        return BY_ID.get(id);
    }

    /** Says that one group goes through all items: there is no atomic minimum. */
    boolean isOneGroup() {
        return this == CHECK_INDICES;
    }
}
