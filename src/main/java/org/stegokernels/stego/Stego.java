package org.stegokernels.stego;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.vit.ViTConfig;
import org.stegokernels.vit.VisionTransformer;
import org.stegokernels.weights.DemoModel;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;

/**
 * A STEGO model on one device, from one safetensors file: {@code backbone.*} with the names of DINO, the head {@code
 * cluster1.0.*}, {@code cluster2.0.*}, {@code cluster2.2.*}, {@code linear_probe.*}, {@code cluster_probe.clusters}, and
 * what the model says about itself in the metadata. Everything but the backbone may be absent, so that a file with
 * nothing but a vision transformer, under whatever prefix, is a model without head and probes.
 *
 * <p>A file written by {@link #save} is read strictly: a tensor of an unknown name is refused. Files from elsewhere may
 * hold other tensors, which are left alone.
 */
public final class Stego implements AutoCloseable {
    private static final String BACKBONE = "backbone.";
    private static final List<String> PARTS = Stream.of(
                    SegmentationHead.TENSORS, LinearProbe.TENSORS, List.of(ClusterProbe.CLUSTERS))
            .flatMap(List::stream)
            .toList();

    private final Safetensors file;
    private final String backbonePrefix;
    private final ModelInfo info;
    private final VisionTransformer backbone;
    private final Optional<SegmentationHead> head;
    private final Optional<LinearProbe> linearProbe;
    private final Optional<ClusterProbe> clusterProbe;
    private final List<Runnable> closers = new ArrayList<>();

    private Stego(Safetensors file, Device device) {
        this.file = file;
        closers.add(file::close);
        try {
            backbonePrefix = ViTConfig.findPrefix(file);
            info = ModelMetadata.read(file);
            backbone = VisionTransformer.load(file, backbonePrefix, device);
            closers.add(backbone::close);
            head = SegmentationHead.isIn(file, "")
                    ? Optional.of(SegmentationHead.load(file, "", device))
                    : Optional.empty();
            head.ifPresent(part -> closers.add(part::close));
            linearProbe =
                    LinearProbe.isIn(file, "") ? Optional.of(LinearProbe.load(file, "", device)) : Optional.empty();
            linearProbe.ifPresent(part -> closers.add(part::close));
            clusterProbe =
                    ClusterProbe.isIn(file, "") ? Optional.of(ClusterProbe.load(file, "", device)) : Optional.empty();
            clusterProbe.ifPresent(part -> closers.add(part::close));
            checkNames();
            checkWidths();
            misfit(info).ifPresent(reason -> {
                throw ModelMetadata.wrong(file, reason);
            });
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Loads a model.
     *
     * @throws ModelException if the file can't be read, holds no vision transformer, or its parts don't fit together
     */
    public static Stego load(Path path, Device device) {
        return load(Safetensors.open(path), device);
    }

    /**
     * Loads the model that comes with the program: small, made for trying things out.
     *
     * @throws ModelException if this build of the program has none
     */
    public static Stego demo(Device device) {
        return load(DemoModel.open(), device);
    }

    /**
     * Loads a model from an open file, which belongs to the model from then on, also if this fails.
     *
     * @throws ModelException if the file holds no vision transformer, or its parts don't fit together
     */
    public static Stego load(Safetensors file, Device device) {
        return new Stego(file, device);
    }

    public VisionTransformer backbone() {
        return backbone;
    }

    /**
     * A digest of everything that the backbone's features depend on, in hexadecimal: its tensors under their own names
     * and the number of heads. Models trained on one backbone share it.
     */
    public String backboneKey() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest);
            digest.update((backbone.config() + "\n").getBytes(StandardCharsets.UTF_8));
            for (String name : backbone.config().tensors().keySet()) {
                TypedTensor tensor = file.typed(backbonePrefix + name);
                digest.update((name + tensor.type() + tensor.shape() + "\n").getBytes(StandardCharsets.UTF_8));
                tensor.content().write(out);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException | IOException e) {
            throw new IllegalStateException("every Java has SHA-256, and it takes everything", e);
        }
    }

