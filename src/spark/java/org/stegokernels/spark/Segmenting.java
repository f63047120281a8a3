package org.stegokernels.spark;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
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

    /** A mask with what is told about it. */
    private record Mask(int width, int height, byte[] png, Row[] shares) {}

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
    public Row make(String name, Content content) {
        Outcome<Mask> done = work.run(
                name, content, (model, picture) -> mask(model.segmenter(options).segment(picture)));
        Mask mask = done.value();
        return mask == null
                ? RowFactory.create(null, null, null, null, done.seconds(), done.error())
                : RowFactory.create(mask.width, mask.height, mask.png, mask.shares, done.seconds(), null);
    }

    /** Returns the row of the bytes of a picture; null for null. */
    Row segment(byte[] picture) {
        return picture == null ? null : make("picture", Content.of(picture));
    }

    private static Mask mask(Segmentation found) throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        PalettePng.write(png, found.labels(), Segmentation.palette(found.classes()));
        Row[] shares = found.classes().stream()
                .filter(each -> found.shares()[each.id()] > 0)
                .map(each -> share(each, found))
                .toArray(Row[]::new);
        return new Mask(found.labels().width(), found.labels().height(), png.toByteArray(), shares);
    }

    private static Row share(ClassInfo found, Segmentation in) {
        return RowFactory.create(found.id(), found.name(), in.shares()[found.id()], in.scores()[found.id()]);
    }
}
