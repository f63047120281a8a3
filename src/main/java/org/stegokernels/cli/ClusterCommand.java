package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.stegokernels.cluster.Clustering;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.cluster.KMeans;
import org.stegokernels.cluster.MiniBatchKMeans;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Dataset.CropKind;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.stego.ClusterFinder;
import org.stegokernels.stego.ModelFile;
import org.stegokernels.stego.Stego;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cluster}: classes by k-means, kept as a model. */
@Command(
        name = ClusterCommand.NAME,
        description = {
            "Clusters the patches of a dataset by k-means.",
            "",
            "With --metric cosine writes a model that 'segment' takes: the backbone, the head if its codes were"
                    + " clustered, and the clusters, the largest first. With --metric euclidean writes 'centers' [K,"
                    + " channels] and 'counts' [K] alone."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels cluster -m vit.safetensors --data photos/ -k 11 -o clusters.safetensors",
            "  stego-kernels segment photos/ -m clusters.safetensors -o masks/"
        })
final class ClusterCommand extends CliCommand {
    static final String NAME = "cluster";

    /** k-means reads no more values than fit in 512 MiB. */
    private static final int MAX_VALUES = 128 << 20;

    /** The vectors that are clustered. */
    enum Of {
        RAW,
        CODE
    }

    /** The variant of k-means. */
    enum Method {
        MINIBATCH,
        LLOYD
    }

    @Mixin
    private DatasetSelection datasetSelection;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            order = 1,
            required = true,
            description = "Safetensors file to write.")
    private Path out;

    @Mixin
    private final ModelSelection modelSelection = new ModelSelection.Required();

    @Option(
            names = {"-k", "--clusters"},
            paramLabel = "K",
            order = 8,
            required = true,
            description = "How many clusters.")
    private int clusters;

    @Option(
            names = "--of",
            paramLabel = "WHAT",
            order = 14,
            description = "raw: the backbone's features. code: what the head distils from them. Default: code if the"
                    + " model has a head.")
    private Of of;

    @Option(
            names = "--metric",
            paramLabel = "M",
            order = 15,
            defaultValue = "cosine",
            description = "cosine or euclidean. Default: ${DEFAULT-VALUE}.")
    private Metric metric;

    @Option(
            names = "--method",
            paramLabel = "M",
            order = 16,
            defaultValue = "minibatch",
            description = "minibatch: some passes over the patches in small batches. lloyd: all patches in each step,"
                    + " until nothing moves. Default: ${DEFAULT-VALUE}.")
    private Method method;

    @Option(
            names = "--passes",
            paramLabel = "N",
            order = 17,
            defaultValue = "10",
            description = "Passes of minibatch over the patches. Default: ${DEFAULT-VALUE}.")
    private int passes;

    @Option(
            names = "--batch",
            paramLabel = "N",
            order = 18,
            defaultValue = "4096",
            description = "Patches in a batch of minibatch. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--patches",
            paramLabel = "N",
            order = 19,
            defaultValue = "200000",
            description = "How many to look at, drawn evenly from all images. Default: ${DEFAULT-VALUE}.")
    private int patches;

    @Option(
            names = "--seed",
            paramLabel = "N",
            order = 20,
            defaultValue = "0",
            description = "Where the search starts; equal seeds give equal clusters. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private FeatureSelection featureSelection;

    @Mixin
    private DeviceSelection deviceSelection;

    @Mixin
    private ResultFolder.Overwriting overwriting;

    ClusterCommand(Console console) {
        super(console);
    }

    @Override
    int run() throws IOException {
        if (clusters < 2 || clusters > ClusterFinder.MAX_CLUSTERS) {
            throw new UsageException(
                    "--clusters must be between 2 and " + ClusterFinder.MAX_CLUSTERS + ", not " + clusters);
        }
        if (passes < 1 || batch < 1 || patches < 1) {
            throw new UsageException("--passes, --batch and --patches must be 1 or more");
        }
        Dataset dataset = datasetSelection.open(CropKind.NONE);
        tellLeftOut(dataset);
        ResultFolder results = ResultFolder.ofFile(out, NAME, overwriting);
        Devices.Choice choice = deviceSelection.choose();
        ModelSelection.Found found = modelSelection.find(console);
        try (Device device = deviceSelection.open(choice, false);
                Stego model = found.load(device)) {
            boolean code = of == null ? model.head().isPresent() : of == Of.CODE;
            if (code && model.head().isEmpty()) {
                throw new UsageException(found.label() + " has no head, so there are no codes: use --of raw");
            }
            FeatureSource source = featureSelection.source(found.label(), model);
            float[] points;
            try (FeatureCache cache = featureSelection.open(dataset, source, console)) {
                points = cache.sample(Math.min(patches, MAX_VALUES / cache.channels()), seed);
            }
            if (code) {
                points = model.head().orElseThrow().codes(points);
            }
            int channels = code ? model.codeWidth() : source.channels();
            Clustering clustering =
                    fit(device, Points.of(List.of(points), channels)).largestFirst();
            results.write(
                    out, stream -> ModelFile.writeClusters(stream, model, clustering, metric, code, source.size()));
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%d clusters of %d patches, %.1f%% to %.1f%% each, inertia %.6g: %s%n",
                            clusters,
                            points.length / channels,
                            100.0 * clustering.counts()[clusters - 1] * channels / points.length,
                            100.0 * clustering.counts()[0] * channels / points.length,
                            clustering.inertia(),
                            out);
        }
        return ExitCode.DONE;
    }

    private Clustering fit(Device device, Points points) {
        try {
            return method == Method.LLOYD
                    ? KMeans.fit(device, points, KMeans.Settings.of(clusters, metric, seed))
                    : MiniBatchKMeans.fit(
                            device, points, new MiniBatchKMeans.Settings(clusters, metric, seed, passes, batch));
        } catch (Clustering.ImpossibleException e) {
            throw new UsageException("--clusters " + clusters + ": " + e.getMessage());
        }
    }
}
