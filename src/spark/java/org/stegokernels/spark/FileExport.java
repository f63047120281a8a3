package org.stegokernels.spark;

import static org.apache.spark.sql.functions.col;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Loose files of the masks in a result table. Each is written beside its place and renamed, so that to write them again, or
 * twice at a time, changes nothing. Where two pictures would give one name, that of the second gets a number, as on the
 * command line; names are given on the driver, which remembers all of them for it.
 */
record FileExport(SparkSession spark, Path folder) {
    private static final String MASK = "mask";
    private static final String SUFFIX = ".png";

    /** Writes the masks of those pictures that have one. */
    void write(Dataset<Row> pictures, ResultTable table) {
        Map<String, String> renamed = renamed(pictures);
        Broadcast<SerializableConfiguration> hadoop = new JavaSparkContext(spark.sparkContext())
                .broadcast(new SerializableConfiguration(spark.sparkContext().hadoopConfiguration()));
        String root = folder.toString();
        table.done(pictures)
                .where(col(MASK).isNotNull())
                .select(PictureListing.PATH, PictureListing.NAME, MASK)
                .foreachPartition((ForeachPartitionFunction<Row>)
                        rows -> write(rows, root, renamed, hadoop.value().value()));
    }

    private static void write(Iterator<Row> rows, String root, Map<String, String> renamed, Configuration hadoop)
            throws IOException {
        while (rows.hasNext()) {
            PictureWork.requireWanted();
            Row row = rows.next();
            String name = renamed.getOrDefault(row.getString(0), row.getString(1));
            write(new Path(root, new Path(null, null, name + SUFFIX)), row.getAs(MASK), hadoop);
        }
    }

    private static void write(Path file, byte[] mask, Configuration hadoop) throws IOException {
        if (!holds(file.getFileSystem(hadoop), file, mask)) {
            HadoopFile.write(file, hadoop, out -> out.write(mask));
        }
    }

    private static boolean holds(FileSystem files, Path file, byte[] mask) throws IOException {
        if (!files.exists(file) || files.getFileStatus(file).getLen() != mask.length) {
            return false;
        }
        try (FSDataInputStream in = files.open(file)) {
            return Arrays.equals(in.readNBytes(mask.length + 1), mask);
        }
    }

    /** Returns the names of those pictures, by path, whose own name another one has. */
    private static Map<String, String> renamed(Dataset<Row> pictures) {
        Map<String, String> renamed = new HashMap<>();
        Set<String> taken = new HashSet<>();
        Iterator<Row> names = pictures.select(PictureListing.NAME, PictureListing.PATH)
                .orderBy(PictureListing.PATH)
                .toLocalIterator();
        while (names.hasNext()) {
            Row row = names.next();
            String wanted = row.getString(0);
            String name = wanted;
            // Many file systems take "A.png" and "a.png" for one file.
            for (int copy = 2; !taken.add(name.toLowerCase(Locale.ROOT)); copy++) {
                name = wanted + "-" + copy;
            }
            if (!name.equals(wanted)) {
                renamed.put(row.getString(1), name);
            }
        }
        return renamed;
    }
}
