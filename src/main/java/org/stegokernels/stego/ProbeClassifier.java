package org.stegokernels.stego;

import java.util.ArrayList;
import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.FiniteCheck;

/**
 * Classes by a probe of a STEGO model, in the order of the published evaluation: the code is enlarged to the pixels,
 * then each pixel's code classified.
 */
final class ProbeClassifier implements PixelClassifier {
    private final Device device;
    private final Stego model;
    private final Probe probe;
    private final int[] classOf;
    private final GrowingBuffer pixelCodes;
    private final FiniteCheck check;

    /** @throws IllegalArgumentException if the model has no such probe */
    ProbeClassifier(Stego model, Probe probe) {
        this.device = model.device();
        this.model = model;
        this.probe = probe;
        classOf = model.classOf(probe);
        pixelCodes = new GrowingBuffer(device);
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

    @Override
    public void classify(Tensor patches, Tensor out) {
        Shape grid = patches.shape();
        int channels = grid.dim(2);
        Tensor codes = pixelCodes.view(1, out.shape().dim(1), out.shape().dim(2), channels);
        device.kernels().bilinear(patches.view(1, grid.dim(0), grid.dim(1), channels), codes);
        if (probe == Probe.CLUSTER) {
            model.clusterProbe()
                    .orElseThrow()
                    .logProbabilitiesInPlace(codes, model.info().settings().alpha(), out);
        } else {
            model.linearProbe().orElseThrow().forward(codes, out);
            device.kernels().logSoftmax(out, 1, out);
        }
        check.require(out, "the probabilities of the classes");
    }

    @Override
    public void close() {
        pixelCodes.close();
        check.close();
    }
}
