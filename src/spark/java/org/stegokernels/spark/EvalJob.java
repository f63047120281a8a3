package org.stegokernels.spark;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.eval.ConfusionMatrix;
import org.stegokernels.eval.ConfusionMatrix.Count;
import org.stegokernels.eval.Evaluator;
import org.stegokernels.eval.Scores;
import org.stegokernels.spark.ExecutorModels.Loaned;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.stego.Segmenter.Options.Protocol;
import org.stegokernels.stego.Stego;
import org.stegokernels.text.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code eval}: how good a model is on labelled pictures, counted where they are. */
@Command(
        name = EvalJob.NAME,
        description = {
            "Measures a model on a labelled dataset: a folder with imgs/SPLIT, labels/SPLIT and classes.txt.",
            "",
            "Prints mIoU and accuracy of the clusters and of the linear probe, as the published evaluation computes them.",
            "",
            "An image or label map that can't be used is named and left out, and the exit code is 5."
        })
final class EvalJob extends DatasetJob {
    static final String NAME = "eval";

    /** Pictures that are copied to the disk of an executor at a time. */
    private static final int COPIED = 32;

    @Option(
            names = "--split",
            paramLabel = "NAME",
            order = 4,
            defaultValue = "val",
            description = "Which part of the dataset. Default: ${DEFAULT-VALUE}.")
    private String split;

