package org.stegokernels.spark;

import org.apache.spark.sql.Row;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.StructType;

/**
 * A function for SQL and PySpark from the bytes of a picture file to its segmentation, the struct that {@link StegoSegmenter}
 * makes. Which model and how is what the session says when the function is made: {@code spark.stego.model}, {@code
 * spark.stego.size}, {@code spark.stego.crf}, {@code spark.stego.flip}, {@code spark.stego.device}.
 *
 * <pre>{@code
 * spark.udf().register("segment", new SegmentUdf(), SegmentUdf.RETURN_TYPE);
 * }</pre>
 *
 * <pre>{@code
 * # PySpark
 * spark.conf.set("spark.stego.model", "stego.safetensors")
 * spark._jvm.org.stegokernels.spark.SegmentUdf.register(spark._jsparkSession, "segment")
 * }</pre>
 */
public final class SegmentUdf implements UDF1<byte[], Row> {
    private static final long serialVersionUID = 1L;
    private static final String PREFIX = "spark.stego.";

    /** The type of its results. */
    public static final StructType RETURN_TYPE = Segmenting.RESULT;

    private final Segmenting segmenting;

    /** Uses the active session, which broadcasts the model. */
    public SegmentUdf() {
        this(SparkSession.active());
    }

    private SegmentUdf(SparkSession spark) {
        RuntimeConfig conf = spark.conf();
        StegoSegmenter segmenter = new StegoSegmenter(conf.get(PREFIX + "model", null))
                .setCrf(Boolean.parseBoolean(conf.get(PREFIX + "crf", "true")))
                .setFlip(Boolean.parseBoolean(conf.get(PREFIX + "flip", "true")))
                .setDevice(conf.get(PREFIX + "device", Placement.DEFAULT.device()));
        String size = conf.get(PREFIX + "size", null);
        if (size != null) {
            segmenter.setSize(Integer.parseInt(size));
        }
        segmenting = segmenter.segmenting(spark);
    }

    /**
     * Registers the function with a session. Spark then computes each picture once, however many fields of the result a query
     * takes.
     */
    public static void register(SparkSession spark, String name) {
        spark.udf()
                .register(
                        name,
                        org.apache
                                .spark
                                .sql
                                .functions
                                .udf(new SegmentUdf(spark), RETURN_TYPE)
                                .asNondeterministic());
    }

    @Override
    public Row call(byte[] picture) {
        return segmenting.segment(picture);
    }
}
