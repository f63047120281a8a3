package org.stegokernels.spark;

import static org.apache.spark.sql.functions.col;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.stego.Segmenter.Options.Protocol;
import org.stegokernels.stego.Stego;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code segment}: pictures to rows with label maps. */
@Command(
        name = SegmentJob.NAME,
        description = {
            "Cuts photographs into regions.",
            "",
            "Writes Parquet files with a row for each picture: path, length, modificationTime, modelKey, width, height,"
                    + " mask (a PNG whose palette indices are class ids), shares of the classes, seconds, error. A run goes"
                    + " on where an earlier one with the same model and settings has stopped; a picture that has changed"
                    + " gets another row."
        })
final class SegmentJob extends Job {
    static final String NAME = "segment";

    /** Enough for files of some megabytes, few enough to lose little with an executor. */
    private static final int PICTURES_PER_TASK = 256;

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

    @Option(
            names = "--crf",
            negatable = true,
            order = 6,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether a dense CRF sharpens the borders. Default: it does.")
    private boolean crf;

    @Option(
            names = "--flip",
            negatable = true,
            order = 7,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether the mirror image is looked at too. Default: it is.")
    private boolean flip;

    @Option(
            names = "--probe",
            paramLabel = "NAME",
            order = 8,
            defaultValue = "cluster",
            description = "Which classifier of a STEGO model is asked: cluster or linear. Default: ${DEFAULT-VALUE}.")
    private Probe probe;

    @Option(
            names = "--protocol",
            paramLabel = "NAME",
            order = 9,
            defaultValue = "whole",
            description = "whole: the whole photograph at its own size. published: the middle square at --size pixels."
                    + " Default: ${DEFAULT-VALUE}.")
    private Protocol protocol;

    @Option(
            names = "--export-files",
            paramLabel = "DIR",
            order = 10,
            description =
                    "Afterwards write the masks as files NAME.png, too, below this folder; those that are there and the"
                            + " same stay.")
    private String exportFiles;

    @Mixin
    private LimitSelection limitSelection;

    @Mixin
    private DeviceSelection deviceSelection;

    SegmentJob(Console console) {
        super(console);
    }

    @Override
    void check() {
        options(Segmenter.Options.DEFAULT.size());
        limitSelection.limits();
        deviceSelection.placement();
    }

    private Segmenter.Options options(int modelSize) {
        try {
            return new Segmenter.Options(size == null ? modelSize : size, flip, crf, probe, protocol, false);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--" + e.getMessage());
        }
    }

    @Override
    int run(SparkSession spark) throws IOException {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        ModelBroadcast model = modelSelection.find(spark.sparkContext(), console);
        Segmenter.Options options = look(model, this::fitting);
        String key = ResultTable.key(model, options);
        ResultTable table = new ResultTable(spark, new Path(out), Segmenting.RESULT, key);
        table.requireOwn(hadoop);
        List<Path> results = new ArrayList<>(List.of(new Path(out)));
        if (exportFiles != null) {
            results.add(new Path(exportFiles));
        }
        PictureListing listing = PictureListing.of(spark, inputs, results);
        listing.failures().forEach(console::error);
        Dataset<Row> pictures = listing.pictures().persist(StorageLevel.MEMORY_AND_DISK());
        try {
            long total = pictures.count();
            long computed = compute(spark, model, options, table, pictures);
            if (exportFiles != null) {
                new FileExport(spark, new Path(exportFiles)).write(pictures, table);
            }
            long failed = tellErrors(table.done(pictures)) + listing.failures().size();
            console.print(String.format(
                    Locale.ROOT,
                    "%d of %d pictures segmented%s%s: %s",
                    computed,
                    total,
                    computed == total ? "" : ", " + (total - computed) + " were there",
                    failed == 0 ? "" : ", " + failed + " failed",
                    out));
            return failed == 0 ? Main.DONE : Main.SOME_INPUTS_FAILED;
        } finally {
            pictures.unpersist();
        }
    }

    /** Returns the options for a model, if it goes with them. */
    private Segmenter.Options fitting(Stego loaded) {
        Segmenter.Options options = options(loaded.info().settings().inputSize());
        if (loaded.probes().isEmpty()) {
            throw new UsageException("the model is a backbone that knows no classes: make it one that does with the job"
                    + " cluster, or give a STEGO model");
        }
        if (!loaded.probes().contains(probe)) {
            throw new UsageException("the model has no such classifier as --probe asks for; it has the other one");
        }
        int patch = loaded.backbone().patch();
        if (protocol == Protocol.PUBLISHED && options.size() % patch != 0) {
            throw new UsageException("--protocol published needs a --size in whole patches of " + patch
                    + " pixels, not " + options.size());
        }
        return options;
    }

    /** Adds the rows that are not there. Returns their number. */
    private long compute(
            SparkSession spark,
            ModelBroadcast model,
            Segmenter.Options options,
            ResultTable table,
            Dataset<Row> pictures) {
        Dataset<Row> missing = table.missing(pictures).persist(StorageLevel.MEMORY_AND_DISK());
        try {
            long count = missing.count();
            if (count == 0) {
                return 0;
            }
            Progress progress = Progress.of(spark.sparkContext());
            Segmenting segmenting =
                    new Segmenting(model, options, limitSelection.limits(), deviceSelection.placement(), progress);
            Broadcast<SerializableConfiguration> hadoop = new JavaSparkContext(spark.sparkContext())
                    .broadcast(
                            new SerializableConfiguration(spark.sparkContext().hadoopConfiguration()));
            Dataset<Row> rows = missing.repartition(tasks(spark.sparkContext(), count, PICTURES_PER_TASK))
                    .mapPartitions(new Rows(segmenting, table.key(), hadoop), Encoders.row(table.columns()));
            try (Progress.Teller teller = progress.tell(console, count)) {
                table.append(rows);
            }
            return count;
        } finally {
            missing.unpersist();
        }
    }

    /** Turns pictures of a listing into rows of a result table. */
    private record Rows(Segmenting segmenting, String key, Broadcast<SerializableConfiguration> hadoop)
            implements MapPartitionsFunction<Row, Row> {
        @Override
        public Iterator<Row> call(Iterator<Row> pictures) {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return pictures.hasNext();
                }

                @Override
                public Row next() {
                    return row(pictures.next());
                }
            };
        }

        private Row row(Row picture) {
            Path path = new Path(picture.<String>getAs(PictureListing.PATH));
            Configuration configuration = hadoop.value().value();
            Row found = segmenting.segment(
                    path.getName(), () -> path.getFileSystem(configuration).open(path));
            Object[] columns = new Object[4 + found.size()];
            columns[0] = picture.getAs(PictureListing.PATH);
            columns[1] = picture.getAs(PictureListing.LENGTH);
            columns[2] = picture.getAs(PictureListing.TIME);
            columns[3] = key;
            for (int i = 0; i < found.size(); i++) {
                columns[4 + i] = found.get(i);
            }
            return RowFactory.create(columns);
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
