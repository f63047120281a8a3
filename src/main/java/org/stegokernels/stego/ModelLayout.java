package org.stegokernels.stego;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.stegokernels.image.LabelMap;
import org.stegokernels.tensor.Shape;
import org.stegokernels.vit.Architecture;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TensorIndex;

/**
 * The parts of a model file, judged before any value is read.
 *
 * @param prefix what precedes the names of the backbone's tensors
 * @param head whether there is one
 * @param codeWidth channels of the code that the probes take: the head's, or without a head the backbone's
 * @param classes outputs of the linear probe, if there is one
 * @param clusters of the cluster probe, 0 if there is none
 */
record ModelLayout(
        String prefix, Architecture backbone, boolean head, int codeWidth, OptionalInt classes, int clusters) {

    /**
     * Reads the layout off the tensors' names and shapes.
     *
     * @throws ModelException if there is no vision transformer, a tensor is missing, of a wrong shape or of an unknown
     *     name, or the parts don't fit together
     */
    static ModelLayout of(TensorIndex file) {
        String prefix = Architecture.findPrefix(file);
        Architecture backbone = Architecture.of(file, prefix);
        int width = backbone.width();
        int codeWidth = width;
        boolean head = SegmentationHead.isIn(file, "");
        if (head) {
            Shape shape = SegmentationHead.shape(file, "");
            if (shape.dim(1) != width) {
                throw file.wrongShape("cluster1.0.weight", "[code channels, " + width + ", 1, 1] to fit the backbone");
            }
            codeWidth = shape.dim(0);
        }
        ModelLayout layout =
                new ModelLayout(prefix, backbone, head, codeWidth, OptionalInt.empty(), 0).withProbes(file);
        layout.checkNames(file);
        return layout;
    }

    /**
     * Returns the layout with the probes of a file in place of its own.
     *
     * @throws ModelException if one of them doesn't fit the code
     */
    ModelLayout withProbes(TensorIndex file) {
        String source = head ? "the head" : "the backbone";
        OptionalInt found = OptionalInt.empty();
        if (LinearProbe.isIn(file, "")) {
            Shape probe = LinearProbe.shape(file, "");
            if (probe.dim(1) != codeWidth) {
                throw file.wrongShape("linear_probe.weight", "[classes, " + codeWidth + ", 1, 1] to fit " + source);
            }
            found = OptionalInt.of(probe.dim(0));
        }
        int count = 0;
        if (ClusterProbe.isIn(file, "")) {
            Shape probe = ClusterProbe.shape(file, "");
            if (probe.dim(1) != codeWidth) {
                throw file.wrongShape(ClusterProbe.CLUSTERS, "[clusters, " + codeWidth + "] to fit " + source);
            }
            count = probe.dim(0);
        }
        return new ModelLayout(prefix, backbone, head, codeWidth, found, count);
    }

    private void checkNames(TensorIndex file) {
        if (!ModelMetadata.isVersioned(file)) {
            return;
        }
        Set<String> ofBackbone = backbone.tensors().keySet();
        for (String name : file.names()) {
            boolean known = ModelFile.PARTS.contains(name)
                    || name.startsWith(prefix) && ofBackbone.contains(name.substring(prefix.length()));
            if (!known) {
                throw new ModelException(
                        file.name(), name, "a STEGO model has no such tensor", "Correct its name or leave it out.");
            }
        }
    }

    /** Returns whether the map of such metadata is one of the linear probe's outputs, since there are no clusters. */
    boolean mapsOutputs(ModelInfo info) {
        return clusters == 0 && classes.isPresent() && !info.clusterToClass().isEmpty();
    }

    /** Returns the number of classes of a model with such metadata; 0 without probes and class names. */
    int classCount(ModelInfo info) {
        if (!info.classNames().isEmpty()) {
            return info.classNames().size();
        }
        boolean outputs = mapsOutputs(info);
        if (classes.isPresent() && !outputs) {
            return classes.getAsInt();
        }
        List<Integer> map = info.clusterToClass();
        int last = (outputs ? classes.getAsInt() : clusters) - 1;
        return 1 + (map.isEmpty() ? last : Math.min(Collections.max(map), last));
    }

    /** Returns the reason why a description does not fit, if so. */
    Optional<String> misfit(ModelInfo info) {
        int count = classCount(info);
        List<Integer> map = info.clusterToClass();
        boolean outputs = mapsOutputs(info);
        if (classes.isPresent() && !outputs && classes.getAsInt() != count) {
            return Optional.of(
                    count + " class names are given, but the linear probe has " + classes.getAsInt() + " classes");
        }
        if (!info.colours().isEmpty() && info.colours().size() != count) {
            return Optional.of(info.colours().size() + " colours are given for " + count + " classes");
        }
        boolean named = !map.isEmpty() && !info.clustersAreUnknown();
        if (count > LabelMap.IGNORE || !named && clusters > LabelMap.IGNORE) {
            return Optional.of((count > LabelMap.IGNORE ? count + " classes" : clusters + " clusters, each a class,")
                    + " are more than the " + LabelMap.IGNORE + " that a label map can tell apart");
        }
        String mapped = outputs ? "outputs of the linear probe" : "clusters";
        int size = outputs ? classes.getAsInt() : clusters;
        if (!map.isEmpty() && map.size() != size) {
            return Optional.of("classes for " + map.size() + " " + mapped + " are given, but there are " + size);
        }
        if (info.clustersAreUnknown() && !outputs) {
            return Optional.empty();
        }
        if (!map.isEmpty() && (Collections.min(map) < 0 || Collections.max(map) >= count)) {
            return Optional.of(mapped + " are given the classes " + map + ", but there are " + count + " classes");
        }
        if (map.isEmpty() && clusters > count) {
            return Optional.of(
                    "it is not given which of the " + count + " classes each of the " + clusters + " clusters is");
        }
        return Optional.empty();
    }
}
