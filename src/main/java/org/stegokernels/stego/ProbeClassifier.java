package org.stegokernels.stego;

import java.util.ArrayList;
import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.FiniteCheck;

/**
 * Classes by a probe of a STEGO model, in the order of the published evaluation: the code is enlarged to the pixels,
 * then each pixel's code classified. The codes of all pixels are the largest tensor of a segmentation, so there are never
 * more than those of some lines.
 */
final class ProbeClassifier implements PixelClassifier {
    /** About 2 MiB of codes at once: work enough for many threads, and little memory. */
    static final int FLOATS = 1 << 19;
    /** So many times as much where a kernel that is started has more to fill. */
    private static final int DEVICE_SHARE = 32;

    private final Device device;
    private final Stego model;
    private final Probe probe;
    private final int[] classOf;
    /** The codes at the lines of the pixels and the columns of the patches. */
    private final GrowingBuffer lines;

    private final GrowingBuffer someLines;
    private final GrowingBuffer pixelCodes;
    private final GrowingBuffer scores;
    private final FiniteCheck check;

    /** @throws IllegalArgumentException if the model has no such probe */
    ProbeClassifier(Stego model, Probe probe) {
        this.device = model.device();
        this.model = model;
        this.probe = probe;
        classOf = model.classOf(probe);
        lines = new GrowingBuffer(device);
        someLines = new GrowingBuffer(device);
        pixelCodes = new GrowingBuffer(device);
        scores = new GrowingBuffer(device);
        check = new FiniteCheck(device);
    }

    @Override
    public int candidates() {
        return classOf.length;
    }

    @Override
    public int[] classOf() {
        return classOf.clone();
    }

    @Override
    public List<Segmentation.ClassInfo> classes() {
        return classes(model, probe);
    }

    /** Returns the classes that a probe of a model tells apart, by id; those without a name are called by number. */
    static List<Segmentation.ClassInfo> classes(Stego model, Probe probe) {
        ModelInfo info = model.info();
        if (probe == Probe.CLUSTER && info.clustersAreUnknown()) {
            return classes("cluster ", model.clusterToClass().length, List.of(), List.of());
        }
        boolean clusters = probe == Probe.CLUSTER && info.clusterToClass().isEmpty();
        return classes(clusters ? "cluster " : "class ", model.classCount(), info.classNames(), info.colours());
    }

    /**
     * @param prefix of the names of classes that have none
     * @param names of all classes, or empty
     * @param colours of all classes, or empty
     */
    private static List<Segmentation.ClassInfo> classes(
            String prefix, int count, List<String> names, List<Integer> colours) {
        Palette palette = Palette.distinct(count);
        List<Segmentation.ClassInfo> classes = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            String name = names.isEmpty() ? prefix + id : names.get(id);
            classes.add(new Segmentation.ClassInfo(id, name, colours.isEmpty() ? palette.color(id) : colours.get(id)));
        }
        return classes;
    }

    /**
     * {@inheritDoc}
     *
     * <p>A resize along one axis after the other has the same bits as one along both, on a device that mixes lines first.
     */
    @Override
    public void classify(Tensor patches, Tensor out) {
        Kernels kernels = device.kernels();
        int columns = patches.shape().dim(1);
        int channels = patches.shape().dim(2);
        int height = out.shape().dim(1);
        int width = out.shape().dim(2);
        int candidates = out.shape().dim(3);
        Tensor enlarged = lines.view(1, height, columns, channels);
        kernels.bilinear(patches.view(1, patches.shape().dim(0), columns, channels), enlarged);
        int floats = device.gainsByBatches() ? DEVICE_SHARE * FLOATS : FLOATS;
        int most = Math.max(1, floats / (width * channels));
        for (int first = 0; first < height; first += most) {
            int count = Math.min(most, height - first);
            Tensor some = someLines.view(1, count, columns * channels);
            kernels.slice(enlarged.view(1, height, columns * channels), first, 0, some);
            Tensor codes = pixelCodes.view(count, 1, width, channels);
            kernels.bilinear(some.view(count, 1, columns, channels), codes);
            Tensor logProbabilities = scores.view(count, 1, width, candidates);
            classifyCodes(codes, logProbabilities);
            device.copy(logProbabilities, out, first * width * candidates);
        }
        check.require(out, "the probabilities of the classes");
    }

    /**
     * Computes logarithms of probabilities.
     *
     * @param codes of pixels, divided by their length for clusters
     */
    private void classifyCodes(Tensor codes, Tensor out) {
        if (probe == Probe.CLUSTER) {
            model.clusterProbe()
                    .orElseThrow()
                    .logProbabilitiesInPlace(codes, model.info().settings().alpha(), out);
        } else {
            model.linearProbe().orElseThrow().forward(codes, out);
            device.kernels().logSoftmax(out, 1, out);
        }
    }

    @Override
    public void close() {
        for (GrowingBuffer buffer : List.of(lines, someLines, pixelCodes, scores)) {
            buffer.close();
        }
        check.close();
    }
}
