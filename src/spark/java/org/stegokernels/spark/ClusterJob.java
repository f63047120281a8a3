package org.stegokernels.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.stegokernels.cluster.Clustering;
import org.stegokernels.cluster.Clustering.Metric;
import org.stegokernels.cluster.KMeans;
import org.stegokernels.cluster.MiniBatchKMeans;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.spark.PictureWork.Content;
import org.stegokernels.spark.PictureWork.Outcome;
import org.stegokernels.stego.ClusterFinder;
import org.stegokernels.stego.ModelFile;
import org.stegokernels.stego.Stego;
import org.stegokernels.weights.TypedTensor.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cluster}: classes by k-means over patches that stay on the executors, kept as a model. */
@Command(
        name = ClusterJob.NAME,
        description = {
            "Clusters the patches of a dataset by k-means.",
            "",
            "With --metric cosine writes a model that 'segment' takes: the backbone, the head if its codes were"
                    + " clustered, and the clusters, the largest first. With --metric euclidean writes 'centers' [K,"
                    + " channels] and 'counts' [K] alone."
        })
final class ClusterJob extends DatasetJob {
    static final String NAME = "cluster";

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

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            order = 1,
            required = true,
            description = "Safetensors file to write, on any file system of Hadoop's.")
    private String out;

    @Option(
            names = "--split",
            paramLabel = "NAME",
            order = 4,
            defaultValue = "train",
            description = "Which part of it. Default: ${DEFAULT-VALUE}.")
    private String split;

    @Option(
            names = {"-k", "--clusters"},
            paramLabel = "K",
            order = 8,
            required = true,
            description = "How many clusters.")
    private int clusters;

    @Option(
            names = "--cache-type",
            paramLabel = "T",
            order = 13,
            defaultValue = "f16",
            description = "Precision of features: f16 or f32. Default: ${DEFAULT-VALUE}.")
    private DType type;

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
            description = "minibatch: some passes over the patches in small batches, each of which is a job for Spark."
                    + " lloyd: all patches in each step, until nothing moves. Default: ${DEFAULT-VALUE}.")
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
            names = "--parts",
            paramLabel = "N",
            order = 21,
            description =
                    "Parts that the patches are kept in; the bits of the result depend on their number alone, and one gives"
                            + " those of one machine. Default: as many as the cluster has cores.")
    private Integer parts;

    @Option(names = "--overwrite", order = 30, description = "Replace a file that is there.")
    private boolean overwrite;

    ClusterJob(Console console) {
        super(console);
    }

    /**
     * Vectors to be clustered.
     *
     * @param grid patches along a side of a picture
     * @param channels of a vector
     */
    private record Vectors(SquareFeatures features, int grid, boolean code, int channels) {}

    /** A picture and the patches of it that are looked at. */
    private record Chosen(int number, String path, int[] patches) implements Serializable {}

    @Override
    void check() {
        super.check();
        if (clusters < 2 || clusters > ClusterFinder.MAX_CLUSTERS) {
            throw new UsageException(
                    "--clusters must be between 2 and " + ClusterFinder.MAX_CLUSTERS + ", not " + clusters);
        }
        if (passes < 1 || batch < 1 || patches < 1 || parts != null && parts < 1) {
            throw new UsageException("--passes, --batch, --patches and --parts must be 1 or more");
        }
        if (type != DType.F16 && type != DType.F32) {
            throw new UsageException("--cache-type must be f16 or f32, not " + type);
        }
    }

    @Override
    int run(SparkSession spark) throws IOException {
        SparkContext context = spark.sparkContext();
        Path file = new Path(out);
        FileSystem files = file.getFileSystem(context.hadoopConfiguration());
        if (files.exists(file) && !overwrite) {
            throw new UsageException(out + " is there already: choose another --out, or add --overwrite");
        }
        ModelBroadcast model = model(context);
        PictureWork work = work(context, model);
        Vectors vectors = look(model, loaded -> vectors(work, loaded));
        List<Chosen> chosen = chosen(pictures(spark, split), vectors.grid * vectors.grid);
        List<String> errors;
        try (SparkPoints points = points(context, chosen, vectors, work);
                Device device = Devices.choose("cpu").open(Device.Options.DEFAULT)) {
            errors = points.errors();
            Clustering found = fit(device, points).largestFirst();
            try (Stego loaded = model.load(device)) {
                HadoopFile.write(
                        file,
                        context.hadoopConfiguration(),
                        stream -> ModelFile.writeClusters(
                                stream, loaded, found, metric, vectors.code, vectors.features.size()));
            }
            console.print(String.format(
                    Locale.ROOT,
                    "%d clusters of %d patches, %.1f%% to %.1f%% each, inertia %.6g: %s",
                    clusters,
                    points.count(),
                    100.0 * found.counts()[clusters - 1] / points.count(),
                    100.0 * found.counts()[0] / points.count(),
                    found.inertia(),
                    out));
        }
        return tellErrors(errors);
    }

    private Vectors vectors(PictureWork work, Stego loaded) {
        boolean code = of == null ? loaded.head().isPresent() : of == Of.CODE;
        if (code && loaded.head().isEmpty()) {
            throw new UsageException("the model has no head, so there are no codes: use --of raw");
        }
        SquareFeatures features = features(work, loaded);
        int channels = code ? loaded.codeWidth() : loaded.backbone().width();
        return new Vectors(features, features.size() / loaded.backbone().patch(), code, channels);
    }

    /** Returns those pictures of which patches are drawn: the very ones that the command line draws. */
    private List<Chosen> chosen(List<String> paths, int perPicture) {
        long[] drawn = FeatureCache.drawnPatches((long) paths.size() * perPicture, patches, seed);
        List<Chosen> chosen = new ArrayList<>();
        for (int from = 0, to; from < drawn.length; from = to) {
            long picture = drawn[from] / perPicture;
            for (to = from; to < drawn.length && drawn[to] / perPicture == picture; ) {
                to++;
            }
            int[] own = Arrays.stream(drawn, from, to)
                    .mapToInt(patch -> (int) (patch % perPicture))
                    .toArray();
            chosen.add(new Chosen(chosen.size(), paths.get((int) picture), own));
        }
        return chosen;
    }

    private SparkPoints points(SparkContext context, List<Chosen> chosen, Vectors vectors, PictureWork work) {
        Broadcast<SerializableConfiguration> hadoop = hadoop(context);
        SquareFeatures features = vectors.features;
        boolean half = type == DType.F16;
        boolean code = vectors.code;
        JavaRDD<SparkPoints.Found> found = new JavaSparkContext(context)
                .parallelize(chosen, tasks(context, chosen.size()))
                .map(picture -> {
                    Path path = new Path(picture.path);
                    Outcome<float[]> done = features.patches(
                            path.getName(), Content.of(path, hadoop.value().value()), picture.patches, half);
                    String error = done.error() == null ? null : picture.path + ": " + done.error();
                    return new SparkPoints.Found(picture.number, done.value(), error);
                });
        try (Progress.Teller teller = work.progress().tell(console, chosen.size())) {
            int wanted = parts == null ? context.defaultParallelism() : parts;
            return SparkPoints.of(found, chosen.size(), wanted, work, code, vectors.channels);
        }
    }

    private Clustering fit(Device device, SparkPoints points) {
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
