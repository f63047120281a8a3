package org.stegokernels.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.stegokernels.cluster.Clustering;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.cluster.KMeans;
import org.stegokernels.cluster.KMeans.Suggestion;
import org.stegokernels.cluster.MiniBatchKMeans;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Dataset.CropKind;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.report.HtmlReport;
import org.stegokernels.report.HtmlReport.ClusterGallery;
import org.stegokernels.stego.ClusterFinder;
import org.stegokernels.stego.ModelFile;
import org.stegokernels.stego.SegmentationHead;
import org.stegokernels.stego.Stego;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.train.ClusterSurvey;
import picocli.CommandLine.ArgGroup;
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
                    + " channels] and 'counts' [K] alone.",
            "",
            "--suggest looks at 4000 patches and all numbers from 5 to 40. It suggests the number with the widest"
                    + " eigengap (how clearly the patches fall into so many groups) among those that are in the lowest"
                    + " third neither by stability (how well clusterings from different starts agree) nor by silhouette"
                    + " (how far the clusters are apart)."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels cluster -m vit.safetensors --data photos/ -k 11 -o clusters.safetensors",
            "  stego-kernels cluster -m vit.safetensors --data photos/ --suggest --report clusters.html",
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
            description = "Safetensors file to write. With --suggest or --report it may be left out.")
    private Path out;

    @Mixin
    private final ModelSelection modelSelection = new ModelSelection.Required();

    /** The two ways to come to a number. */
    static final class Count {
        @Option(
                names = {"-k", "--clusters"},
                paramLabel = "K",
                order = 8,
                required = true,
                description = "How many clusters.")
        private Integer clusters;

        @Option(
                names = "--suggest",
                order = 9,
                required = true,
                description = "As many as the patches suggest, with the reasons.")
        private boolean suggested;
    }

    @ArgGroup(multiplicity = "1")
    private Count count;

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

    @Option(
            names = "--report",
            paramLabel = "FILE",
            order = 21,
            description = "HTML file to write: the curves of --suggest, and for each cluster the patches nearest to its"
                    + " centre, by which a person can name it.")
    private Path report;

    @Mixin
    private FeatureSelection featureSelection;

    @Mixin
    private DeviceSelection deviceSelection;

    @Mixin
    private ResultFolder.Overwriting overwriting;

    @Option(names = "--json", order = 90, description = "Print the result as JSON instead of text.")
    private boolean json;

    ClusterCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        String segment = out == null ? null : NextStep.command("segment", "PHOTOS", "-m", out, "-o", "masks");
        if (report != null) {
            return NextStep.look(report) + (segment == null ? "" : ", then " + segment);
        }
        return segment;
    }

    @Override
    int run() throws IOException {
        check();
        Dataset dataset = datasetSelection.open(CropKind.NONE);
        tellLeftOut(dataset);
        ResultFolder results = out == null ? null : ResultFolder.ofFile(out, NAME, overwriting);
        ResultFolder reports = report == null ? null : ResultFolder.ofFile(report, NAME, overwriting);
        Devices.Choice choice = deviceSelection.choose();
        ModelSelection.Found found = modelSelection.find(console);
        try (Device device = deviceSelection.open(choice, false);
                Stego model = found.load(device)) {
            boolean code = of == null ? model.head().isPresent() : of == Of.CODE;
            if (code && model.head().isEmpty()) {
                throw new UsageException(found.label() + " has no head, so there are no codes: use --of raw");
            }
            SegmentationHead head = code ? model.head().orElseThrow() : null;
            FeatureSource source = featureSelection.source(found.label(), model);
            try (FeatureCache cache = featureSelection.open(dataset, source, console)) {
                float[] drawn = cache.sample(Math.min(patches, MAX_VALUES / cache.channels()), seed);
                Points points = Points.of(
                        List.of(code ? head.codes(drawn) : drawn), code ? model.codeWidth() : source.channels());
                Suggestion suggestion = count.suggested ? suggest(device, points) : null;
                int clusters =
                        suggestion == null ? count.clusters : suggestion.best().clusters();
                Clustering clustering = results == null && reports == null
                        ? null
                        : fit(device, points, clusters).largestFirst();
                if (results != null) {
                    results.write(
                            out,
                            stream -> ModelFile.writeClusters(stream, model, clustering, metric, code, source.size()));
                }
                if (reports != null) {
                    ClusterSurvey survey = ClusterSurvey.of(device, cache, head, clustering);
                    ClusterGallery gallery = ClusterGallery.of(dataset, survey, source.grid(), source.size());
                    HtmlReport.Content content = content(dataset, found.label(), code, source, suggestion, gallery);
                    reports.write(report, stream -> HtmlReport.write(stream, content));
                }
                tell(suggestion, clustering);
            }
        }
        return ExitCode.DONE;
    }

    private void check() {
        if (!count.suggested && (count.clusters < 2 || count.clusters > ClusterFinder.MAX_CLUSTERS)) {
            throw new UsageException(
                    "--clusters must be between 2 and " + ClusterFinder.MAX_CLUSTERS + ", not " + count.clusters);
        }
        if (passes < 1 || batch < 1 || patches < 1) {
            throw new UsageException("--passes, --batch and --patches must be 1 or more");
        }
        if (out == null && report == null && !count.suggested) {
            throw new UsageException("nothing says where the clusters are to be written: add --out FILE");
        }
        if (metric != Metric.COSINE && (count.suggested || report != null)) {
            throw new UsageException("--suggest and --report compare patches by the cosine: leave --metric out");
        }
    }

    private Suggestion suggest(Device device, Points points) {
        try (Progress progress = Progress.of(console, "how many clusters", Suggestion.MOST - Suggestion.LEAST + 1)) {
            return KMeans.suggest(device, points, seed, progress::stepTo);
        } catch (Clustering.ImpossibleException e) {
            throw new UsageException("--suggest: " + e.getMessage());
        }
    }

    private Clustering fit(Device device, Points points, int clusters) {
        try {
            return method == Method.LLOYD
                    ? KMeans.fit(device, points, KMeans.Settings.of(clusters, metric, seed))
                    : MiniBatchKMeans.fit(
                            device, points, new MiniBatchKMeans.Settings(clusters, metric, seed, passes, batch));
        } catch (Clustering.ImpossibleException e) {
            throw new UsageException("--clusters " + clusters + ": " + e.getMessage());
        }
    }

    private HtmlReport.Content content(
            Dataset dataset,
            String label,
            boolean code,
            FeatureSource source,
            Suggestion suggestion,
            ClusterGallery gallery) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("images", dataset.size() + " of " + dataset.name());
        facts.put("model", label);
        facts.put("clusters of", code ? "codes of the head" : "features of the backbone");
        facts.put("size", source.size() + " pixels");
        facts.put("seed", Long.toString(seed));
        facts.put("program", "stego-kernels " + Version.text());
        String names = out == null
                ? "Clusters have no names; --out FILE writes them as a model, in which 'describe' gives them names."
                : "Clusters have no names yet: stego-kernels describe " + out.getFileName()
                        + " --name 0=road --name 1=sky -o named.safetensors";
        return new HtmlReport.Content(
                gallery.clusters().size() + " clusters of " + dataset.name(),
                names,
                facts,
                Optional.empty(),
                Optional.empty(),
                Optional.ofNullable(suggestion),
                Optional.of(gallery),
                dataset.classes());
    }

    /**
     * Prints what came out.
     *
     * @param suggestion null if none was asked for
     * @param clustering null if it was nothing but a suggestion
     */
    private void tell(Suggestion suggestion, Clustering clustering) throws IOException {
        if (json) {
            JsonWriter.print(console.out(), writer -> {
                writer.field("command", NAME);
                if (suggestion != null) {
                    writer.beginObject("suggestion");
                    SuggestionFile.write(suggestion, writer);
                    writer.endObject();
                }
                if (clustering != null) {
                    writer.field("inertia", clustering.inertia());
                    writer.field(
                            "counts", IntStream.of(clustering.counts()).boxed().toList());
                }
            });
            return;
        }
        if (suggestion != null) {
            tell(suggestion);
        }
        if (clustering != null) {
            int clusters = clustering.counts().length;
            double all = IntStream.of(clustering.counts()).sum();
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%d clusters of %d patches, %.1f%% to %.1f%% each, inertia %.6g: %s%n",
                            clusters,
                            (long) all,
                            100 * clustering.counts()[clusters - 1] / all,
                            100 * clustering.counts()[0] / all,
                            clustering.inertia(),
                            Stream.of(out, report)
                                    .filter(Objects::nonNull)
                                    .map(Path::toString)
                                    .collect(Collectors.joining(", ")));
        }
    }

    private void tell(Suggestion suggestion) {
        PrintStream text = console.out();
        text.println("clusters  eigengap  stability  silhouette");
        for (Suggestion.Candidate each : suggestion.candidates()) {
            text.printf(
                    Locale.ROOT,
                    "%8d  %8.3f  %9.2f  %10.2f%s%n",
                    each.clusters(),
                    each.eigengap(),
                    each.stability(),
                    each.silhouette(),
                    each.equals(suggestion.best()) ? "  <- suggested" : "");
        }
        String next = suggestion.alternatives().stream().map(String::valueOf).collect(Collectors.joining(" or "));
        text.println();
        text.println(suggestion.best().clusters() + " clusters: " + suggestion.reason() + "."
                + (next.isEmpty() ? "" : " Next best: " + next + "."));
    }
}
