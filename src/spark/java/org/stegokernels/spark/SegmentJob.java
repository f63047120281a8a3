package org.stegokernels.spark;

import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.stego.Segmenter.Options.Protocol;
import org.stegokernels.stego.Stego;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
final class SegmentJob extends PicturesJob {
    static final String NAME = "segment";

    @Option(
            names = "--crf",
            negatable = true,
            order = 6,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Sharpen the borders with a dense CRF. Default: yes.")
    private boolean crf;

    @Option(
            names = "--flip",
            negatable = true,
            order = 7,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Look at the mirror image too. Default: yes.")
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

    SegmentJob(Console console) {
        super(console);
    }

    @Override
    List<Path> results() {
        return exportFiles == null ? List.of() : List.of(new Path(exportFiles));
    }

    @Override
    RowMaker maker(PictureWork work, Stego model) {
        Segmenter.Options options = sized(
                new Segmenter.Options(Segmenter.Options.DEFAULT.size(), flip, crf, probe, protocol, false),
                model.info().settings().inputSize());
        if (model.probes().isEmpty()) {
            throw new UsageException("the model is a backbone that knows no classes: find some with the job cluster, or"
                    + " give a STEGO model");
        }
        if (!model.probes().contains(probe)) {
            throw new UsageException("the model has no such classifier as --probe asks for; it has the other one");
        }
        int patch = model.backbone().patch();
        if (protocol == Protocol.PUBLISHED && options.size() % patch != 0) {
            throw new UsageException("--protocol published needs a --size in whole patches of " + patch
                    + " pixels, not " + options.size());
        }
        return new Segmenting(work, options);
    }

    @Override
    void finish(SparkSession spark, Dataset<Row> pictures, ResultTable table) {
        if (exportFiles != null) {
            new FileExport(spark, new Path(exportFiles)).write(pictures, table);
        }
    }
}
