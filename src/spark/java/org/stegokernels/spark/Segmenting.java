package org.stegokernels.spark;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.spark.PictureWork.Content;
import org.stegokernels.spark.PictureWork.Outcome;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmentation.ClassInfo;
import org.stegokernels.stego.Segmenter;

/** The way from the bytes of a picture to a row with its mask. */
record Segmenting(PictureWork work, Segmenter.Options options) implements RowMaker {
    private static final ArrayType SHARES = DataTypes.createArrayType(
            new StructType()
                    .add("id", DataTypes.IntegerType)
                    .add("name", DataTypes.StringType)
                    .add("share", DataTypes.DoubleType)
                    .add("score", DataTypes.DoubleType),
            false);

    /**
     * A picture cut into regions: {@code width} and {@code height} in pixels; {@code mask}, a PNG whose palette indices are
     * class ids; {@code shares} of the classes that are in it, with the mean probability of their pixels; {@code seconds} that
     * it took; {@code error}, and then no mask.
     */
    static final StructType RESULT = new StructType()
            .add("width", DataTypes.IntegerType)
            .add("height", DataTypes.IntegerType)
            .add("mask", DataTypes.BinaryType)
            .add("shares", SHARES)
            .add("seconds", DataTypes.DoubleType)
            .add("error", DataTypes.StringType);

    /**
     * A mask with what is told about it.
     *
     * @param shares of the classes that are in it; without scores where these are not known
     */
    record Mask(int width, int height, byte[] png, Row[] shares) {
        static Mask of(Segmentation found) throws IOException {
            Row[] shares = found.classes().stream()
                    .filter(each -> found.shares()[each.id()] > 0)
                    .map(each -> RowFactory.create(
                            each.id(), each.name(), found.shares()[each.id()], found.scores()[each.id()]))
                    .toArray(Row[]::new);
            return of(found.labels(), found.classes(), shares);
        }

        static Mask of(LabelMap labels, List<ClassInfo> classes) throws IOException {
            int[] counts = labels.counts();
            double pixels = labels.labels().length;
            Row[] shares = classes.stream()
                    .filter(each -> counts[each.id()] > 0)
                    .map(each -> RowFactory.create(each.id(), each.name(), counts[each.id()] / pixels, null))
                    .toArray(Row[]::new);
            return of(labels, classes, shares);
        }

        private static Mask of(LabelMap labels, List<ClassInfo> classes, Row[] shares) throws IOException {
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            PalettePng.write(png, labels, Segmentation.palette(classes));
            return new Mask(labels.width(), labels.height(), png.toByteArray(), shares);
        }
    }

    @Override
    public StructType schema() {
        return RESULT;
    }

    @Override
    public String settings() {
        return options.toString();
    }

    /** @return of {@link #RESULT} */
    @Override
    public Row make(Row picture, Path file, Configuration hadoop) {
        return make(file.getName(), Content.of(file, hadoop));
    }

    private Row make(String name, Content content) {
        Outcome<Mask> done = work.run(
                name,
                content,
                (model, picture) -> Mask.of(model.segmenter(options).segment(picture)));
        return row(done);
    }

    /** Returns the row of the bytes of a picture; null for null. */
    Row segment(byte[] picture) {
        return picture == null ? null : make("picture", Content.of(picture));
    }

    /** Returns the row of what became of a picture. */
    static Row row(Outcome<Mask> done) {
        Mask mask = done.value();
        return mask == null
                ? RowFactory.create(null, null, null, null, done.seconds(), done.error())
                : RowFactory.create(mask.width, mask.height, mask.png, mask.shares, done.seconds(), null);
    }
}
