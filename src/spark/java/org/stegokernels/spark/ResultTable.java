package org.stegokernels.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.io.IOException;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.stegokernels.io.Sha256;

/**
 * The rows that runs of a job have left in a folder of Parquet files, one for each picture, and so what is still to be done. A
 * picture is known by its path, length and time of change, a result by that and a key of all else that it depends on: the
 * program's version, the model and the settings.
 *
 * @param schema of the results beside what they are known by
 */
record ResultTable(SparkSession spark, Path folder, StructType schema, String key) {
    static final String KEY = "modelKey";
    static final String ERROR = "error";

    private static final int KEY_LENGTH = 32;
    private static final Pattern OWN_FILE = Pattern.compile("part-.*|[._].*");
    /**
     * Each task's file is in its place when the task ends, not when all do: what is done stays when a run is killed. A task's
     * attempts all write the same name.
     */
    private static final Map<String, String> COMMIT_BY_TASK =
            Map.of("mapreduce.fileoutputcommitter.algorithm.version", "2");

    /** Returns the key of results. */
    static String key(ModelBroadcast model, Object settings) {
        String version = ResultTable.class.getPackage().getImplementationVersion();
        return Sha256.hex(version + "\n" + model.key() + "\n" + settings).substring(0, KEY_LENGTH);
    }

    /** Returns the schema of all columns. */
    StructType columns() {
        StructType columns = new StructType()
                .add(PictureListing.PATH, DataTypes.StringType)
                .add(PictureListing.LENGTH, DataTypes.LongType)
                .add(PictureListing.TIME, DataTypes.TimestampType)
                .add(KEY, DataTypes.StringType);
        for (StructField field : schema.fields()) {
            columns = columns.add(field);
        }
        return columns;
    }

    /**
     * Refuses a folder with files of others.
     *
     * @throws UsageException if there are some
     */
    void requireOwn(Configuration hadoop) throws IOException {
        FileSystem files = folder.getFileSystem(hadoop);
        if (!files.exists(folder)) {
            return;
        }
        for (FileStatus each : files.listStatus(folder)) {
            if (!OWN_FILE.matcher(each.getPath().getName()).matches()) {
                throw new UsageException("--out: " + folder + " holds other things, "
                        + each.getPath().getName() + " for instance: choose another folder");
            }
        }
    }

    /** Returns the rows of this key that are there, those with errors too. */
    Dataset<Row> rows() {
        try {
            FileSystem files = folder.getFileSystem(spark.sparkContext().hadoopConfiguration());
            if (!files.exists(folder)) {
                return spark.createDataFrame(java.util.List.of(), columns());
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return spark.read().schema(columns()).parquet(folder.toString()).where(col(KEY).equalTo(lit(key)));
    }

    /** Returns those pictures that have no row yet. */
    Dataset<Row> missing(Dataset<Row> pictures) {
        return join(pictures, "left_anti");
    }

    /** Returns the pictures that have a row, with all its columns. */
    Dataset<Row> done(Dataset<Row> pictures) {
        return join(pictures, "inner");
    }

    private Dataset<Row> join(Dataset<Row> pictures, String how) {
        return pictures.join(
                rows(), new String[] {PictureListing.PATH, PictureListing.LENGTH, PictureListing.TIME}, how);
    }

    /** Adds rows, task by task. */
    void append(Dataset<Row> rows) {
        rows.write().mode(SaveMode.Append).options(COMMIT_BY_TASK).parquet(folder.toString());
    }
}