    @Option(
            names = "--crf",
            negatable = true,
            order = 7,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Sharpen the borders by a dense CRF. Default: on.")
    private boolean crf;

    @Option(
            names = "--flip",
            negatable = true,
            order = 8,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Average with the mirror image. Default: on.")
    private boolean flip;

    @Option(
            names = "--protocol",
            paramLabel = "NAME",
            order = 9,
            defaultValue = "published",
            description = "published: the middle square at --size pixels, resized with nearest neighbour. whole: the"
                    + " whole image at its own size. Default: ${DEFAULT-VALUE}.")
    private Protocol protocol;

    @Option(
            names = "--count",
            paramLabel = "NAME",
            order = 11,
            defaultValue = "all",
            description = "Pixels of clusters beyond the number of classes. all: they are wrong. published: dropped, as"
                    + " the published code does. Default: ${DEFAULT-VALUE}.")
    private Count count;

    @Option(names = "--json", order = 90, description = "Print the metrics as JSON instead of text.")
    private boolean json;

    EvalJob(Console console) {
        super(console);
    }

    /** A picture and its labels; {@code id} is what both are called. */
    private record Pair(String id, String image, String labels) implements Serializable {}

    /** Counts of some pictures, which the order of adding does not change. */
    private record Counted(EnumMap<Probe, ConfusionMatrix> matrices, int pictures, List<String> failures)
            implements Serializable {
        Counted() {
            this(new EnumMap<>(Probe.class), 0, List.of());
        }

        Counted plus(Counted other) {
            EnumMap<Probe, ConfusionMatrix> sums = new EnumMap<>(Probe.class);
            for (Counted each : List.of(this, other)) {
                each.matrices.forEach((probe, matrix) -> sums.computeIfAbsent(
                                probe, first -> new ConfusionMatrix(matrix.predictions(), matrix.classes()))
                        .add(matrix));
            }
            return new Counted(
                    sums,
                    pictures + other.pictures,
                    Stream.concat(failures.stream(), other.failures.stream()).toList());
        }
    }

    /** The counting of some pairs in a folder of their own, in which they lie as in the dataset. */
    private record Counting(PictureWork work, Evaluator.Settings settings, String split, String classes)
            implements Serializable {
        Iterator<Counted> call(Iterator<Pair> pairs, Configuration hadoop) throws IOException {
            Counted all = new Counted();
            while (pairs.hasNext()) {
                PictureWork.requireWanted();
                List<Pair> some = new ArrayList<>();
                while (pairs.hasNext() && some.size() < COPIED) {
                    some.add(pairs.next());
                }
                all = all.plus(count(some, hadoop));
            }
            return List.of(all).iterator();
        }

        private Counted count(List<Pair> pairs, Configuration hadoop) throws IOException {
            java.nio.file.Path folder = Files.createTempDirectory("stego-eval");
            try (Loaned loaned = ExecutorModels.borrow(work.model(), work.placement())) {
                Files.writeString(folder.resolve(DatasetClasses.FILE), classes);
                Map<String, String> images = new HashMap<>();
                for (Pair pair : pairs) {
                    copy(pair.image, folder.resolve("imgs").resolve(split), pair.id, hadoop);
                    copy(pair.labels, folder.resolve("labels").resolve(split), pair.id, hadoop);
                    images.put(pair.id, pair.image);
                }
                Dataset data = Dataset.open(Dataset.Settings.of(Dataset.Kind.DIRECTORY, folder, split)
                        .withLimits(work.limits()));
                Evaluator.Counts counts = Evaluator.count(loaned.model(), data, settings);
                List<String> failures = counts.failures().stream()
                        .map(failure -> images.get(failure.id()) + ": "
                                + failure.reason().replace(folder + "/", ""))
                        .toList();
                work.progress().pictures().add(pairs.size() - failures.size());
                work.progress().failures().add(failures.size());
                return new Counted(new EnumMap<>(counts.matrices()), pairs.size() - failures.size(), failures);
            } finally {
                delete(folder);
            }
        }

        private static void copy(String from, java.nio.file.Path folder, String id, Configuration hadoop)
                throws IOException {
            Path source = new Path(from);
            String name = source.getName();
            java.nio.file.Path target = folder.resolve(id + name.substring(name.lastIndexOf('.')));
            Files.createDirectories(target.getParent());
            try (FSDataInputStream in = source.getFileSystem(hadoop).open(source)) {
                Files.copy(in, target);
            }
        }

        private static void delete(java.nio.file.Path folder) throws IOException {
            try (Stream<java.nio.file.Path> files = Files.walk(folder)) {
                for (java.nio.file.Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Override
    int run(SparkSession spark) throws IOException {
        SparkContext context = spark.sparkContext();
        List<Pair> pairs = pairs(spark);
        String classes = classes(context.hadoopConfiguration());
        ModelBroadcast model = model(context);
        PictureWork work = work(context, model);
        Segmenter.Options options = look(model, this::options);
        Counting counting = new Counting(work, new Evaluator.Settings(options, count, 0), split, classes);
        Broadcast<SerializableConfiguration> hadoop = hadoop(context);
        Counted counted;
        try (Progress.Teller teller = work.progress().tell(console, pairs.size())) {
            counted = new JavaSparkContext(context)
                            .parallelize(pairs, tasks(context, pairs.size()))
                            .mapPartitions(
                                    some -> counting.call(some, hadoop.value().value()))
                            .collect()
                            .stream()
                            .reduce(new Counted(), Counted::plus);
        }
        if (counted.pictures == 0) {
            throw new UsageException("none of the " + pairs.size() + " images and their label maps can be used, first: "
                    + counted.failures.get(0));
        }
        print(counted, names(classes));
        return tellErrors(counted.failures);
    }

    private Segmenter.Options options(Stego loaded) {
        if (loaded.probes().isEmpty()) {
            throw new UsageException("the model is a backbone that knows no classes: give a STEGO model");
        }
        int side = size() == null ? loaded.info().settings().inputSize() : size();
        if (protocol == Protocol.PUBLISHED && side % loaded.backbone().patch() != 0) {
            throw new UsageException("--protocol published needs a --size in whole patches of "
                    + loaded.backbone().patch() + " pixels, not " + side);
        }
        return Segmenter.Options.DEFAULT
                .withSize(side)
                .withFlip(flip)
                .withCrf(crf)
                .withProtocol(protocol);
    }

    private List<Pair> pairs(SparkSession spark) throws IOException {
        Map<String, String> labels = files(spark, "labels");
        List<Pair> pairs = new ArrayList<>();
        files(spark, "imgs").entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(image -> {
                    String map = labels.get(image.getKey());
                    if (map == null) {
                        throw new UsageException("--data: there is no label map for " + image.getValue());
                    }
                    pairs.add(new Pair(image.getKey(), image.getValue(), map));
                });
        return pairs;
    }

    /** Returns the files of the split by what they are called. */
    private Map<String, String> files(SparkSession spark, String kind) throws IOException {
        Path folder = new Path(new Path(data(), kind), split);
        if (!folder.getFileSystem(spark.sparkContext().hadoopConfiguration()).exists(folder)) {
            throw new UsageException("--data: there is no folder " + folder);
        }
        Map<String, String> files = new HashMap<>();
        for (Row row : PictureListing.of(spark, List.of(folder.toString()), List.of())
                .pictures()
                .select(PictureListing.NAME, PictureListing.PATH)
                .collectAsList()) {
            files.put(row.getString(0), row.getString(1));
        }
        return files;
    }

    private String classes(Configuration hadoop) throws IOException {
        Path file = new Path(data(), DatasetClasses.FILE);
        FileSystem files = file.getFileSystem(hadoop);
        if (!files.exists(file)) {
            throw new UsageException("--data: list the classes of the labels in " + file + " as NAME RED GREEN BLUE");
        }
        try (FSDataInputStream in = files.open(file)) {
            return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }

    private static List<String> names(String classes) throws IOException {
        java.nio.file.Path file = Files.createTempFile("classes", ".txt");
        try {
            Files.writeString(file, classes);
            return DatasetClasses.read(file).names();
        } finally {
            Files.delete(file);
        }
    }

    private void print(Counted counted, List<String> names) throws IOException {
        Map<String, Scores> scores = new java.util.LinkedHashMap<>();
        ConfusionMatrix clusters = counted.matrices.get(Probe.CLUSTER);
        if (clusters != null) {
            scores.put("cluster", Scores.ofClusters(clusters, count));
        }
        ConfusionMatrix linear = counted.matrices.get(Probe.LINEAR);
        if (linear != null) {
            scores.put("linear", Scores.ofClasses(linear));
        }
        if (json) {
            OutputStream out = console.out();
            JsonWriter.print(out, writer -> {
                writer.field("images", counted.pictures);
                for (Map.Entry<String, Scores> each : scores.entrySet()) {
                    writer.beginObject(each.getKey());
                    writer.field("mIoU", each.getValue().meanIou());
                    writer.field("accuracy", each.getValue().accuracy());
                    writer.beginObject("iou");
                    for (int id = 0; id < names.size(); id++) {
                        writer.field(names.get(id), each.getValue().iou()[id]);
                    }
                    writer.endObject();
                    writer.endObject();
                }
            });
            return;
        }
        console.print(String.format(Locale.ROOT, "%-24s %8s %8s", "", "mIoU", "accuracy"));
        scores.forEach((probe, found) -> console.print(String.format(
                Locale.ROOT, "%-24s %7.1f%% %7.1f%%", probe, 100 * found.meanIou(), 100 * found.accuracy())));
        console.print("");
        for (int id = 0; id < names.size(); id++) {
            int index = id;
            StringBuilder line = new StringBuilder(String.format("%-24s", "IoU of " + names.get(id)));
            scores.values()
                    .forEach(found -> line.append(String.format(Locale.ROOT, " %7.1f%%", 100 * found.iou()[index])));
            console.print(line.toString());
        }
        console.print(counted.pictures + " images evaluated");
    }
}
