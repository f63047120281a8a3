package org.stegokernels.spark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.LabelMap;
import org.stegokernels.raster.Raster;
import org.stegokernels.raster.Raster.Region;
import org.stegokernels.raster.RasterView;
import org.stegokernels.raster.RasterView.Bands;
import org.stegokernels.raster.RasterView.Stretch;
import org.stegokernels.spark.PictureWork.Attempt;
import org.stegokernels.spark.Segmenting.Mask;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Segmentation.ClassInfo;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.TiledSegmenter;

/**
 * The way from a region of a TIFF of any size to a row with its mask. A task reads no more of the file than its region, what
 * surrounds that, and the windows that the stretch is measured in; the surroundings are segmented too and cut off.
 *
 * @param tile side of a tile in pixels of the picture
 * @param side of a region in pixels
 * @param bands as {@code --bands} gives them, or null
 * @param stretch as {@code --stretch} gives it, or null
 */
record Mosaicking(PictureWork work, Segmenter.Options options, int tile, int side, String bands, String stretch)
        implements RowMaker {
    static final String X = "x";
    static final String Y = "y";
    static final String WIDTH = "width";
    static final String HEIGHT = "height";
    static final String HALO = "halo";

    /** Columns of a region beside those of its picture: where it lies in it, and how much around it is seen with it. */
    static final StructType REGION = new StructType()
            .add(X, DataTypes.IntegerType, false)
            .add(Y, DataTypes.IntegerType, false)
            .add(WIDTH, DataTypes.IntegerType, false)
            .add(HEIGHT, DataTypes.IntegerType, false)
            .add(HALO, DataTypes.IntegerType, false);

    /** The columns of {@link Segmenting#RESULT} without the size, which the region has. */
    private static final StructType RESULT =
            new StructType(Arrays.copyOfRange(Segmenting.RESULT.fields(), 2, Segmenting.RESULT.length()));

    /** A file on a file system of Hadoop's, read at any place. */
    private record Bytes(FSDataInputStream in, long size) implements Raster.Bytes {
        static Raster open(Path path, Configuration hadoop, PictureWork work) throws IOException {
            FileSystem files = path.getFileSystem(hadoop);
            Bytes bytes = new Bytes(files.open(path), files.getFileStatus(path).getLen());
            return Raster.open(java.nio.file.Path.of(path.getName()), bytes, work.limits());
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            int count = in.read(position, target.array(), target.arrayOffset() + target.position(), target.remaining());
            target.position(target.position() + Math.max(0, count));
            return count;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    @Override
    public StructType schema() {
        return RESULT;
    }

    @Override
    public String settings() {
        return options + ", tile " + tile + ", bands " + bands + ", stretch " + stretch;
    }

    /** Returns the regions of pictures. One that can't be read becomes one region, whose row will say why. */
    Dataset<Row> regions(Dataset<Row> pictures, StructType schema, Broadcast<SerializableConfiguration> hadoop) {
        return pictures.mapPartitions(
                (org.apache.spark.api.java.function.MapPartitionsFunction<Row, Row>)
                        rows -> regions(rows, hadoop.value().value()),
                Encoders.row(schema));
    }

    private Iterator<Row> regions(Iterator<Row> pictures, Configuration hadoop) {
        List<Row> regions = new ArrayList<>();
        pictures.forEachRemaining(picture -> {
            Path path = new Path(picture.<String>getAs(PictureListing.PATH));
            try (Raster raster = Bytes.open(path, hadoop, work)) {
                for (int y = 0; y < raster.height(); y += side) {
                    for (int x = 0; x < raster.width(); x += side) {
                        int width = Math.min(side, raster.width() - x);
                        regions.add(row(picture, x, y, width, Math.min(side, raster.height() - y)));
                    }
                }
            } catch (IOException | ImageException e) {
                regions.add(row(picture, 0, 0, 0, 0));
            }
        });
        return regions.iterator();
    }

    private Row row(Row picture, int x, int y, int width, int height) {
        return RowFactory.create(
                picture.getAs(PictureListing.PATH),
                picture.getAs(PictureListing.LENGTH),
                picture.getAs(PictureListing.TIME),
                x,
                y,
                width,
                height,
                tile);
    }

    @Override
    public Row make(Row picture, Path file, Configuration hadoop) {
        int x = picture.getAs(X);
        int y = picture.getAs(Y);
        int width = picture.getAs(WIDTH);
        int height = picture.getAs(HEIGHT);
        Row made = Segmenting.row(work.attempt(model -> {
            try (Raster raster = Bytes.open(file, hadoop, work);
                    TiledSegmenter segmenter = TiledSegmenter.of(model.model(), options, tile, new StageTimes())) {
                LabelMap labels = labels(raster, new Region(x, y, width, height), segmenter);
                List<ClassInfo> classes = segmenter.classes();
                return new Attempt<>(Mask.of(labels, classes), (long) width * height);
            }
        }));
        Object[] columns = new Object[RESULT.length()];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = made.get(2 + i);
        }
        return RowFactory.create(columns);
    }

    private LabelMap labels(Raster raster, Region region, TiledSegmenter segmenter) throws IOException {
        int left = Math.max(0, region.x() - tile);
        int top = Math.max(0, region.y() - tile);
        int right = Math.min(raster.width(), region.x() + region.width() + tile);
        int bottom = Math.min(raster.height(), region.y() + region.height() + tile);
        RasterView whole = raster.view(
                bands == null ? raster.standardBands() : Bands.parse(bands),
                stretch == null ? raster.standardStretch() : Stretch.parse(stretch));
        byte[] labels = new byte[Math.multiplyExact(region.width(), region.height())];
        int[] next = {top};
        segmenter.segment(
                whole.part(new Region(left, top, right - left, bottom - top)),
                1,
                0,
                (rows, confidence) -> {
                    for (int row = 0; row < rows.height(); row++) {
                        int y = next[0]++ - region.y();
                        if (y >= 0 && y < region.height()) {
                            int from = row * rows.width() + region.x() - left;
                            System.arraycopy(rows.labels(), from, labels, y * region.width(), region.width());
                        }
                    }
                },
                (done, all) -> PictureWork.requireWanted());
        return new LabelMap(region.width(), region.height(), labels);
    }
}
