package org.stegokernels.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;

class StegoSegmenterTest {
    private static final String MODEL = "kernels/reference/pipeline.safetensors";

    @RegisterExtension
    static final LocalSpark SPARK = new LocalSpark(2);

    @TempDir
    Path folder;

    private static byte[] expected(Path photograph) throws IOException {
        try (Device device = Devices.choose("cpu").open(Device.Options.DEFAULT);
                Stego model = Stego.load(Path.of(MODEL), device);
                Segmenter segmenter = Segmenter.of(model, Segmenter.Options.DEFAULT.withSize(64))) {
            Segmentation found = segmenter.segment(ImageReader.read(photograph));
            ByteArrayOutputStream mask = new ByteArrayOutputStream();
            PalettePng.write(mask, found.labels(), Segmentation.palette(found.classes()));
            return mask.toByteArray();
        }
    }

    private static Dataset<Row> bytes(byte[]... pictures) {
        List<Row> rows = new java.util.ArrayList<>();
        for (byte[] picture : pictures) {
            rows.add(RowFactory.create(rows.size(), picture));
        }
        return SPARK.session()
                .createDataFrame(
                        rows, new StructType().add("id", DataTypes.IntegerType).add("jpeg", DataTypes.BinaryType));
    }

    @Test
    void aColumnOfPicturesGetsOneOfMasks() throws IOException {
        Path photograph = Photographs.write(folder.resolve("a.jpg"), 3);

        List<Row> rows = new StegoSegmenter(MODEL)
                .setSize(64)
                .setInputCol("jpeg")
                .setOutputCol("found")
                .transform(bytes(Photographs.bytes(photograph), "no picture".getBytes(), null))
                .orderBy("id")
                .select("found")
                .collectAsList();

        assertThat(rows.get(0).getStruct(0).<byte[]>getAs("mask")).isEqualTo(expected(photograph));
        assertThat(rows.get(1).getStruct(0).<String>getAs("error")).contains("is not an image");
        assertThat(rows.get(1).getStruct(0).<byte[]>getAs("mask")).isNull();
        assertThat(rows.get(2).isNullAt(0)).isTrue();
    }

    @Test
    void spotsWhatDoesNotFit() {
        StegoSegmenter segmenter = new StegoSegmenter(MODEL).setInputCol("id");

        assertThatThrownBy(() -> segmenter.transform(bytes()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("column id must have the bytes of picture files, not int");
        assertThatThrownBy(() -> new StegoSegmenter(MODEL)
                        .setInputCol("jpeg")
                        .setOutputCol("id")
                        .transform(bytes()))
                .hasMessageContaining("there is a column id already");
    }

    @Test
    void sqlHasTheFunction() throws IOException {
        Path photograph = Photographs.write(folder.resolve("a.jpg"), 4);
        SPARK.session().conf().set("spark.stego.model", MODEL);
        SPARK.session().conf().set("spark.stego.size", "64");
        // As PySpark's registerJavaFunction does.
        SPARK.session().udf().registerJava("segment", SegmentUdf.class.getName(), SegmentUdf.RETURN_TYPE);
        bytes(Photographs.bytes(photograph)).createOrReplaceTempView("pictures");

        Row row = SPARK.session().sql("SELECT segment(jpeg).mask FROM pictures").first();

        assertThat(row.<byte[]>getAs(0)).isEqualTo(expected(photograph));
    }

    @Test
    void aRegisteredFunctionComputesEachPictureOnce() throws IOException {
        Path photograph = Photographs.write(folder.resolve("a.jpg"), 5);
        SPARK.session().conf().set("spark.stego.model", MODEL);
        SPARK.session().conf().set("spark.stego.size", "64");
        SegmentUdf.register(SPARK.session(), "segmented");
        bytes(Photographs.bytes(photograph)).createOrReplaceTempView("pictures");

        Row row = SPARK.session()
                .sql("SELECT found.seconds, found.seconds, found.mask"
                        + " FROM (SELECT segmented(jpeg) AS found FROM pictures)")
                .first();

        assertThat(row.getDouble(0)).isEqualTo(row.getDouble(1));
        assertThat(row.<byte[]>getAs(2)).isEqualTo(expected(photograph));
    }
}
