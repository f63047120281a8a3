package org.stegokernels.spark;

import static org.apache.spark.sql.functions.col;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.stegokernels.image.ImageReader;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Jobs that take pictures and leave a table with a row for each. A run goes on where an earlier one has stopped. */
abstract class PicturesJob extends Job {
    private static final int ERRORS_TOLD = 20;

    @Parameters(
            paramLabel = "INPUT",
            arity = "1..*",
            description = "Photographs: files, folders (with all below) or patterns, on any file system of Hadoop's.")
    private List<String> inputs;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            order = 1,
            required = true,
            description = "Folder for the rows; made if missing.")
    private String out;

    @Mixin
    private ModelSelection modelSelection;

    @Option(
            names = "--size",
            paramLabel = "N",
            order = 5,
            description =
                    "Shorter side in pixels of what the model sees. Default: what the model was made for, 320 if it"
                            + " doesn't say.")
    private Integer size;

    @Mixin
    private LimitSelection limitSelection;

    @Mixin
    private DeviceSelection deviceSelection;

    PicturesJob(Console console) {
        super(console);
    }

    @Override
    void check() {
        sized(Segmenter.Options.DEFAULT, Segmenter.Options.DEFAULT.size());
        limitSelection.limits(usualPixels());
        deviceSelection.placement();
    }

    /** Returns the options with {@code --size}, or else the model's own size. */
    final Segmenter.Options sized(Segmenter.Options options, int modelSize) {
        try {
            return options.withSize(size == null ? modelSize : size);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--" + e.getMessage());
        }
    }

    /**
     * Returns what makes the rows.
     *
     * @throws UsageException if the options don't fit the model
     */
    abstract RowMaker maker(PictureWork work, Stego model);

    /** Returns the most pixels of a picture unless an option says otherwise. */
    long usualPixels() {
        return ImageReader.Limits.DEFAULT.maxPixels();
    }

    /** Returns the columns that rows are known by. */
    StructType identity() {
        return PictureListing.IDENTITY;
    }

    /** Returns what gets a row each: pictures, or parts of them. */
    Dataset<Row> parts(SparkSession spark, Dataset<Row> pictures, RowMaker maker) {
        return pictures;
    }

    /** Returns a word for these, in the plural. */
    String unit() {
        return "pictures";
    }

    /** Returns the most of them that a task makes rows of. */
    int perTask() {
        return PICTURES_PER_TASK;
    }

    /** Returns further folders of results, whose contents are nobody's pictures. */
    List<Path> results() {
        return List.of();
    }

    /** Does what is left once the rows of all pictures are there. */
    void finish(SparkSession spark, Dataset<Row> pictures, ResultTable table) {}

    @Override
    final int run(SparkSession spark) throws IOException {
        ModelBroadcast model = modelSelection.find(spark.sparkContext(), console);
        Progress progress = Progress.of(spark.sparkContext());
        PictureWork work =
                new PictureWork(model, limitSelection.limits(usualPixels()), deviceSelection.placement(), progress);
        RowMaker maker = look(model, loaded -> maker(work, loaded));
        Path folder = new Path(out);
        ResultTable table =
                new ResultTable(spark, folder, identity(), maker.schema(), ResultTable.key(model, maker.settings()));
        ResultTable.requireOwn(folder, spark.sparkContext().hadoopConfiguration());
        List<Path> results = new ArrayList<>(results());
        results.add(folder);
        PictureListing listing = PictureListing.of(spark, inputs, results);
        listing.failures().forEach(console::error);
        Dataset<Row> pictures = parts(spark, listing.pictures(), maker).persist(StorageLevel.MEMORY_AND_DISK());
        try {
            long total = pictures.count();
            long computed = table.fill(pictures, maker, perTask(), progress, console);
            finish(spark, pictures, table);
            long failed = tellErrors(table.done(pictures)) + listing.failures().size();
            console.print(String.format(
                    Locale.ROOT,
                    "%d of %d %s computed%s%s: %s",
                    computed,
                    total,
                    unit(),
                    computed == total ? "" : ", " + (total - computed) + " were there",
                    failed == 0 ? "" : ", " + failed + " failed",
                    out));
            return failed == 0 ? Main.DONE : Main.SOME_INPUTS_FAILED;
        } finally {
            pictures.unpersist();
        }
    }

    /** Tells the first errors. Returns the number of all. */
    private long tellErrors(Dataset<Row> done) {
        Dataset<Row> errors = done.where(col(ResultTable.ERROR).isNotNull())
                .select(PictureListing.PATH, ResultTable.ERROR)
                .orderBy(PictureListing.PATH);
        long count = errors.count();
        for (Row each : errors.takeAsList(ERRORS_TOLD)) {
            console.error(each.getString(0) + ": " + each.getString(1));
        }
        if (count > ERRORS_TOLD) {
            console.error((count - ERRORS_TOLD) + " more, in the column error of " + out);
        }
        return count;
    }
}
