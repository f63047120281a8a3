package org.stegokernels.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.stegokernels.data.Dataset;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.train.ClusterSurvey;

/**
 * Pictures of a model on images that have no labels: some photographs with its segments, and typical patches of each of its
 * clusters.
 *
 * @param photographs evenly spread over the dataset
 * @param clusters by number
 */
public record ClusterGallery(List<Photograph> photographs, List<Cluster> clusters) {
    private static final int PHOTOGRAPHS = 8;
    /** Around a typical patch, for alone it says little: patches along each side. */
    private static final int PATCHES_SEEN = 3;

    private static final int TILE = 64;

    /**
     * A photograph, shrunk to what the model sees.
     *
     * @param id of the example
     * @param overlay tinted with the colours of its segments
     */
    public record Photograph(String id, RgbImage image, RgbImage overlay) {}

    /**
     * A cluster.
     *
     * @param rgb its colour, {@code 0xRRGGBB}
     * @param share part of the patches that it has, 0 to 1
     * @param typical squares around the patches nearest to its centre, the nearest first
     */
    public record Cluster(String name, int rgb, double share, List<RgbImage> typical) {}

    public ClusterGallery {
        photographs = List.copyOf(photographs);
        clusters = List.copyOf(clusters);
    }

    /**
     * Segments photographs and cuts patches out.
     *
     * @param size shorter side in pixels of what the model sees of a photograph
     * @param survey of the model's clusters, over squares from the middle of the dataset's images
     * @param grid patches along the side of such a square
     * @param square side of such a square in pixels
     */
    public static ClusterGallery of(
            Stego model, Dataset dataset, int size, ClusterSurvey survey, int grid, int square) {
        Segmenter.Options options = Segmenter.Options.DEFAULT.withSize(Math.max(Segmenter.Options.MIN_SIZE, size));
        try (Segmenter segmenter = Segmenter.of(model, options)) {
            int count = Math.min(PHOTOGRAPHS, dataset.size());
            List<Photograph> photographs = IntStream.range(0, count)
                    .mapToObj(i -> photograph(segmenter, dataset, (int) ((long) i * dataset.size() / count), size))
                    .toList();
            return new ClusterGallery(
                    photographs,
                    clusters(
                            segmenter.classes(), model.clusterToClass(), survey, tiles(dataset, survey, grid, square)));
        }
    }

    private static Photograph photograph(Segmenter segmenter, Dataset dataset, int index, int size) {
        RgbImage image = dataset.image(index);
        if (Math.min(image.width(), image.height()) > size) {
            Resize.Size shrunk = Resize.shorterSide(image.width(), image.height(), size);
            image = Resize.antialiased(image, shrunk.width(), shrunk.height());
        }
        Segmentation segmented = segmenter.segment(image);
        return new Photograph(dataset.example(index).id(), segmented.image(), segmented.overlayWithLegend());
    }

    private static List<Cluster> clusters(
            List<Segmentation.ClassInfo> classes,
            int[] clusterToClass,
            ClusterSurvey survey,
            Map<ClusterSurvey.Patch, RgbImage> tiles) {
        List<Cluster> clusters = new ArrayList<>();
        for (int i = 0; i < survey.clusters(); i++) {
            Segmentation.ClassInfo of = classes.get(clusterToClass[i]);
            List<RgbImage> typical =
                    survey.typical().get(i).stream().map(tiles::get).toList();
            clusters.add(new Cluster(of.name(), of.rgb(), survey.share(i), typical));
        }
        return clusters;
    }

    /** Cuts out the tiles. Each image is read once, whatever number of patches it gives. */
    private static Map<ClusterSurvey.Patch, RgbImage> tiles(
            Dataset dataset, ClusterSurvey survey, int grid, int square) {
        Map<Integer, List<ClusterSurvey.Patch>> byImage = new HashMap<>();
        survey.typical()
                .forEach(patches ->
                        patches.forEach(patch -> byImage.computeIfAbsent(patch.image(), added -> new ArrayList<>())
                                .add(patch)));
        Map<ClusterSurvey.Patch, RgbImage> tiles = new HashMap<>();
        byImage.forEach((image, patches) -> {
            RgbImage seen = Resize.centerSquare(dataset.image(image), square);
            patches.forEach(patch -> tiles.put(patch, tile(seen, patch, grid)));
        });
        return tiles;
    }

    private static RgbImage tile(RgbImage seen, ClusterSurvey.Patch patch, int grid) {
        int pixels = seen.width() / grid;
        int side = Math.min(grid, PATCHES_SEEN) * pixels;
        int left = inside(patch.column() * pixels - pixels, seen.width() - side);
        int top = inside(patch.row() * pixels - pixels, seen.height() - side);
        return Resize.antialiased(Resize.crop(seen, left, top, side, side), TILE, TILE);
    }

    private static int inside(int from, int last) {
        return Math.max(0, Math.min(from, last));
    }
}
