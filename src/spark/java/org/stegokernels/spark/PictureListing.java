package org.stegokernels.spark;

import static org.apache.spark.sql.functions.min;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.stegokernels.image.ImageFolder;
import org.stegokernels.image.ImageReader;

/**
 * The pictures that the arguments of a job stand for, on whatever file systems Hadoop knows: files, folders with all below,
 * and Hadoop's patterns. As on the command line hidden files are left out, and not those that begin with an underscore, as
 * Spark's own sources would: cameras give such names.
 *
 * @param pictures each once: {@code path}, {@code length}, {@code modificationTime}, and {@code name}, what its files are called:
 *     its path below the folder that was given, without extension
 * @param failures arguments that stand for nothing, and why
 */
record PictureListing(Dataset<Row> pictures, List<String> failures) {
    static final String PATH = "path";
    static final String LENGTH = "length";
    static final String TIME = "modificationTime";
    static final String NAME = "name";

    /** Columns that a picture is known by. */
    static final StructType IDENTITY = new StructType()
            .add(PATH, DataTypes.StringType, false)
            .add(LENGTH, DataTypes.LongType, false)
            .add(TIME, DataTypes.TimestampType, false);

    private static final StructType SCHEMA = IDENTITY.add(NAME, DataTypes.StringType, false);

    /**
     * A folder to look through.
     *
     * @param root the one that was given, which it lies in
     */
    private record Folder(String root, String path) implements java.io.Serializable {}

    /**
     * Looks through the first two levels of folders on the driver, and all below on the executors.
     *
     * @param results folders of results, whose contents are nobody's pictures
     * @throws IOException if a folder can't be read
     */
    static PictureListing of(SparkSession spark, List<String> arguments, List<Path> results) throws IOException {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        Configuration hadoop = context.hadoopConfiguration();
        List<String> skipped = new ArrayList<>();
        for (Path each : results) {
            skipped.add(each.getFileSystem(hadoop).makeQualified(each).toString() + Path.SEPARATOR);
        }
        List<Row> files = new ArrayList<>();
        List<Folder> folders = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (String argument : arguments) {
            List<FileStatus> found = argument.isEmpty() ? List.of() : find(argument, hadoop);
            if (found.isEmpty()) {
                failures.add(
                        argument.isEmpty()
                                ? "an input without a name"
                                : argument + ": there is no such file or folder");
            }
            for (FileStatus each : found) {
                if (each.isDirectory()) {
                    open(each.getPath(), hadoop, skipped, files, folders);
                } else {
                    files.add(row(each, each.getPath().getParent().toString()));
                }
            }
        }
        Broadcast<SerializableConfiguration> configuration = context.broadcast(new SerializableConfiguration(hadoop));
        int tasks = Math.max(1, context.defaultParallelism());
        JavaRDD<Row> below = context.parallelize(folders, Math.min(Math.max(1, folders.size()), 8 * tasks))
                .flatMap(folder -> below(folder, configuration.value().value(), skipped));
        Dataset<Row> all =
                spark.createDataFrame(context.parallelize(files, tasks).union(below), SCHEMA);
        if (arguments.size() > 1) {
            all = all.groupBy(PATH)
                    .agg(min(LENGTH).as(LENGTH), min(TIME).as(TIME), min(NAME).as(NAME));
        }
        return new PictureListing(all, failures);
    }

    private static List<FileStatus> find(String argument, Configuration hadoop) throws IOException {
        Path path = new Path(argument);
        FileSystem files = path.getFileSystem(hadoop);
        try {
            return List.of(files.getFileStatus(path));
        } catch (FileNotFoundException e) {
            FileStatus[] matching = files.globStatus(path);
            return matching == null ? List.of() : List.of(matching);
        }
    }

    private static void open(
            Path root, Configuration hadoop, List<String> skipped, List<Row> files, List<Folder> folders)
            throws IOException {
        for (FileStatus each : root.getFileSystem(hadoop).listStatus(root)) {
            if (each.isDirectory() && !isHidden(each.getPath())) {
                folders.add(new Folder(root.toString(), each.getPath().toString()));
            } else if (isPicture(each.getPath(), root, skipped)) {
                files.add(row(each, root.toString()));
            }
        }
    }

    private static Iterator<Row> below(Folder folder, Configuration hadoop, List<String> skipped) throws IOException {
        Path path = new Path(folder.path());
        RemoteIterator<LocatedFileStatus> found = path.getFileSystem(hadoop).listFiles(path, true);
        List<Row> rows = new ArrayList<>();
        while (found.hasNext()) {
            LocatedFileStatus each = found.next();
            if (isPicture(each.getPath(), path, skipped)) {
                rows.add(row(each, folder.root()));
            }
        }
        return rows.iterator();
    }

    private static boolean isPicture(Path path, Path folder, List<String> skipped) {
        for (Path each = path; each != null && !each.equals(folder); each = each.getParent()) {
            if (isHidden(each)) {
                return false;
            }
        }
        return ImageReader.hasImageExtension(java.nio.file.Path.of(path.getName()))
                && skipped.stream().noneMatch(path.toString()::startsWith);
    }

    private static boolean isHidden(Path path) {
        return path.getName().startsWith(".");
    }

    private static Row row(FileStatus file, String root) {
        String path = file.getPath().toString();
        String below =
                root.endsWith(Path.SEPARATOR) ? path.substring(root.length()) : path.substring(root.length() + 1);
        String name = ImageFolder.withoutExtension(java.nio.file.Path.of(below)).toString();
        return RowFactory.create(path, file.getLen(), new Timestamp(file.getModificationTime()), name);
    }
}
