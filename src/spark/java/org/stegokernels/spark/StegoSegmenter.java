package org.stegokernels.spark;

import java.io.Serializable;
import java.util.Iterator;
import java.util.Objects;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.stegokernels.image.ImageReader;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Segmenter.Options.Probe;

/**
 * Adds segmentations to a dataset with pictures, as a transformer of Spark's does.
 *
 * <pre>{@code
 * Dataset<Row> pictures = spark.read().format("binaryFile").load("hdfs:///photos");
 * Dataset<Row> found = new StegoSegmenter("stego.safetensors")
 *         .setInputCol("content")
 *         .setOutputCol("found")
 *         .transform(pictures);
 * found.select("path", "found.mask", "found.error").write().parquet("hdfs:///masks");
 * }</pre>
 *
 * <p>The column of results is a struct: {@code width}, {@code height}, {@code mask} (a PNG whose palette indices are class ids),
 * {@code shares} (id, name, share and score of each class in the picture), {@code seconds}, {@code error}. A picture that
 * can't be used has an error and no mask; null has null.
 */
public final class StegoSegmenter {
    private final String model;
    private String inputCol = "content";
    private String outputCol = "segmentation";
    private Integer size;
    private Segmenter.Options options = Segmenter.Options.DEFAULT;
    private Probe probe;
    private ImageReader.Limits limits = ImageReader.Limits.DEFAULT;
    private Placement placement = Placement.DEFAULT;

    /** Uses the small model that comes with the program. */
    public StegoSegmenter() {
        this(null);
    }

    /**
     * Uses a model.
     *
     * @param model a safetensors file on the machine of the driver, a URI that Hadoop can read, or the name of a model that is
     *     there; null for the demo model
     */
    public StegoSegmenter(String model) {
        this.model = model;
    }

    /** Sets the column with the bytes of picture files; {@code content} by default, as the source binaryFile calls it. */
    public StegoSegmenter setInputCol(String name) {
        inputCol = Objects.requireNonNull(name);
        return this;
    }

    /** Sets the name of the column of results; {@code segmentation} by default. */
    public StegoSegmenter setOutputCol(String name) {
        outputCol = Objects.requireNonNull(name);
        return this;
    }

    /** Sets the shorter side in pixels of what the model sees; by default what it was made for. */
    public StegoSegmenter setSize(int pixels) {
        options = options.withSize(pixels);
        size = pixels;
        return this;
    }

    /** Sets whether a dense CRF sharpens the borders, as it does by default. */
    public StegoSegmenter setCrf(boolean on) {
        options = options.withCrf(on);
        return this;
    }

    /** Sets whether the mirror image is looked at too, as it is by default. */
    public StegoSegmenter setFlip(boolean on) {
        options = options.withFlip(on);
        return this;
    }

    /** Sets the classifier that is asked; by default the model's clusters, or without any its linear probe. */
    public StegoSegmenter setProbe(Probe asked) {
        probe = asked;
        return this;
    }

    /** Sets the most pixels that a picture may have. */
    public StegoSegmenter setMaxPixels(long pixels) {
        limits = limits.withMaxPixels(pixels);
        return this;
    }

    /** Sets where tasks compute: {@code cpu}, {@code opencl:0}, ...; by default the GPU that Spark gives a task, else its CPUs. */
    public StegoSegmenter setDevice(String name) {
        placement = new Placement(name, placement.threads(), placement.precision());
        return this;
    }

    /**
     * Returns the schema of what {@link #transform} makes of a schema.
     *
     * @throws IllegalArgumentException if there is no such input column, it is not of bytes, or there is an output column already
     */
    public StructType transformSchema(StructType schema) {
        if (!schema.apply(inputCol).dataType().equals(DataTypes.BinaryType)) {
            throw new IllegalArgumentException("column " + inputCol + " must have the bytes of picture files, not "
                    + schema.apply(inputCol).dataType().simpleString());
        }
        if (schema.getFieldIndex(outputCol).isDefined()) {
            throw new IllegalArgumentException(
                    "there is a column " + outputCol + " already: choose another output column");
        }
        return schema.add(outputCol, Segmenting.RESULT);
    }

    /**
     * Adds the column of results.
     *
     * @throws org.stegokernels.weights.ModelException if the model can't be read
     * @throws IllegalArgumentException as {@link #transformSchema}, and if the model has no such probe
     */
    public Dataset<Row> transform(Dataset<Row> pictures) {
        StructType schema = transformSchema(pictures.schema());
        int input = pictures.schema().fieldIndex(inputCol);
        return pictures.mapPartitions(new Adding(segmenting(pictures.sparkSession()), input), Encoders.row(schema));
    }

    /** Returns what tasks do; the model is broadcast. */
    Segmenting segmenting(SparkSession spark) {
        ModelBroadcast found = ModelBroadcast.of(new JavaSparkContext(spark.sparkContext()), model);
        Segmenter.Options fitting = Job.look(found, loaded -> {
            if (loaded.probes().isEmpty() || probe != null && !loaded.probes().contains(probe)) {
                throw new IllegalArgumentException(found.label() + " has no such probe, it has " + loaded.probes());
            }
            return options.withProbe(probe == null ? loaded.probes().get(0) : probe)
                    .withSize(size == null ? loaded.info().settings().inputSize() : size);
        });
        return new Segmenting(new PictureWork(found, limits, placement, null), fitting);
    }

    /** Adds a column to rows. */
    private record Adding(Segmenting segmenting, int input) implements MapPartitionsFunction<Row, Row>, Serializable {
        @Override
        public Iterator<Row> call(Iterator<Row> rows) {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return rows.hasNext();
                }

                @Override
                public Row next() {
                    return added(rows.next());
                }
            };
        }

        private Row added(Row row) {
            Object[] columns = new Object[row.size() + 1];
            for (int i = 0; i < row.size(); i++) {
                columns[i] = row.get(i);
            }
            columns[row.size()] = segmenting.segment(row.<byte[]>getAs(input));
            return RowFactory.create(columns);
        }
    }
}