    public Optional<SegmentationHead> head() {
        return head;
    }

    public Optional<LinearProbe> linearProbe() {
        return linearProbe;
    }

    public Optional<ClusterProbe> clusterProbe() {
        return clusterProbe;
    }

    public ModelInfo info() {
        return info;
    }

    /** Channels of the code that the probes take: the head's, or without a head the backbone's. */
    public int codeWidth() {
        return head.map(SegmentationHead::outputs).orElse(backbone.config().width());
    }

    /** Number of classes; 0 without probes and class names. */
    public int classCount() {
        return classCount(info);
    }

    /** The class of each cluster; empty without a cluster probe. */
    public int[] clusterToClass() {
        List<Integer> map = info.clusterToClass();
        return map.isEmpty()
                ? IntStream.range(0, clusters()).toArray()
                : map.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * Writes the model to a file that appears whole or not at all. Loading that and saving again gives the same bytes.
     *
     * @throws IOException if the file can't be written; the message says why and what to do
     */
    public void save(Path target) throws IOException {
        save(target, info);
    }

    /**
     * The same with something else said about the model, for instance other class names.
     *
     * @throws IllegalArgumentException if that does not fit the model
     * @throws IOException if the file can't be written; the message says why and what to do
     */
    public void save(Path target, ModelInfo info) throws IOException {
        misfit(info).ifPresent(reason -> {
            throw new IllegalArgumentException("the description of the model doesn't fit it: " + reason);
        });
        Map<String, TypedTensor> parts = new LinkedHashMap<>();
        PARTS.stream().filter(file::has).forEach(name -> parts.put(name, file.typed(name)));
        write(target, info, parts);
    }

    /**
     * Writes a model of this one's backbone with another head and other probes.
     *
     * @param parts by the names in a model file; a weight of a convolution is {@code [N, K, 1, 1]}
     * @throws IllegalArgumentException if a model has no part of such a name
     * @throws IOException if the file can't be written; the message says why and what to do
     */
    public void save(Path target, ModelInfo info, Map<String, HostTensor> parts) throws IOException {
        Map<String, TypedTensor> typed = new LinkedHashMap<>();
        parts.forEach((name, tensor) -> {
            if (!PARTS.contains(name)) {
                throw new IllegalArgumentException("a STEGO model has no tensor " + name);
            }
            typed.put(name, TypedTensor.of(tensor));
        });
        write(target, info, typed);
    }

    /**
     * Writes a model of this backbone with other clusters, and without a linear probe and class names, which belong to
     * the old ones. It appears whole or not at all.
     *
     * @param clusters {@code [K, code channels]} with the head, else {@code [K, backbone channels]}
     * @param withHead whether this model's head goes along and the clusters are clusters of its codes; else they are
     *     clusters of the backbone's features
     * @param inputSize shorter side in pixels of the images that the clusters were found in
     * @throws IllegalArgumentException if the clusters are not of such a shape, or there is no head
     * @throws IOException if the file can't be written; the message says why and what to do
     */
    public void saveClusters(Path target, HostTensor clusters, boolean withHead, int inputSize) throws IOException {
        int width = withHead
                ? head.orElseThrow(() -> new IllegalArgumentException("the model has no head"))
                        .outputs()
                : backbone.config().width();
        Shape shape = clusters.shape();
        if (shape.rank() != 2 || shape.dim(0) < 1 || shape.dim(1) != width) {
            throw new IllegalArgumentException("clusters of " + width + " channels are wanted, not " + shape);
        }
        Map<String, TypedTensor> parts = new LinkedHashMap<>();
        if (withHead) {
            SegmentationHead.TENSORS.stream().filter(file::has).forEach(name -> parts.put(name, file.typed(name)));
        }
        parts.put(ClusterProbe.CLUSTERS, TypedTensor.of(clusters));
        ModelInfo.Settings old = info.settings();
        float alpha = withHead ? old.alpha() : CentroidClassifier.SHARPNESS;
        ModelInfo.Settings settings =
                new ModelInfo.Settings(old.feature(), inputSize, alpha, old.source(), old.licence());
        ModelInfo found = new ModelInfo(List.of(), List.of(), List.of(), settings, info.notes());
        write(target, found, parts);
    }

    private void write(Path target, ModelInfo info, Map<String, TypedTensor> parts) throws IOException {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>(parts);
        for (String name : backbone.config().tensors().keySet()) {
            tensors.put(BACKBONE + name, file.typed(backbonePrefix + name));
        }
        SafetensorsWriter.writeTyped(
                target, tensors, ModelMetadata.write(info, backbone.config().heads()));
    }

    private int clusters() {
        return clusterProbe.map(ClusterProbe::outputs).orElse(0);
    }

    private int classCount(ModelInfo info) {
        if (!info.classNames().isEmpty()) {
            return info.classNames().size();
        }
        int highest =
                info.clusterToClass().stream().mapToInt(Integer::intValue).max().orElse(clusters() - 1);
        return linearProbe.map(LinearProbe::outputs).orElse(1 + Math.min(highest, clusters() - 1));
    }

    private void checkNames() {
        if (!ModelMetadata.isVersioned(file)) {
            return;
        }
        Map<String, ?> ofBackbone = backbone.config().tensors();
        for (String name : file.names()) {
            boolean known = PARTS.contains(name)
                    || name.startsWith(backbonePrefix)
                            && ofBackbone.containsKey(name.substring(backbonePrefix.length()));
            if (!known) {
                throw new ModelException(
                        file.name(), name, "a STEGO model has no such tensor", "Correct its name or leave it out.");
            }
        }
    }

    private void checkWidths() {
        int width = backbone.config().width();
        head.filter(part -> part.inputs() != width).ifPresent(part -> {
            throw file.wrongShape("cluster1.0.weight", "[code channels, " + width + ", 1, 1] to fit the backbone");
        });
        String source = head.isPresent() ? "the head" : "the backbone";
        linearProbe.filter(part -> part.inputs() != codeWidth()).ifPresent(part -> {
            throw file.wrongShape("linear_probe.weight", "[classes, " + codeWidth() + ", 1, 1] to fit " + source);
        });
        clusterProbe.filter(part -> part.inputs() != codeWidth()).ifPresent(part -> {
            throw file.wrongShape(ClusterProbe.CLUSTERS, "[clusters, " + codeWidth() + "] to fit " + source);
        });
    }

    /** Why a description does not fit this model, if so. */
    private Optional<String> misfit(ModelInfo info) {
        int classes = classCount(info);
        List<Integer> map = info.clusterToClass();
        if (linearProbe.isPresent() && linearProbe.get().outputs() != classes) {
            return Optional.of(classes + " class names are given, but the linear probe has "
                    + linearProbe.get().outputs() + " classes");
        }
        if (!info.colours().isEmpty() && info.colours().size() != classes) {
            return Optional.of(info.colours().size() + " colours are given for " + classes + " classes");
        }
        if (!map.isEmpty() && map.size() != clusters()) {
            return Optional.of("classes for " + map.size() + " clusters are given, but there are " + clusters());
        }
        if (map.stream().anyMatch(number -> number < 0 || number >= classes)) {
            return Optional.of("clusters are given the classes " + map + ", but there are " + classes + " classes");
        }
        if (map.isEmpty() && clusters() > classes) {
            return Optional.of(
                    "it is not given which of the " + classes + " classes each of the " + clusters() + " clusters is");
        }
        return Optional.empty();
    }

    /** Frees everything on the device and closes the file. */
    @Override
    public void close() {
        closers.forEach(Runnable::run);
        closers.clear();
    }
}
