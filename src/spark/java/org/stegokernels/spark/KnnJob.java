package org.stegokernels.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.apache.spark.HashPartitioner;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.stegokernels.knn.NeighborGraph;
import org.stegokernels.spark.ExecutorModels.Loaned;
import org.stegokernels.spark.PictureWork.Content;
import org.stegokernels.spark.PictureWork.Outcome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import scala.Tuple2;

/** {@code knn}: which pictures of a dataset are alike, exactly, however many there are. */
@Command(
        name = KnnJob.NAME,
        description = {
            "Finds the nearest neighbours of each image of a dataset.",
            "",
            "Compares the cosines of the images' mean features, exactly. Writes Parquet files with a row for each image:"
                    + " index, path, neighbours (their indices, the image itself first), similarities."
        })
final class KnnJob extends DatasetJob {
    static final String NAME = "knn";

    private static final int PUBLISHED_NEIGHBOURS = 30;
    /** Images that are compared with as many at a time: 12 MB of features of 384 channels. */
    private static final int BLOCK = 8192;

    private final int blockSize;

    private static final StructType SCHEMA = new StructType()
            .add("index", DataTypes.IntegerType)
            .add("path", DataTypes.StringType)
            .add("neighbours", DataTypes.createArrayType(DataTypes.IntegerType, false))
            .add("similarities", DataTypes.createArrayType(DataTypes.FloatType, false));

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            order = 1,
            required = true,
            description = "Folder for the rows; made if missing.")
    private String out;

    @Option(
            names = "--split",
            paramLabel = "NAME",
            order = 4,
            defaultValue = "train",
            description = "Which part of it. Default: ${DEFAULT-VALUE}.")
    private String split;

    @Option(
            names = {"-k", "--neighbours"},
            paramLabel = "K",
            order = 8,
            description = "How many for each image, itself included. Default: 30, or all if there are fewer.")
    private Integer neighbours;

    KnnJob(Console console) {
        this(console, BLOCK);
    }

    KnnJob(Console console, int blockSize) {
        super(console);
        this.blockSize = blockSize;
    }

    /** An image that could be used, or why it could not. */
    private record Embedded(String path, float[] embedding, String error) implements Serializable {}

    /**
     * Images that follow each other.
     *
     * @param first index of the first one among all that can be used
     * @param embeddings {@code [n, C]}
     */
    private record Block(int first, List<String> paths, float[] embeddings) implements Serializable {}

    @Override
    void check() {
        super.check();
        if (neighbours != null && neighbours < 2) {
            throw new UsageException("--neighbours must be 2 or more, not " + neighbours);
        }
    }

    @Override
    int run(SparkSession spark) throws IOException {
        SparkContext context = spark.sparkContext();
        Path folder = new Path(out);
        ResultTable.requireOwn(folder, context.hadoopConfiguration());
        ModelBroadcast model = model(context);
        PictureWork work = work(context, model);
        SquareFeatures features = look(model, loaded -> features(work, loaded));
        List<String> paths = pictures(spark, split);
        JavaRDD<Embedded> embedded = embedded(context, paths, features).persist(StorageLevel.MEMORY_AND_DISK());
        try (Progress.Teller teller = work.progress().tell(console, paths.size())) {
            List<Integer> counts = embedded.mapPartitions(KnnJob::usable).collect();
            int usable = counts.stream().mapToInt(Integer::intValue).sum();
            int wanted = Math.min(usable, neighbours == null ? PUBLISHED_NEIGHBOURS : neighbours);
            if (usable < 2 || neighbours != null && neighbours > usable) {
                throw new UsageException("neighbours can't be found among " + usable
                        + " images: give more images, or ask" + " for fewer neighbours");
            }
            JavaRDD<Block> blocks = blocks(embedded, counts, blockSize).persist(StorageLevel.MEMORY_AND_DISK());
            List<Broadcast<Block>> all = broadcast(context, blocks);
            JavaRDD<Row> rows = blocks.flatMap(block -> rows(nearest(block, all, wanted, features), block));
            spark.createDataFrame(rows, SCHEMA).write().mode(SaveMode.Overwrite).parquet(out);
            all.forEach(Broadcast::destroy);
            blocks.unpersist();
            console.print(String.format(Locale.ROOT, "%d neighbours of each of %d images: %s", wanted, usable, out));
            return tellErrors(embedded.filter(each -> each.error != null)
                    .map(each -> each.path + ": " + each.error)
                    .collect());
        } finally {
            embedded.unpersist();
        }
    }

    private static JavaRDD<Embedded> embedded(SparkContext context, List<String> paths, SquareFeatures features) {
        Broadcast<SerializableConfiguration> hadoop = hadoop(context);
        return numbered(context, paths).map(picture -> {
            Path path = new Path(picture.path());
            Outcome<float[]> done = features.embedding(
                    path.getName(), Content.of(path, hadoop.value().value()));
            return new Embedded(picture.path(), done.value(), done.error());
        });
    }

    private static Iterator<Integer> usable(Iterator<Embedded> images) {
        int usable = 0;
        while (images.hasNext()) {
            usable += images.next().error == null ? 1 : 0;
        }
        return List.of(usable).iterator();
    }

    /** Puts images that follow each other together, so many that to compare two blocks is worth a task. */
    private static JavaRDD<Block> blocks(JavaRDD<Embedded> embedded, List<Integer> counts, int size) {
        int[] firsts = new int[counts.size()];
        for (int i = 1; i < firsts.length; i++) {
            firsts[i] = firsts[i - 1] + counts.get(i - 1);
        }
        int all = firsts[firsts.length - 1] + counts.get(firsts.length - 1);
        int parts = (all + size - 1) / size;
        JavaPairRDD<Integer, Block> small = embedded.mapPartitionsWithIndex(
                        (index, images) -> small(firsts[index], images), false)
                .mapToPair(block -> new Tuple2<>((int) ((long) block.first * parts / all), block));
        return small.groupByKey(new HashPartitioner(parts)).sortByKey().map(group -> joined(group._2()));
    }

    private static Iterator<Block> small(int first, Iterator<Embedded> images) {
        List<String> paths = new ArrayList<>();
        List<float[]> embeddings = new ArrayList<>();
        images.forEachRemaining(image -> {
            if (image.error == null) {
                paths.add(image.path);
                embeddings.add(image.embedding);
            }
        });
        return paths.isEmpty()
                ? List.<Block>of().iterator()
                : List.of(new Block(first, paths, joined(embeddings))).iterator();
    }

    private static Block joined(Iterable<Block> blocks) {
        List<Block> ordered = new ArrayList<>();
        blocks.forEach(ordered::add);
        ordered.sort(Comparator.comparingInt(Block::first));
        List<String> paths = new ArrayList<>();
        ordered.forEach(block -> paths.addAll(block.paths));
        return new Block(
                ordered.get(0).first,
                paths,
                joined(ordered.stream().map(Block::embeddings).toList()));
    }

    private static float[] joined(List<float[]> rows) {
        int length = rows.stream().mapToInt(row -> row.length).sum();
        float[] joined = new float[length];
        int at = 0;
        for (float[] row : rows) {
            System.arraycopy(row, 0, joined, at, row.length);
            at += row.length;
        }
        return joined;
    }

    /** Sends each block to all executors, one at a time through the driver; they fetch them as they need them. */
    private static List<Broadcast<Block>> broadcast(SparkContext context, JavaRDD<Block> blocks) {
        JavaSparkContext sender = new JavaSparkContext(context);
        List<Broadcast<Block>> all = new ArrayList<>();
        blocks.map(block -> new Block(block.first, List.of(), block.embeddings))
                .toLocalIterator()
                .forEachRemaining(block -> all.add(sender.broadcast(block)));
        return all;
    }

    private static NeighborGraph nearest(Block block, List<Broadcast<Block>> all, int wanted, SquareFeatures features) {
        int channels = block.embeddings.length / block.paths.size();
        NeighborGraph nearest = null;
        try (Loaned loaned =
                ExecutorModels.borrow(features.work().model(), features.work().placement())) {
            for (Broadcast<Block> each : all) {
                PictureWork.requireWanted();
                Block other = each.value();
                NeighborGraph found = NeighborGraph.among(
                        loaned.model().device(), block.embeddings, other.embeddings, other.first, channels, wanted);
                nearest = nearest == null ? found : nearest.followedBy(found, wanted);
            }
        }
        nearest.putSelfFirst(block.first);
        return nearest;
    }

    private static Iterator<Row> rows(NeighborGraph graph, Block block) {
        int k = graph.neighbours();
        List<Row> rows = new ArrayList<>(graph.images());
        for (int image = 0; image < graph.images(); image++) {
            rows.add(RowFactory.create(
                    block.first + image,
                    block.paths.get(image),
                    Arrays.copyOfRange(graph.indices(), image * k, (image + 1) * k),
                    Arrays.copyOfRange(graph.similarities(), image * k, (image + 1) * k)));
        }
        return rows.iterator();
    }
}
