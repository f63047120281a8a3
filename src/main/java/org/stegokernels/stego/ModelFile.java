package org.stegokernels.stego;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.cluster.Clustering;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;

/** The content of a STEGO model's file, ready to be written: the backbone of a model that is open, and other parts. */
public final class ModelFile {
    /** Prefix of the backbone's tensors. */
    public static final String BACKBONE = "backbone.";
    /** All names that tensors can have besides those of the backbone: of the head, and of the probes. */
    public static final List<String> PARTS = parts();

    private final Stego backbone;
    private final ModelInfo info;
    private final Map<String, TypedTensor> parts;

    private ModelFile(Stego backbone, ModelInfo info, Map<String, TypedTensor> parts) {
        this.backbone = backbone;
        this.info = info;
        this.parts = parts;
    }

    private static List<String> parts() {
        List<String> parts = new ArrayList<>(SegmentationHead.TENSORS);
        parts.addAll(LinearProbe.TENSORS);
        parts.add(ClusterProbe.CLUSTERS);
        return List.copyOf(parts);
    }

    /**
     * Describes a model anew, for instance with other class names; its weights stay as they are.
     *
     * @throws IllegalArgumentException if the description does not fit the model
     */
    public static ModelFile of(Stego model, ModelInfo info) {
        model.misfit(info).ifPresent(reason -> {
            throw new IllegalArgumentException("the description of the model doesn't fit it: " + reason);
        });
        return new ModelFile(model, info, present(model, PARTS));
    }

    /**
     * Combines a model's backbone with another head and other probes.
     *
     * @param parts by the names in a model file; a weight of a convolution is {@code [N, K, 1, 1]}
     * @throws IllegalArgumentException if a model has no part of such a name
     */
    public static ModelFile withParts(Stego backbone, ModelInfo info, Map<String, HostTensor> parts) {
        Map<String, TypedTensor> typed = new LinkedHashMap<>();
        parts.forEach((name, tensor) -> {
            if (!PARTS.contains(name)) {
                throw new IllegalArgumentException("a STEGO model has no tensor " + name);
            }
            typed.put(name, TypedTensor.of(tensor));
        });
        return new ModelFile(backbone, info, typed);
    }

    /**
     * Combines a model's backbone with other clusters, without a linear probe and class names, which belong to the old
     * ones.
     *
     * @param clusters {@code [K, code channels]} with the head, else {@code [K, backbone channels]}
     * @param withHead whether the model's head goes along and the clusters are clusters of its codes; else they are
     *     clusters of the backbone's features
     * @param inputSize shorter side in pixels of the images that the clusters were found in
     * @throws IllegalArgumentException if the clusters are not of such a shape, or there is no head
     */
    public static ModelFile withClusters(Stego model, HostTensor clusters, boolean withHead, int inputSize) {
        if (withHead && model.head().isEmpty()) {
            throw new IllegalArgumentException("the model has no head");
        }
        int width = withHead ? model.head().get().outputs() : model.backbone().width();
        Shape shape = clusters.shape();
        if (shape.rank() != 2 || shape.dim(0) < 1 || shape.dim(1) != width) {
            throw new IllegalArgumentException("clusters of " + width + " channels are wanted, not " + shape);
        }
        Map<String, TypedTensor> parts = present(model, withHead ? SegmentationHead.TENSORS : List.of());
        parts.put(ClusterProbe.CLUSTERS, TypedTensor.of(clusters));
        ModelInfo.Settings old = model.info().settings();
        float alpha = alphaOfClusters(model, withHead);
        ModelInfo.Settings settings =
                new ModelInfo.Settings(old.feature(), inputSize, alpha, old.source(), old.licence(), old.views());
        ModelInfo found = new ModelInfo(
                List.of(), List.of(), List.of(), settings, model.info().notes());
        return new ModelFile(model, found, parts);
    }

    /**
     * Combines a model's backbone with a linear probe in place of its probes.
     *
     * @param withHead whether the model's head goes along and the probe is one of its codes; else of the backbone's features
     * @throws java.util.NoSuchElementException if there is no head
     */
    public static ModelFile withProbe(Stego model, ModelInfo info, LinearProbe.Values probe, boolean withHead) {
        if (withHead) {
            model.head().orElseThrow();
        }
        Map<String, TypedTensor> parts = present(model, withHead ? SegmentationHead.TENSORS : List.of());
        probe.tensors().forEach((name, tensor) -> parts.put(name, TypedTensor.of(tensor)));
        return new ModelFile(model, info, parts);
    }

    /**
     * Returns the sharpness of clusters that are found anew.
     *
     * @param withHead whether they are clusters of the head's codes; else of the backbone's features
     */
    public static float alphaOfClusters(Stego model, boolean withHead) {
        return withHead ? model.info().settings().alpha() : CentroidClassifier.SHARPNESS;
    }

    /**
     * Writes clusters to a stream, which stays open: by cosine a model, as {@link #withClusters}; by distance, which no
     * model knows, {@code centers} [K, channels] and {@code counts} [K] alone.
     *
     * @throws IllegalArgumentException as {@link #withClusters}
     */
    public static void writeClusters(
            OutputStream out, Stego model, Clustering found, Metric metric, boolean withHead, int inputSize)
            throws IOException {
        int clusters = found.counts().length;
        HostTensor centers = new HostTensor(Shape.of(clusters, found.channels()), found.centroids());
        if (metric == Metric.COSINE) {
            withClusters(model, centers, withHead, inputSize).writeTo(out);
            return;
        }
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        tensors.put("centers", TypedTensor.of(centers));
        tensors.put("counts", TypedTensor.of(Shape.of(clusters), found.counts()));
        SafetensorsWriter.writeTyped(out, tensors, Map.of("of", withHead ? "code" : "raw"));
    }

    private static Map<String, TypedTensor> present(Stego model, List<String> names) {
        Map<String, TypedTensor> present = new LinkedHashMap<>();
        names.forEach(name -> model.part(name).ifPresent(tensor -> present.put(name, tensor)));
        return present;
    }

    /**
     * Writes the file to a stream, which stays open. Loading it and writing that again gives the same bytes.
     *
     * @throws IllegalStateException if the model whose backbone it is has been closed
     */
    public void writeTo(OutputStream out) throws IOException {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>(parts);
        backbone.backboneTensors().forEach((name, tensor) -> tensors.put(BACKBONE + name, tensor));
        SafetensorsWriter.writeTyped(
                out, tensors, info.metadata(backbone.backbone().architecture()));
    }
}
