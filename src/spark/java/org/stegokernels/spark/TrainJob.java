package org.stegokernels.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.stegokernels.data.Dataset;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.spark.PictureWork.Content;
import org.stegokernels.spark.PictureWork.Outcome;
import org.stegokernels.stego.Stego;
import org.stegokernels.train.TrainSettings;
import org.stegokernels.train.TrainSettings.Source;
import org.stegokernels.train.TrainingException;
import org.stegokernels.weights.DemoModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code train}: features of a sample of the pictures on the cluster, the head on the driver. A step of training takes 40 ms on
 * two cores, so to spread it over machines would take longer to talk than to compute, and the model of some thousand pictures
 * is no worse than that of millions: what takes the time is the frozen backbone.
 */
@Command(
        name = TrainJob.NAME,
        description = {
            "Trains a STEGO model on photographs without labels. Of --model only the vision transformer is used.",
            "",
            "Draws a sample of the photographs, computes their features on the cluster, and trains on the machine of the"
                    + " driver as the command 'train' does, which leaves its results in --out, beside the sample and its"
                    + " features."
        })
final class TrainJob extends DatasetJob {
    static final String NAME = "train";

    private static final String PICTURES = "pictures";
    private static final String CACHE = "cache";
    /** Pictures whose features the driver holds at a time. */
    private static final int PICTURES_A_PART = 16;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            order = 4,
            required = true,
            description = "Folder on the machine of the driver for the results; made if missing.")
    private java.nio.file.Path out;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            order = 5,
            description = "Published weights and shifts, as 'train' knows them.")
    private String preset;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            order = 6,
            description = "Settings, a YAML file with the names of the published train_config.yml.")
    private java.nio.file.Path config;

    @Option(names = "--set", paramLabel = "KEY=VALUE", order = 7, description = "One setting; may be given again.")
    private List<String> changes = List.of();

    @Option(names = "--seed", paramLabel = "N", order = 8, description = "Short for --set seed=N; of the sample, too.")
    private Long seed;

    @Option(
            names = "--classes",
            paramLabel = "N",
            order = 10,
            required = true,
            description = "How many classes to find.")
    private int classes;

    @Option(names = "--steps", paramLabel = "N", order = 12, description = "Short for --set max_steps=N.")
    private Integer steps;

    @Option(
            names = "--resume",
            order = 13,
            description = "Go on after the checkpoint in --out, with the sample that is there.")
    private boolean resume;

    @Option(
            names = "--images",
            paramLabel = "N",
            order = 14,
            defaultValue = "10000",
            description = "Photographs to train on, drawn evenly from all. Default: ${DEFAULT-VALUE}.")
    private int images;

    TrainJob(Console console) {
        super(console);
    }

    /** The features of a picture, or why it has none. */
    private record Featured(String path, float[] features, String error) implements Serializable {}

    /** A picture of the sample, and the file of it that the driver has. */
    private record Copied(String path, java.nio.file.Path file) {}

    @Override
    void check() {
        super.check();
        if (images < 2) {
            throw new UsageException("--images must be 2 or more, not " + images);
        }
        settings();
    }

    private TrainSettings settings() {
        try {
            Source source = Source.defaults();
            source = preset == null ? source : source.preset(preset);
            source = config == null ? source : source.file(config);
            for (String change : changes) {
                source = source.set(change);
            }
            TrainSettings settings = (size() == null ? source : source.set("res=" + size())).settings();
            if (settings.needsLiveFeatures()) {
                throw new UsageException("loader_crop_type random and aug_alignment_weight above 0 show each image"
                        + " differently in each step: use the command 'train' with --no-cache");
            }
            return settings;
        } catch (TrainingException.BadSettings e) {
            throw new UsageException(e.getMessage());
        }
    }

    @Override
    int run(SparkSession spark) throws IOException {
        SparkContext context = spark.sparkContext();
        ModelBroadcast model = model(context);
        PictureWork work = work(context, model);
        TrainSettings settings = settings();
        int size = look(
                model,
                loaded -> wholePatches(settings.data().size(), loaded.backbone().patch()));
        SquareFeatures features = new SquareFeatures(work, settings.model().feature(), size);
        List<String> errors = new ArrayList<>();
        java.nio.file.Path pictures = out.resolve(PICTURES);
        if (!resume || !Files.exists(pictures)) {
            if (Files.exists(pictures)) {
                throw new UsageException(
                        pictures + " is there already: add --resume to go on, or choose another --out");
            }
            prepare(context, sample(pictures(spark, "train")), features, errors);
        }
        int code = org.stegokernels.cli.Main.run(arguments(size), console.out(), console.err());
        int failed = tellErrors(errors);
        return code == Main.DONE ? failed : code;
    }

    private static int wholePatches(int pixels, int patch) {
        return Math.max(1, Math.round((float) pixels / patch)) * patch;
    }

    private List<String> sample(List<String> paths) {
        return Arrays.stream(FeatureCache.drawnPatches(paths.size(), images, seed == null ? 0 : seed))
                .mapToObj(index -> paths.get((int) index))
                .toList();
    }

    /** Brings the sample and its features to the driver. */
    private void prepare(SparkContext context, List<String> paths, SquareFeatures features, List<String> errors)
            throws IOException {
        Broadcast<SerializableConfiguration> hadoop = hadoop(context);
        int parts = (paths.size() + PICTURES_A_PART - 1) / PICTURES_A_PART;
        JavaRDD<Featured> computed = new JavaSparkContext(context)
                .parallelize(paths, parts)
                .map(picture -> featured(picture, features, hadoop.value().value()))
                .persist(StorageLevel.DISK_ONLY());
        try {
            try (Progress.Teller teller = features.work().progress().tell(console, paths.size())) {
                errors.addAll(computed.filter(each -> each.error != null)
                        .map(each -> each.path + ": " + each.error)
                        .collect());
            }
            List<String> usable = computed.filter(each -> each.error == null)
                    .map(Featured::path)
                    .collect();
            copy(usable, context.hadoopConfiguration());
            write(
                    features,
                    computed.filter(each -> each.error == null)
                            .map(Featured::features)
                            .toLocalIterator());
        } finally {
            computed.unpersist();
        }
    }

    private static Featured featured(String picture, SquareFeatures features, Configuration hadoop) {
        Path path = new Path(picture);
        Outcome<float[]> done = features.all(path.getName(), Content.of(path, hadoop));
        return new Featured(picture, done.value(), done.error());
    }

    /** Copies pictures under names that keep their order. */
    private void copy(List<String> paths, Configuration hadoop) throws IOException {
        java.nio.file.Path folder = Files.createDirectories(out.resolve(PICTURES));
        List<Copied> copies = new ArrayList<>();
        for (String path : paths) {
            String name = String.format(Locale.ROOT, "%08d-%s", copies.size(), new Path(path).getName());
            copies.add(new Copied(path, folder.resolve(name)));
        }
        try {
            copies.parallelStream().forEach(each -> copy(each, hadoop));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void copy(Copied picture, Configuration hadoop) {
        Path path = new Path(picture.path);
        try (InputStream in = path.getFileSystem(hadoop).open(path)) {
            Files.copy(in, picture.file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(SquareFeatures features, Iterator<float[]> values) throws IOException {
        Dataset dataset = Dataset.open(Dataset.Settings.of(Dataset.Kind.FOLDER, out.resolve(PICTURES), "train")
                .withLimits(features.work().limits())
                .withClasses(classes));
        try {
            look(features.work().model(), loaded -> {
                write(dataset, loaded, features, values);
                return null;
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void write(Dataset dataset, Stego loaded, SquareFeatures features, Iterator<float[]> values) {
        FeatureSource source =
                new FeatureSource(loaded.backbone(), loaded.backboneKey(), features.kind(), features.size());
        FeatureCache.Settings inMemory = FeatureCache.Settings.inMemory();
        java.nio.file.Path usual = FeatureCache.defaultFile(dataset, source, inMemory.dtype());
        try {
            FeatureCache.write(
                    dataset, source, FeatureCache.Settings.in(out.resolve(CACHE).resolve(usual.getFileName())), values);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the arguments of the command that trains. */
    private String[] arguments(int size) {
        List<String> arguments = new ArrayList<>(List.of(
                NAME,
                "--data",
                out.resolve(PICTURES).toString(),
                "--layout",
                "folder",
                "--out",
                out.toString(),
                "--cache",
                out.resolve(CACHE).toString(),
                "--model",
                modelGiven() == null ? DemoModel.NAME : modelGiven(),
                "--size",
                Integer.toString(size),
                "--classes",
                Integer.toString(classes)));
        changes.forEach(change -> arguments.addAll(List.of("--set", change)));
        if (preset != null) {
            arguments.addAll(List.of("--preset", preset));
        }
        if (config != null) {
            arguments.addAll(List.of("--config", config.toString()));
        }
        if (seed != null) {
            arguments.addAll(List.of("--seed", Long.toString(seed)));
        }
        if (steps != null) {
            arguments.addAll(List.of("--steps", Integer.toString(steps)));
        }
        if (resume) {
            arguments.add("--resume");
        }
        return arguments.toArray(new String[0]);
    }
}
