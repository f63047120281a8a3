package org.stegokernels.export;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.stegokernels.export.ExportFormat.Category;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.ExportFormat.Settings;
import org.stegokernels.export.ObjectMap.Measures;
import org.stegokernels.export.PixelFormats.RowMaker;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.LabelMap.PalettePng;

/**
 * CVAT's "Segmentation mask 1.1", which is that of Pascal VOC: {@code labelmap.txt} with names and colours,
 * {@code SegmentationClass/} and {@code SegmentationObject/} with a palette PNG a picture, and
 * {@code ImageSets/Segmentation/default.txt} with their names. CVAT takes the folder's content as a ZIP.
 *
 * <p>Background, black and index 0, is where there is no class, and a class of that name. A PNG numbers 255 objects; where
 * there are more, the smallest of each class share a number.
 */
final class CvatFormat implements ExportFormat {
    private static final String BACKGROUND = "background";
    private static final int MAX_OBJECTS = 255;

    private final Outputs outputs;
    private final Outputs.Spool names;
    private final StringBuilder labelMap = new StringBuilder("# label:color_rgb:parts:actions\nbackground:0,0,0::\n");
    /** The index of each class id; 0 is background. */
    private final byte[] indices = new byte[256];

    private final Palette classColors;
    private final Palette objectColors = new Palette(
            IntStream.rangeClosed(0, MAX_OBJECTS).map(CvatFormat::vocColor).toArray());

    private CvatFormat(Outputs outputs, Settings settings) throws IOException {
        this.outputs = outputs;
        names = new Outputs.Spool(outputs.folder(), "");
        int[] colors = new int[settings.categories().size() + 1];
        Set<Integer> wantedColors = new HashSet<>();
        settings.categories().forEach(category -> wantedColors.add(category.rgb() & 0xFFFFFF));
        Set<Integer> usedColors = new HashSet<>(Set.of(0));
        Set<String> usedNames = new HashSet<>(Set.of(BACKGROUND));
        int count = 0;
        for (Category category : settings.categories()) {
            if (category.name().strip().equals(BACKGROUND)) {
                continue;
            }
            int color = category.rgb() & 0xFFFFFF;
            // By its colour a class is known, so that no two may have one.
            for (int i = 1; !usedColors.add(color); i++) {
                color = wantedColors.contains(vocColor(i)) ? 0 : vocColor(i);
            }
            colors[++count] = color;
            indices[category.id()] = (byte) count;
            String name = unused(labelName(category.name()), usedNames);
            labelMap.append(name + ":" + (color >> 16) + "," + (color >> 8 & 0xFF) + "," + (color & 0xFF) + "::\n");
        }
        classColors = new Palette(colors);
    }

    static ExportFormat open(Outputs outputs, Settings settings) throws IOException {
        return new CvatFormat(outputs, settings);
    }

    /** Returns the colour of an index in Pascal VOC: bits 0, 3, 6 of the index are the highest of red, and so on. */
    private static int vocColor(int index) {
        int color = 0;
        for (int bit = 0; bit < 8; bit++) {
            int channel = bit % 3;
            int place = 7 - bit / 3;
            color |= (index >> bit & 1) << place + 8 * (2 - channel);
        }
        return color;
    }

    /** Returns a name that a line of the label map can hold: no colons and line breaks, no comment. */
    private static String labelName(String name) {
        String held = name.replaceAll("[:\\p{Cntrl}\\u0085\\u2028\\u2029]", "_").strip();
        return held.isEmpty() || held.startsWith("#") ? "_" + held : held;
    }

    private static String unused(String name, Set<String> used) {
        String unused = name;
        for (int i = 2; !used.add(unused); i++) {
            unused = name + "_" + i;
        }
        return unused;
    }

    @Override
    public void add(Picture picture) throws IOException {
        ObjectMap objects = picture.objects();
        byte[] numberOf = numberOf(picture.measures());
        write("SegmentationClass/", picture, classColors, (y, row) -> {
            picture.row(y, row);
            for (int x = 0; x < row.length; x++) {
                row[x] = indices[row[x] & 0xFF];
            }
        });
        write("SegmentationObject/", picture, objectColors, (y, row) -> {
            for (int run = objects.firstRun(y); run < objects.firstRun(y + 1); run++) {
                int object = objects.objectOfRun(run);
                byte number = object == ObjectMap.NONE ? 0 : numberOf[object];
                Arrays.fill(row, objects.start(run), objects.end(run, y), number);
            }
        });
        names.add(picture.name() + "\n");
    }

    private void write(String subfolder, Picture picture, Palette colors, RowMaker maker) throws IOException {
        outputs.write(
                subfolder + picture.name() + ".png",
                out -> PixelFormats.write(
                        PalettePng.rows(out, picture.width(), picture.height(), colors, colors.size() - 1),
                        picture,
                        1,
                        maker));
    }

    /** Returns the number of each object, 0 for background. */
    private byte[] numberOf(List<Measures> objects) {
        byte[] numbers = new byte[objects.size()];
        List<Measures> shown = objects.stream()
                .filter(object -> indices[object.classId()] != 0)
                .toList();
        int next = 1;
        if (shown.size() <= MAX_OBJECTS) {
            for (Measures object : shown) {
                numbers[object.object()] = (byte) next++;
            }
            return numbers;
        }
        // Every class has a number that its smallest objects share; the others go to the largest.
        int[] sharedBy = new int[256];
        for (Measures object : shown) {
            if (sharedBy[object.classId()] == 0) {
                sharedBy[object.classId()] = next++;
            }
            numbers[object.object()] = (byte) sharedBy[object.classId()];
        }
        List<Measures> largest = shown.stream()
                .sorted(Comparator.comparingInt(Measures::area).reversed().thenComparingInt(Measures::object))
                .limit(MAX_OBJECTS + 1 - next)
                .toList();
        for (Measures object : largest) {
            numbers[object.object()] = (byte) next++;
        }
        return numbers;
    }

    @Override
    public void finish() throws IOException {
        outputs.write("labelmap.txt", out -> out.write(labelMap.toString().getBytes(StandardCharsets.UTF_8)));
        outputs.write("ImageSets/Segmentation/default.txt", names::copyTo);
    }

    @Override
    public void close() throws IOException {
        names.close();
    }
}
