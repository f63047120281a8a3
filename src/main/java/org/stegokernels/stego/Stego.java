package org.stegokernels.stego;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.stegokernels.device.Device;
import org.stegokernels.io.Sha256;
import org.stegokernels.stego.ModelInfo.Views;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.tensor.HostTensor;
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
 * <p>A file written by {@link ModelFile} is read strictly: a tensor of an unknown name is refused. Files from elsewhere may
 * hold other tensors, which are left alone.
 */
public final class Stego implements AutoCloseable {
    private final Safetensors file;
    /** The file that the probes are from. */
    private final Safetensors probes;
    /** The model that the backbone and the head belong to; null if it is this one. */
    private final Stego owner;

    private final Device device;
    private final ModelLayout layout;
    private final ModelInfo info;
    private final Backbone backbone;
    /** Null if the file has none, as the probes. */
    private final SegmentationHead head;

    private final LinearProbe linearProbe;
    private final ClusterProbe clusterProbe;

    /** @param views null for those that the file names */
    private Stego(Safetensors file, Device device, Views views) {
        this.file = file;
        this.probes = file;
        this.owner = null;
        this.device = device;
        try {
            layout = ModelLayout.of(file);
            ModelInfo found = description(file, layout);
            info = views == null ? found : found.withSettings(found.settings().withViews(views));
            Views seen = info.settings().views();
            seen.requireFit(layout.backbone().patch());
            backbone = seen.of(Backbone.load(file, layout.prefix(), layout.backbone(), device));
            head = SegmentationHead.isIn(file, "") ? SegmentationHead.load(file, "", device) : null;
            linearProbe = LinearProbe.isIn(file, "") ? LinearProbe.load(file, "", device) : null;
            clusterProbe = ClusterProbe.isIn(file, "") ? ClusterProbe.load(file, "", device) : null;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private Stego(Stego owner, Safetensors probes, ModelInfo info) {
        this.file = owner.file;
        this.probes = probes;
        this.owner = owner;
        this.device = owner.device;
        this.info = info;
        backbone = owner.backbone;
        head = owner.head;
        try {
            layout = owner.layout.withProbes(probes);
            layout.misfit(info).ifPresent(reason -> {
                throw new IllegalArgumentException("the description of the model doesn't fit its probe: " + reason);
            });
            linearProbe = LinearProbe.isIn(probes, "") ? LinearProbe.load(probes, "", device) : null;
            clusterProbe = ClusterProbe.isIn(probes, "") ? ClusterProbe.load(probes, "", device) : null;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Returns a model with the backbone and the head of this one, and another probe in place of its own. This one must stay
     * open meanwhile; closing the other frees the other's probe alone.
     *
     * @param tensors of a cluster probe or of a linear one, by their names in a model file
     * @param description of the other model
     * @throws IllegalArgumentException if a name is not that of a probe's tensor, or the description doesn't fit
     * @throws ModelException if the probe doesn't fit the code, or isn't finite
     */
    public Stego withProbe(Map<String, HostTensor> tensors, ModelInfo description) {
        Map<String, TypedTensor> typed = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            if (!LinearProbe.TENSORS.contains(name) && !name.equals(ClusterProbe.CLUSTERS)) {
                throw new IllegalArgumentException("a probe has no tensor " + name);
            }
            typed.put(name, TypedTensor.of(tensor));
        });
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            SafetensorsWriter.writeTyped(bytes, typed, Map.of());
        } catch (IOException e) {
            throw new IllegalStateException("memory can always be written to", e);
        }
        return new Stego(this, Safetensors.of(file.name(), ByteBuffer.wrap(bytes.toByteArray())), description);
    }

    /**
     * Loads a model.
     *
     * @throws ModelException if the file can't be read, holds no vision transformer, or its parts don't fit together
     */
    public static Stego load(Path path, Device device) {
        return load(open(path), device);
    }

    /**
     * Opens a model file for {@link #load(Safetensors, Device)}, with what a {@code config.json} beside it says.
     *
     * @throws ModelException if the file can't be read, or what stands beside it does not fit
     */
    public static Safetensors open(Path path) {
        Safetensors file = read(path);
        if (file.metadata().containsKey(Architecture.HEADS_KEY)) {
            return file;
        }
        try {
            // Not of this program's making: what it does not tell may stand beside it.
            Optional<HuggingFaceConfig> config = HuggingFaceConfig.beside(path);
            Safetensors described =
                    config.isPresent() ? file.withMetadata(config.get().metadata()) : file;
            config.ifPresent(
                    settings -> settings.check(ModelLayout.of(described).backbone(), true));
            return described;
        } catch (ModelException e) {
            file.close();
            throw e;
        }
    }

    private static Safetensors read(Path path) {
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
        return load(file, device, Optional.empty());
    }

    /**
     * As {@link #load(Safetensors, Device)}, for a backbone that sees images in other ways than the file says.
     *
     * @throws IllegalArgumentException if a window is not in whole patches of the model
     */
    public static Stego load(Safetensors file, Device device, Optional<Views> views) {
        return new Stego(file, device, views.orElse(null));
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
        Optional<String> misfit = layout.misfit(info)
                .or(() -> info.settings().views().misfit(layout.backbone().patch()));
        if (misfit.isPresent()) {
            throw ModelMetadata.wrong(file, misfit.get());
        }
        return info;
    }

    /** Returns the backbone. */
    public Backbone backbone() {
        return backbone;
    }

    /**
     * Returns a digest of everything that the backbone's features depend on, in hexadecimal: its tensors under their own names,
     * the number of heads, the epsilon of its layer norms, and the ways in which it sees an image. Models trained on one
     * backbone share it.
     */
    public String backboneKey() {
        Sha256 digest = new Sha256();
        try {
            digest.add(backbone.architecture().identity() + "\n");
            if (!info.settings().views().isWhole()) {
                digest.add(info.settings().views() + "\n");
            }
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

    /** Returns the device that the model is on. */
    public Device device() {
        return device;
    }

    /** Returns the head, if the model has one. */
    public Optional<SegmentationHead> head() {
        return Optional.ofNullable(head);
    }

    /** Returns the linear probe, if the model has one. */
    public Optional<LinearProbe> linearProbe() {
        return Optional.ofNullable(linearProbe);
    }

    /** Returns the cluster probe, if the model has one. */
    public Optional<ClusterProbe> clusterProbe() {
        return Optional.ofNullable(clusterProbe);
    }

    /** Returns the probes that the model has. */
    public List<Probe> probes() {
        List<Probe> probes = new ArrayList<>();
        clusterProbe().ifPresent(probe -> probes.add(Probe.CLUSTER));
        linearProbe().ifPresent(probe -> probes.add(Probe.LINEAR));
        return probes;
    }

    /** Returns what the file says of the model: classes, settings, notes. */
    public ModelInfo info() {
        return info;
    }

    /** Returns the channels of the code that the probes take: the head's, or without a head the backbone's. */
    public int codeWidth() {
        return layout.codeWidth();
    }

    /** Returns the number of classes; 0 without probes and class names. */
    public int classCount() {
        return layout.classCount(info);
    }

    /** Returns the class of each cluster, its own number if that is not known; empty without a cluster probe. */
    public int[] clusterToClass() {
        return layout.clusters() == 0 ? new int[0] : classOf(Probe.CLUSTER);
    }

    /**
     * Returns the class of each output of a probe, its own number if that is not known.
     *
     * @throws IllegalArgumentException if the model has no such probe
     */
    public int[] classOf(Probe probe) {
        if (!probes().contains(probe)) {
            throw new IllegalArgumentException(
                    "the model has no " + probe.name().toLowerCase(Locale.ROOT) + " probe");
        }
        boolean mapped = probe == Probe.LINEAR
                ? layout.mapsOutputs(info)
                : !info.clusterToClass().isEmpty() && !info.clustersAreUnknown();
        int outputs = probe == Probe.LINEAR ? linearProbe.outputs() : layout.clusters();
        return mapped
                ? info.clusterToClass().stream().mapToInt(Integer::intValue).toArray()
                : IntStream.range(0, outputs).toArray();
    }

    /** Returns the reason why a description does not fit the model, if so. */
    Optional<String> misfit(ModelInfo description) {
        return layout.misfit(description);
    }

    /** Reads a tensor of the head or of a probe from the file. */
    Optional<TypedTensor> part(String name) {
        Safetensors from = SegmentationHead.TENSORS.contains(name) ? file : probes;
        return from.has(name) ? Optional.of(from.typed(name)) : Optional.empty();
    }

    /** Returns the tensors of the head in the Java heap, by their names in a model file; empty if there is none. */
    public Map<String, HostTensor> headTensors() {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        for (String name : SegmentationHead.TENSORS) {
            if (file.has(name)) {
                tensors.put(name, file.tensor(name));
            }
        }
        return tensors;
    }

    /** Returns the tensors of the probes in the Java heap, by their names in a model file. */
    public Map<String, HostTensor> probeTensors() {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        for (String name : ModelFile.PARTS) {
            if (!SegmentationHead.TENSORS.contains(name) && probes.has(name)) {
                tensors.put(name, probes.tensor(name));
            }
        }
        return tensors;
    }

    /** Reads the tensors of the backbone from the file, by their names without prefix. */
    Map<String, TypedTensor> backboneTensors() {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        for (String name : backbone.architecture().tensors().keySet()) {
            tensors.put(name, file.typed(layout.prefix() + name));
        }
        return tensors;
    }

    /**
     * Frees everything on the device that is not another model's, and closes the file, after a photograph that is being
     * computed.
     */
    @Override
    public void close() {
        synchronized (device.monitor()) {
            if (owner == null) {
                file.close();
            }
            // A load that failed may not have got to them.
            if (owner == null && backbone != null) {
                backbone.close();
            }
            if (owner == null && head != null) {
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
