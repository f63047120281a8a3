package org.stegokernels.spark;

import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.spark.PictureWork.Content;
import org.stegokernels.spark.PictureWork.Outcome;
import org.stegokernels.stego.FeatureExtractor.Features;
import org.stegokernels.stego.PatchStore.Patches;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.vit.Backbone.FeatureKind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code features}: pictures to rows with what the backbone makes of them. */
@Command(
        name = FeaturesJob.NAME,
        description = {
            "Shows what a vision transformer makes of photographs, in numbers.",
            "",
            "Writes Parquet files with a row for each picture: path, length, modificationTime, modelKey, rows, columns,"
                    + " features [rows, columns, channels], embedding (their mean, [channels]), classAttention [heads, rows,"
                    + " columns], seconds, error. A run goes on where an earlier one has stopped."
        })
final class FeaturesJob extends PicturesJob {
    static final String NAME = "features";

    @Option(
            names = "--kind",
            paramLabel = "NAME",
            order = 3,
            defaultValue = "feat",
            description = "feat: output of the last layer norm. kk: keys of the last block. Default: ${DEFAULT-VALUE}.")
    private FeatureKind kind;

    @Option(
            names = "--flip",
            negatable = true,
            order = 7,
            defaultValue = "false",
            fallbackValue = "true",
            description = "Average the features with those of the mirror image. Default: off.")
    private boolean flip;

    FeaturesJob(Console console) {
        super(console);
    }

    @Override
    RowMaker maker(PictureWork work, Stego model) {
        Segmenter.Options options = sized(
                Segmenter.Options.DEFAULT.withFlip(flip),
                model.info().settings().inputSize());
        return new Describing(work, kind, options);
    }

    /** The way from the bytes of a picture to a row with its features. */
    private record Describing(PictureWork work, FeatureKind kind, Segmenter.Options options) implements RowMaker {
        @Override
        public StructType schema() {
            return new StructType()
                    .add("rows", DataTypes.IntegerType)
                    .add("columns", DataTypes.IntegerType)
                    .add("features", DataTypes.createArrayType(DataTypes.FloatType, false))
                    .add("embedding", DataTypes.createArrayType(DataTypes.FloatType, false))
                    .add("classAttention", DataTypes.createArrayType(DataTypes.FloatType, false))
                    .add("seconds", DataTypes.DoubleType)
                    .add(ResultTable.ERROR, DataTypes.StringType);
        }

        @Override
        public String settings() {
            return String.format(Locale.ROOT, "%s, size %d, flip %s", kind, options.size(), options.flip());
        }

        @Override
        public Row make(Row picture, Path file, Configuration hadoop) {
            Outcome<Features> done = work.run(
                    file.getName(),
                    Content.of(file, hadoop),
                    (model, image) -> model.extractor(kind, options).extract(image));
            if (done.value() == null) {
                return RowFactory.create(null, null, null, null, null, done.seconds(), done.error());
            }
            Patches patches = done.value().patches();
            float[] values = patches.values();
            int channels = values.length / (patches.rows() * patches.columns());
            return RowFactory.create(
                    patches.rows(),
                    patches.columns(),
                    values,
                    FeatureSource.mean(values, 0, values.length, channels),
                    done.value().classAttention(),
                    done.seconds(),
                    null);
        }
    }
}
