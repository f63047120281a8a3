package org.stegokernels.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.stegokernels.export.Format;
import org.stegokernels.stego.Segmentation.ClassInfo;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say what a segmentation leaves in the folder of the results. */
final class ResultSelection {
    /** The endings of pictures that have a value for each pixel. */
    static final String PNG = ".png";

    static final String TIFF = ".tif";
    private static final String CONFIDENCE = ".confidence";

    /** The picture that shows the regions to a person. */
    enum Overlay {
        NONE,
        JPG,
        PNG;

        String suffix() {
            return ".overlay." + name().toLowerCase(Locale.ROOT);
        }
    }

    @Mixin
    private final FormatSelection formatSelection = new FormatSelection.OrPng();

    @Option(
            names = "--overlay",
            paramLabel = "KIND",
            order = 32,
            defaultValue = "png",
            description = "The picture to look at: none, jpg or png. Default: ${DEFAULT-VALUE}.")
    private Overlay overlay;

    @Option(
            names = "--overlay-size",
            paramLabel = "N",
            order = 33,
            description = "Longer side of that picture in pixels, if the photograph is larger. Default: that of the"
                    + " photograph.")
    private Integer overlaySize;

    @Option(
            names = "--confidence",
            order = 34,
            description = "Write NAME.confidence.png, too: how probable each pixel's label is, as 16-bit grey, 65535"
                    + " for 1; NAME.confidence.tif beside NAME.tif. Comes with --format objects.")
    private boolean confidence;

    @Option(
            names = "--unsure",
            paramLabel = "T",
            order = 35,
            description = "Label as 255, which is no class, whatever is less probable than T (0 to 1).")
    private Double unsure;

    @Option(
            names = "--min-area",
            paramLabel = "N",
            order = 36,
            description = "Merge objects of fewer than N pixels into what they touch most.")
    private Integer minArea;

    private Set<Format> formats;

    /** @throws UsageException if a value can't be meant */
    void check() {
        formats = formatSelection.formats();
        if (formats.contains(Format.OBJECTS) || confidence) {
            formats.add(Format.CONFIDENCE);
        }
        if (overlaySize != null && (overlaySize < 16 || overlay == Overlay.NONE)) {
            throw new UsageException(
                    overlay == Overlay.NONE
                            ? "--overlay-size without a picture to look at: leave out --overlay none"
                            : "--overlay-size must be at least 16 pixels, not " + overlaySize);
        }
        if (unsure != null && !(unsure >= 0 && unsure <= 1)) {
            throw new UsageException("--unsure must be between 0 and 1, not " + unsure);
        }
        if (minArea != null && minArea < 1) {
            throw new UsageException("--min-area must be at least 1 pixel, not " + minArea);
        }
    }

    Set<Format> formats() {
        return formats;
    }

    /** Returns the id of the class that is to be cut out; -1 if none is. */
    int cutout(List<ClassInfo> classes) {
        return formatSelection.cutout(classes);
    }

    FormatSelection.Crs crs() {
        return formatSelection.crs();
    }

    Overlay overlay() {
        return overlay;
    }

    /** Returns the longer side of the overlay, if the photograph's is longer. */
    int overlaySize() {
        return overlaySize == null ? Integer.MAX_VALUE : overlaySize;
    }

    /** Returns whether the confidence of each pixel has to be computed. */
    boolean needsConfidence() {
        return formats.contains(Format.CONFIDENCE) || unsure != null;
    }

    /** Returns the least probability of a label; 0 if all are taken. */
    double unsure() {
        return unsure == null ? 0 : unsure;
    }

    /** Returns the least area of an object; 1 if all are kept. */
    int minArea() {
        return minArea == null ? 1 : minArea;
    }

    /**
     * Returns what is appended to a photograph's name, by the kind of file.
     *
     * @param ending of pictures that have a value for each pixel: {@link #PNG} or {@link #TIFF}
     */
    Map<String, String> suffixes(String ending) {
        Map<String, String> suffixes = new LinkedHashMap<>();
        if (formats.contains(Format.PNG)) {
            suffixes.put(SegmentationFiles.LABELS, ending);
        }
        if (overlay != Overlay.NONE) {
            suffixes.put(SegmentationFiles.OVERLAY, overlay.suffix());
        }
        if (formats.contains(Format.CONFIDENCE)) {
            suffixes.put(SegmentationFiles.CONFIDENCE, CONFIDENCE + ending);
        }
        return suffixes;
    }

    /** Returns what labels and overlays depend on, by the names of the options. */
    Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        if (unsure != null) {
            settings.put("unsure", unsure);
        }
        if (minArea != null) {
            settings.put("minArea", minArea);
        }
        if (overlaySize != null) {
            settings.put("overlaySize", overlaySize);
        }
        return settings;
    }
}
