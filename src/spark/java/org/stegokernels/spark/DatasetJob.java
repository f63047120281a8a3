package org.stegokernels.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Jobs that look at all pictures of a dataset together. */
abstract class DatasetJob extends Job {
    private static final int ERRORS_TOLD = 20;

    @Option(
            names = {"-d", "--data"},
            paramLabel = "DIR",
            order = 2,
            required = true,
            description = "Folder of photographs, or one with imgs/SPLIT, on any file system of Hadoop's.")
    private String data;

    @Option(
            names = "--size",
            paramLabel = "N",
            order = 10,
            description = "Side in pixels of the square in the middle that the model sees, in whole patches. Default:"
                    + " what the model was made for, 320 if it doesn't say.")
    private Integer size;

    @Mixin
    private ModelSelection modelSelection;

    @Mixin
    private LimitSelection limitSelection;

    @Mixin
    private DeviceSelection deviceSelection;

    DatasetJob(Console console) {
        super(console);
    }

    /**
     * A picture of a dataset.
     *
     * @param index its number among all, in the order of their paths
     */
    record Numbered(int index, String path) implements java.io.Serializable {}

    @Override
    void check() {
        if (size != null && (size < Segmenter.Options.MIN_SIZE || size > Segmenter.Options.MAX_SIZE)) {
            throw new UsageException("--size must be between " + Segmenter.Options.MIN_SIZE + " and "
                    + Segmenter.Options.MAX_SIZE + " pixels, not " + size);
        }
        limitSelection.limits();
        deviceSelection.placement();
    }

    /** Returns the value of {@code --data}. */
    final String data() {
        return data;
    }

    /** Returns the value of {@code --size}; null if it is not given. */
    final Integer size() {
        return size;
    }

    /** Returns the value of {@code --model}; null if it is not given. */
    final String modelGiven() {
        return modelSelection.given();
    }

    final ModelBroadcast model(SparkContext context) {
        return modelSelection.find(context, console);
    }

    final PictureWork work(SparkContext context, ModelBroadcast model) {
        return new PictureWork(model, limitSelection.limits(), deviceSelection.placement(), Progress.of(context));
    }

    /**
     * Returns what makes the features of a model.
     *
     * @throws UsageException if the size is not in whole patches
     */
    final SquareFeatures features(PictureWork work, Stego loaded) {
        ModelInfo.Settings settings = loaded.info().settings();
        int side = size == null ? settings.inputSize() : size;
        int patch = loaded.backbone().patch();
        if (side % patch != 0) {
            throw new UsageException(
                    "a square of features needs a --size in whole patches of " + patch + " pixels, not " + side);
        }
        return new SquareFeatures(work, settings.feature(), side);
    }

    /**
     * Returns the paths of the pictures, in order. The driver holds them all: about 100 MB for a million.
     *
     * @param split the part of a dataset that is divided into parts
     * @throws UsageException if there are none
     */
    final List<String> pictures(SparkSession spark, String split) throws IOException {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        Path root = new Path(data);
        FileSystem files = root.getFileSystem(hadoop);
        Path images = new Path(root, "imgs");
        Path folder = files.exists(images) ? new Path(images, split) : root;
        PictureListing listing = PictureListing.of(spark, List.of(folder.toString()), List.of());
        List<String> paths = listing.pictures()
                .select(PictureListing.PATH)
                .orderBy(PictureListing.PATH)
                .as(Encoders.STRING())
                .collectAsList();
        if (paths.isEmpty()) {
            throw new UsageException("--data: there is no picture in " + folder);
        }
        return paths;
    }

    /** Returns pictures in slices that follow each other. */
    static JavaRDD<Numbered> numbered(SparkContext context, List<String> paths) {
        List<Numbered> numbered = new ArrayList<>(paths.size());
        for (String path : paths) {
            numbered.add(new Numbered(numbered.size(), path));
        }
        return new JavaSparkContext(context).parallelize(numbered, tasks(context, paths.size()));
    }

    static Broadcast<SerializableConfiguration> hadoop(SparkContext context) {
        return new JavaSparkContext(context).broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    }

    /** Tells the first errors. Returns the exit code. */
    final int tellErrors(List<String> errors) {
        errors.stream().limit(ERRORS_TOLD).forEach(console::error);
        if (errors.size() > ERRORS_TOLD) {
            console.error((errors.size() - ERRORS_TOLD) + " more pictures can't be used");
        }
        return errors.isEmpty() ? Main.DONE : Main.SOME_INPUTS_FAILED;
    }
}
