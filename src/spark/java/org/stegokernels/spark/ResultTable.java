package org.stegokernels.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.stegokernels.io.Sha256;

/**
 * The rows that runs of a job have left in a folder of Parquet files, one for each picture, and so what is still to be done. A
 * picture is known by its path, length and time of change, a result by that and a key of all else that it depends on: the
 * program's version, the model and the settings.
 *
 * @param identity columns that a picture is known by, or a part of one
 * @param schema of the results beside that and the key
 */
record ResultTable(SparkSession spark, Path folder, StructType identity, StructType schema, String key) {
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
    static String key(ModelBroadcast model, String settings) {
        String version = ResultTable.class.getPackage().getImplementationVersion();
        return Sha256.hex(version + "\n" + model.key() + "\n" + settings).substring(0, KEY_LENGTH);
    }

    /** Returns the schema of all columns. */
    StructType columns() {
        StructType columns = new StructType();
        for (StructField field : identity.fields()) {
            columns = columns.add(field.name(), field.dataType());
        }
        columns = columns.add(KEY, DataTypes.StringType);
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
    static void requireOwn(Path folder, Configuration hadoop) throws IOException {
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
                return spark.createDataFrame(List.of(), columns());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
        return pictures.join(rows(), identity.fieldNames(), how);
    }

    /**
     * Adds the rows that are not there, task by task.
     *
     * @param perTask the most rows that a task makes
     * @return their number
     */
    long fill(Dataset<Row> pictures, RowMaker maker, int perTask, Progress progress, Console console) {
        Dataset<Row> missing = missing(pictures).persist(StorageLevel.MEMORY_AND_DISK());
        try {
            long count = missing.count();
            if (count > 0) {
                SparkContext context = spark.sparkContext();
                Broadcast<SerializableConfiguration> hadoop = new JavaSparkContext(context)
                        .broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
                Dataset<Row> rows = missing.repartition(Job.tasks(context, count, perTask))
                        .mapPartitions(new Rows(maker, identity.fieldNames(), key, hadoop), Encoders.row(columns()));
                try (Progress.Teller teller = progress.tell(console, count)) {
                    rows.write().mode(SaveMode.Append).options(COMMIT_BY_TASK).parquet(folder.toString());
                }
            }
            return count;
        } finally {
            missing.unpersist();
        }
    }

    /** Turns pictures of a listing into rows. */
    private record Rows(RowMaker maker, String[] identity, String key, Broadcast<SerializableConfiguration> hadoop)
            implements MapPartitionsFunction<Row, Row> {
        @Override
        public Iterator<Row> call(Iterator<Row> pictures) {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return pictures.hasNext();
                }

                @Override
                public Row next() {
                    return row(pictures.next());
                }
            };
        }

        private Row row(Row picture) {
            Path path = new Path(picture.<String>getAs(PictureListing.PATH));
            Row made = maker.make(picture, path, hadoop.value().value());
            Object[] columns = new Object[identity.length + 1 + made.size()];
            for (int i = 0; i < identity.length; i++) {
                columns[i] = picture.getAs(identity[i]);
            }
            columns[identity.length] = key;
            for (int i = 0; i < made.size(); i++) {
                columns[identity.length + 1 + i] = made.get(i);
            }
            return RowFactory.create(columns);
        }
    }
}
