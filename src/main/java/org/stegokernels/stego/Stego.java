package org.stegokernels.stego;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.stegokernels.device.Device;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.Sha256;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.HuggingFaceConfig;
import org.stegokernels.weights.ByteSource;
import org.stegokernels.weights.DemoModel;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TensorIndex;
import org.stegokernels.weights.TypedTensor;
import org.stegokernels.weights.pytorch.PyTorchCheckpoint;

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
    /** Prefix of the backbone's tensors in a file of {@link #save}. */
    public static final String BACKBONE = "backbone.";
    /** All names that tensors can have besides those of the backbone: of the head, and of the probes. */
    public static final List<String> PARTS = parts();

    private final Safetensors file;
    private final Object monitor;
    private final ModelLayout layout;
    private final ModelInfo info;
    private final Backbone backbone;
    /** Null if the file has none, as the probes. */
    private final SegmentationHead head;

    private final LinearProbe linearProbe;
    private final ClusterProbe clusterProbe;

    private Stego(Safetensors file, Device device) {
        this.file = file;
        this.monitor = device.monitor();
        try {
            layout = ModelLayout.of(file);
            info = description(file, layout);
            backbone = Backbone.load(file, layout.prefix(), layout.backbone(), device);
            head = SegmentationHead.isIn(file, "") ? SegmentationHead.load(file, "", device) : null;
            linearProbe = LinearProbe.isIn(file, "") ? LinearProbe.load(file, "", device) : null;
            clusterProbe = ClusterProbe.isIn(file, "") ? ClusterProbe.load(file, "", device) : null;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static List<String> parts() {
        List<String> parts = new ArrayList<>(SegmentationHead.TENSORS);
        parts.addAll(LinearProbe.TENSORS);
        parts.add(ClusterProbe.CLUSTERS);
        return List.copyOf(parts);
    }

    /**
     * Loads a model.
     *
     * @throws ModelException if the file can't be read, holds no vision transformer, or its parts don't fit together
     */
    public static Stego load(Path path, Device device) {
        Safetensors file = open(path);
        if (file.metadata().containsKey(Architecture.HEADS_KEY)) {
            return load(file, device);
        }
        try {
            // Not of this program's making: what it does not tell may stand beside it.
            Optional<HuggingFaceConfig> config = HuggingFaceConfig.beside(path);
            Safetensors described =
                    config.isPresent() ? file.withMetadata(config.get().metadata()) : file;
            config.ifPresent(
                    settings -> settings.check(ModelLayout.of(described).backbone(), true));
            return load(described, device);
        } catch (ModelException e) {
            file.close();
            throw e;
        }
    }

    private static Safetensors open(Path path) {
        try {
            return Safetensors.open(path);
        } catch (ModelException e) {
            ByteSource source = ByteSource.open(path);
            boolean checkpoint = PyTorchCheckpoint.isOne(source);
            source.closeAfter(e);
            throw checkpoint
                    ? new ModelException(
                            path.toString(),
                            null,
                            "it is a PyTorch checkpoint, not a safetensors file",
                            "Convert it first: stego-kernels convert " + path + " model.safetensors",
                            e)
                    : e;
        }
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

    /**
     * Judges a model by its names, shapes and metadata, without a device.
     *
     * @throws ModelException if {@link #load} would refuse it before it reads any value
     */
    public static void check(TensorIndex file) {
        description(file, ModelLayout.of(file));
    }

    private static ModelInfo description(TensorIndex file, ModelLayout layout) {
        ModelInfo info = ModelMetadata.read(file);
        Optional<String> misfit = layout.misfit(info);
        if (misfit.isPresent()) {
            throw ModelMetadata.wrong(file, misfit.get());
        }
        return info;
    }

    public Backbone backbone() {
        return backbone;
    }

    /**
     * Returns a digest of everything that the backbone's features depend on, in hexadecimal: its tensors under their own names,
     * the number of heads and the epsilon of its layer norms. Models trained on one backbone share it.
     */
    public String backboneKey() {
        Sha256 digest = new Sha256();
        try {
            digest.add(backbone.architecture().identity() + "\n");
            for (String name : backbone.architecture().tensors().keySet()) {
                TypedTensor tensor = file.typed(layout.prefix() + name);
                digest.add(name + tensor.type() + tensor.shape() + "\n");
                tensor.content().write(digest);
            }
        } catch (IOException e) {
            throw new IllegalStateException("a digest takes everything", e);
        }
        return digest.hex();
    }

    public Optional<SegmentationHead> head() {
        return Optional.ofNullable(head);
    }

    public Optional<LinearProbe> linearProbe() {
        return Optional.ofNullable(linearProbe);
    }

    public Optional<ClusterProbe> clusterProbe() {
        return Optional.ofNullable(clusterProbe);
    }

    public ModelInfo info() {
        return info;
    }

    /** Channels of the code that the probes take: the head's, or without a head the backbone's. */
    public int codeWidth() {
        return layout.codeWidth();
    }

    /** Number of classes; 0 without probes and class names. */
    public int classCount() {
        return layout.classCount(info);
    }

    /** The class of each cluster, its own number if that is not known; empty without a cluster probe. */
    public int[] clusterToClass() {
        List<Integer> map = info.clusterToClass();
        return map.isEmpty() || info.clustersAreUnknown()
                ? IntStream.range(0, layout.clusters()).toArray()
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
        AtomicFile.write(target, out -> save(out, info));
    }

    /** As {@link #save(Path, ModelInfo)}, to a stream, which stays open. */
    public void save(OutputStream out, ModelInfo info) throws IOException {
        layout.misfit(info).ifPresent(reason -> {
            throw new IllegalArgumentException("the description of the model doesn't fit it: " + reason);
        });
        Map<String, TypedTensor> parts = new LinkedHashMap<>();
        PARTS.stream().filter(file::has).forEach(name -> parts.put(name, file.typed(name)));
        write(out, info, parts);
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
        AtomicFile.write(target, out -> write(out, info, typed));
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
        AtomicFile.write(target, out -> saveClusters(out, clusters, withHead, inputSize));
    }

    /** As {@link #saveClusters(Path, HostTensor, boolean, int)}, to a stream, which stays open. */
    public void saveClusters(OutputStream out, HostTensor clusters, boolean withHead, int inputSize)
            throws IOException {
        if (withHead && head == null) {
            throw new IllegalArgumentException("the model has no head");
        }
        int width = withHead ? head.outputs() : backbone.width();
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
        write(out, found, parts);
    }

    private void write(OutputStream out, ModelInfo info, Map<String, TypedTensor> parts) throws IOException {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>(parts);
        for (String name : backbone.architecture().tensors().keySet()) {
            tensors.put(BACKBONE + name, file.typed(layout.prefix() + name));
        }
        SafetensorsWriter.writeTyped(out, tensors, info.metadata(backbone.architecture()));
    }

    /** Frees everything on the device and closes the file, after a photograph that is being computed. */
    @Override
    public void close() {
        synchronized (monitor) {
            file.close();
            // A load that failed may not have got to them.
            if (backbone != null) {
                backbone.close();
            }
            if (head != null) {
                head.close();
            }
            if (linearProbe != null) {
                linearProbe.close();
            }
            if (clusterProbe != null) {
                clusterProbe.close();
            }
        }
    }
}
