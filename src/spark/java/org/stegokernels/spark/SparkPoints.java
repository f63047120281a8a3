package org.stegokernels.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import org.stegokernels.cluster.Clustering;
import org.stegokernels.cluster.Clustering.PartedPoints;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.spark.ExecutorModels.Loaned;
import scala.Tuple2;

/**
 * Points that stay on the executors, in parts of as many pictures each, in the order of the pictures. Results of parts are
 * collected in the order of parts.
 */
final class SparkPoints implements PartedPoints, AutoCloseable {
    private final JavaRDD<Part> parts;
    private final PictureWork work;
    private final int channels;
    /** By part: the index of its first point; and at the end the number of all. */
    private final int[] firsts;

    private final List<String> errors;

    private SparkPoints(JavaRDD<Part> parts, PictureWork work, int channels, int[] firsts, List<String> errors) {
        this.parts = parts;
        this.work = work;
        this.channels = channels;
        this.firsts = firsts;
        this.errors = errors;
    }

    /**
     * The points of one picture, {@code [n, C]}, or why it has none.
     *
     * @param picture its number among all
     */
    record Found(int picture, float[] points, String error) implements Serializable {}

    /**
     * Points that follow each other.
     *
     * @param number of the part, or of the first picture of a piece of one
     * @param values {@code [n, C]}
     */
    private record Part(int number, float[] values, List<String> errors) implements Serializable {}

    private record Shape(int number, int points, List<String> errors) implements Serializable {}

    /**
     * Computes points and keeps them on the executors.
     *
     * @param found of pictures, in partitions that follow each other
     * @param pictures their number
     * @param wanted parts
     * @param code whether to keep what the model's head makes of the points
     * @param channels of what is kept
     * @throws Clustering.ImpossibleException if there are none, or too many
     */
    static SparkPoints of(
            JavaRDD<Found> found, int pictures, int wanted, PictureWork work, boolean code, int channels) {
        JavaRDD<Part> parts = found.mapPartitionsToPair(some -> pieces(some, pictures, wanted))
                .groupByKey(new HashPartitioner(wanted))
                .map(group -> joined(group._1(), group._2(), work, code))
                .persist(StorageLevel.MEMORY_AND_DISK());
        List<Shape> shapes = parts.map(part -> new Shape(part.number, part.values.length / channels, part.errors))
                .collect();
        int[] firsts = new int[wanted + 1];
        for (Shape shape : shapes) {
            firsts[shape.number + 1] = shape.points;
        }
        try {
            for (int i = 0; i < wanted; i++) {
                firsts[i + 1] = Math.addExact(firsts[i], firsts[i + 1]);
            }
        } catch (ArithmeticException e) {
            throw new Clustering.ImpossibleException("the points are more than 2,147,483,647: take fewer --patches");
        }
        List<String> errors =
                shapes.stream().flatMap(shape -> shape.errors.stream()).toList();
        if (firsts[wanted] == 0) {
            throw new Clustering.ImpossibleException("no picture can be used, first: " + errors.get(0));
        }
        return new SparkPoints(parts, work, channels, firsts, errors);
    }

    /** Puts the pictures of a partition together by the parts that they belong to, whatever the partitions are. */
    private static Iterator<Tuple2<Integer, Part>> pieces(Iterator<Found> some, int pictures, int wanted) {
        Map<Integer, List<Found>> byPart = new TreeMap<>();
        some.forEachRemaining(found -> byPart.computeIfAbsent(
                        (int) ((long) found.picture * wanted / pictures), part -> new ArrayList<>())
                .add(found));
        List<Tuple2<Integer, Part>> pieces = new ArrayList<>();
        byPart.forEach((part, founds) -> pieces.add(new Tuple2<>(part, piece(founds))));
        return pieces.iterator();
    }

    private static Part piece(List<Found> pictures) {
        List<float[]> points = new ArrayList<>();
        List<String> errors = new ArrayList<>();
        for (Found picture : pictures) {
            if (picture.error == null) {
                points.add(picture.points);
            } else {
                errors.add(picture.error);
            }
        }
        return new Part(pictures.get(0).picture, joined(points), errors);
    }

    private static Part joined(int number, Iterable<Part> pieces, PictureWork work, boolean code) {
        List<Part> ordered = new ArrayList<>();
        pieces.forEach(ordered::add);
        ordered.sort(Comparator.comparingInt(Part::number));
        float[] values = joined(ordered.stream().map(Part::values).toList());
        if (code && values.length > 0) {
            try (Loaned loaned = ExecutorModels.borrow(work.model(), work.placement())) {
                values = loaned.model().head().orElseThrow().codes(values);
            }
        }
        List<String> errors =
                ordered.stream().flatMap(piece -> piece.errors.stream()).toList();
        return new Part(number, values, errors);
    }

    private static float[] joined(List<float[]> rows) {
        long length = rows.stream().mapToLong(row -> row.length).sum();
        if (length > Integer.MAX_VALUE - 8) {
            throw new Clustering.ImpossibleException(
                    length + " values are more than one part holds: take fewer --patches," + " or more executors");
        }
        float[] joined = new float[(int) length];
        int at = 0;
        for (float[] row : rows) {
            System.arraycopy(row, 0, joined, at, row.length);
            at += row.length;
        }
        return joined;
    }

    /** Returns why pictures could not be used. */
    List<String> errors() {
        return errors;
    }

    @Override
    public int channels() {
        return channels;
    }

    @Override
    public int count() {
        return firsts[firsts.length - 1];
    }

    @Override
    public float[] rows(int[] indices) {
        int width = channels;
        int[] begins = firsts;
        return joined(parts.map(part -> rows(part, width, begins[part.number], indices))
                .collect());
    }

    private static float[] rows(Part part, int channels, int first, int[] indices) {
        int last = first + part.values.length / channels;
        int[] own = IntStream.of(indices)
                .filter(index -> index >= first && index < last)
                .toArray();
        float[] rows = new float[own.length * channels];
        for (int i = 0; i < own.length; i++) {
            System.arraycopy(part.values, (own[i] - first) * channels, rows, i * channels, channels);
        }
        return rows;
    }

    @Override
    public <T extends Serializable> List<T> each(Task<T> task) {
        int width = channels;
        int[] begins = firsts;
        PictureWork on = work;
        return parts.filter(part -> part.values.length > 0)
                .map(part -> {
                    PictureWork.requireWanted();
                    try (Loaned loaned = ExecutorModels.borrow(on.model(), on.placement())) {
                        Points points = Points.of(List.of(part.values), width);
                        return task.run(loaned.model().device(), points, begins[part.number]);
                    }
                })
                .collect();
    }

    @Override
    public void close() {
        parts.unpersist();
    }
}
