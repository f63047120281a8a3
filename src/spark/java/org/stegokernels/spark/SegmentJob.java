package org.stegokernels.spark;

import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.stegokernels.raster.Raster;
import org.stegokernels.raster.RasterView.Bands;
import org.stegokernels.raster.RasterView.Stretch;
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
            names = "--tile",
            paramLabel = "N",
            order = 11,
            description =
                    "For TIFF pictures of any size: the model sees tiles of N x N pixels, each at --size, that overlap"
                            + " by half. Each region of a picture gets a row of its own, with x, y, width, height and halo. Up to 100"
                            + " gigapixels unless --max-pixels says otherwise.")
    private Integer tile;

    @Option(
            names = "--region",
            paramLabel = "N",
            order = 12,
            defaultValue = "8192",
            description =
                    "With --tile: side of a region in pixels, in whole tiles. Along the borders of regions labels may"
                            + " jump, as each is found by itself. Default: ${DEFAULT-VALUE}.")
    private int region;

    @Option(
            names = "--bands",
            paramLabel = "LIST",
            order = 13,
            description = "With --tile: the bands of the picture that are red, green and blue, or the one that is grey,"
                    + " counted from 1: 4,3,2. Default: the first three.")
    private String bands;

    @Option(
            names = "--stretch",
            paramLabel = "P,Q",
            order = 14,
            description =
                    "With --tile: the percentiles of each band that become black and white, or none. Default: none"
                            + " of 8-bit pictures, else 2,98.")
    private String stretch;

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
    void check() {
        super.check();
        if (tile == null) {
            if (bands != null || stretch != null) {
                throw new UsageException((bands != null ? "--bands" : "--stretch") + " is for --tile N");
            }
            return;
        }
        if (tile < Segmenter.Options.MIN_SIZE || region < tile) {
            throw new UsageException("--tile must be at least " + Segmenter.Options.MIN_SIZE + " pixels and --region at"
                    + " least --tile, not " + tile + " and " + region);
        }
        if (protocol == Protocol.PUBLISHED || exportFiles != null) {
            throw new UsageException((exportFiles == null ? "--protocol published" : "--export-files")
                    + " looks at whole photographs: leave out --tile");
        }
        try {
            if (bands != null) {
                Bands.parse(bands);
            }
            if (stretch != null) {
                Stretch.parse(stretch);
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException("--bands or --stretch: " + e.getMessage());
        }
    }

    @Override
    long usualPixels() {
        return tile == null ? super.usualPixels() : Raster.USUAL_LIMITS.maxPixels();
    }

    @Override
    StructType identity() {
        StructType identity = super.identity();
        for (StructField field : tile == null ? new StructField[0] : Mosaicking.REGION.fields()) {
            identity = identity.add(field);
        }
        return identity;
    }

    @Override
    Dataset<Row> parts(SparkSession spark, Dataset<Row> pictures, RowMaker maker) {
        return maker instanceof Mosaicking mosaics
                ? mosaics.regions(pictures, identity(), DatasetJob.hadoop(spark.sparkContext()))
                : pictures;
    }

    @Override
    String unit() {
        return tile == null ? super.unit() : "regions";
    }

    @Override
    int perTask() {
        return tile == null ? super.perTask() : 1;
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
        return tile == null
                ? new Segmenting(work, options)
                : new Mosaicking(work, options, tile, region / tile * tile, bands, stretch);
    }

    @Override
    void finish(SparkSession spark, Dataset<Row> pictures, ResultTable table) {
        if (exportFiles != null) {
            new FileExport(spark, new Path(exportFiles)).write(pictures, table);
        }
    }
}
