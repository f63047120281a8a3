package org.stegokernels.data;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.Palette;

/**
 * Reads the label maps that people and programs write: PNG with class indices, grey or with a palette, or with the colours
 * of a class list. 255, black that is no class's colour, and what is transparent have no label.
 */
final class LabelReader {
    /** Wrong values of one file that are named. */
    private static final int NAMED = 4;

    /** Wrong values of one file that are counted: a photograph has millions. */
    private static final int COUNTED = 1000;

    private static final int OPAQUE = 0xFF;
    private static final String MENDED = "correct them, or the list of classes";

    private LabelReader() {}

    /** The place and number of pixels of a value that a label map should not have. */
    private static final class Wrong {
        private final int first;
        private int pixels;

        Wrong(int first) {
            this.first = first;
        }
    }

    /**
     * Reads a label map.
     *
     * @param classes whose indices and colours the file may have
     * @throws DatasetException if there is a value that is no class; each is named, with its first pixel
     * @throws ImageException if the file can't be read or is no PNG
     */
    static LabelMap read(Path file, DatasetClasses classes, ImageReader.Limits limits) {
        BufferedImage image = ImageReader.readPng(file, limits);
        return image.getRaster().getNumBands() == 1
                ? indices(file, image.getRaster(), classes)
                : colors(file, image, classes);
    }

    private static LabelMap indices(Path file, Raster raster, DatasetClasses classes) {
        int width = raster.getWidth();
        byte[] labels = new byte[width * raster.getHeight()];
        Map<Integer, Wrong> wrong = new LinkedHashMap<>();
        int[] row = new int[width];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getSamples(0, y, width, 1, 0, row);
            for (int x = 0; x < width; x++) {
                int pixel = y * width + x;
                labels[pixel] = (byte) row[x];
                if (row[x] != LabelMap.IGNORE && row[x] >= classes.count()) {
                    wrong.computeIfAbsent(row[x], value -> new Wrong(pixel)).pixels++;
                }
            }
        }
        Map<String, Wrong> named = new LinkedHashMap<>();
        wrong.forEach((value, place) -> named.put("the id " + value, place));
        requireNone(
                file,
                width,
                named,
                "which is none of the dataset's " + classes.count() + " classes",
                "mark what has no class with 255, or choose another kind of dataset or number of classes");
        return new LabelMap(width, raster.getHeight(), labels);
    }

    private static LabelMap colors(Path file, BufferedImage image, DatasetClasses classes) {
        if (!classes.hasOwnColors()) {
            throw new DatasetException(
                    file,
                    "its pixels are colours, and no list says which class each colour is",
                    "write a " + DatasetClasses.FILE + " with a line NAME RED GREEN BLUE for each class, or save class"
                            + " indices as a palette or 8-bit grey PNG");
        }
        Map<Integer, Integer> classOf = new HashMap<>();
        for (int index = classes.count() - 1; index >= 0; index--) {
            classOf.put(classes.palette().color(index), index);
        }
        classOf.putIfAbsent(Palette.IGNORED, LabelMap.IGNORE);
        int width = image.getWidth();
        byte[] labels = new byte[width * image.getHeight()];
        Map<Integer, Wrong> wrong = new LinkedHashMap<>();
        int[] row = new int[width];
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                int pixel = y * width + x;
                Integer label =
                        row[x] >>> 24 == OPAQUE ? classOf.get(row[x] & 0xFFFFFF) : Integer.valueOf(LabelMap.IGNORE);
                if (label == null) {
                    int rgb = row[x] & 0xFFFFFF;
                    if (wrong.size() < COUNTED || wrong.containsKey(rgb)) {
                        wrong.computeIfAbsent(rgb, value -> new Wrong(pixel)).pixels++;
                    }
                    label = LabelMap.IGNORE;
                }
                labels[pixel] = label.byteValue();
            }
        }
        Map<String, Wrong> named = new LinkedHashMap<>();
        wrong.forEach((value, place) -> named.put("the colour " + text(value), place));
        requireNone(
                file, width, named, "which no class of the list has", MENDED + "; black and transparent mean no label");
        return new LabelMap(width, image.getHeight(), labels);
    }

    private static String text(int rgb) {
        return (rgb >> 16) + " " + (rgb >> 8 & 0xFF) + " " + (rgb & 0xFF);
    }

    private static void requireNone(Path file, int width, Map<String, Wrong> wrong, String reason, String remedy) {
        if (wrong.isEmpty()) {
            return;
        }
        List<String> named = new ArrayList<>();
        wrong.forEach((value, place) -> {
            if (named.size() < NAMED) {
                named.add(value + " at column " + place.first % width + ", row " + place.first / width
                        + (place.pixels > 1 ? " (" + place.pixels + " pixels)" : ""));
            }
        });
        if (wrong.size() > NAMED) {
            named.add("and " + (wrong.size() < COUNTED ? wrong.size() - NAMED + " more" : "many more"));
        }
        throw new DatasetException(file, "it has " + String.join(", ", named) + ", " + reason, remedy);
    }

    /**
     * Makes up classes where no list has any: as many as the highest index of the files needs, in the colours of their
     * palettes. Files that can't be read are passed over.
     *
     * @param named the list if it has names alone, else null
     * @return empty if no file has indices
     * @throws DatasetException if two palettes show one class in two colours
     */
    static DatasetClasses classes(List<Path> files, DatasetClasses named, ImageReader.Limits limits) {
        Map<Integer, Integer> colors = new TreeMap<>();
        Map<Integer, Path> from = new HashMap<>();
        int highest = -1;
        for (Path file : files) {
            BufferedImage image;
            try {
                image = ImageReader.readPng(file, limits);
            } catch (ImageException e) {
                // Reading its labels will tell.
                continue;
            }
            if (image.getRaster().getNumBands() != 1) {
                continue;
            }
            boolean[] used = used(image.getRaster());
            for (int index = 0; index < LabelMap.IGNORE; index++) {
                if (!used[index]) {
                    continue;
                }
                highest = Math.max(highest, index);
                if (image.getColorModel() instanceof IndexColorModel palette && index < palette.getMapSize()) {
                    int rgb = palette.getRGB(index) & 0xFFFFFF;
                    Integer other = colors.putIfAbsent(index, rgb);
                    Path first = from.putIfAbsent(index, file);
                    if (other != null && other != rgb) {
                        throw new DatasetException(
                                file,
                                "its palette has class " + index + " in " + text(rgb) + ", that of " + first + " in "
                                        + text(other),
                                "save both with one palette, or give the classes colours in a " + DatasetClasses.FILE);
                    }
                }
            }
        }
        int count = named == null ? highest + 1 : named.count();
        if (count == 0) {
            return DatasetClasses.NONE;
        }
        int[] rgb = Palette.distinct(count).rgb().clone();
        colors.forEach((index, color) -> {
            if (index < rgb.length) {
                rgb[index] = color;
            }
        });
        List<String> names = named == null ? DatasetClasses.numbered(count).names() : named.names();
        return new DatasetClasses(names, new Palette(rgb));
    }

    private static boolean[] used(Raster raster) {
        boolean[] used = new boolean[LabelMap.IGNORE + 1];
        int[] row = new int[raster.getWidth()];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getSamples(0, y, row.length, 1, 0, row);
            Arrays.stream(row).filter(value -> value < used.length).forEach(value -> used[value] = true);
        }
        return used;
    }
}
