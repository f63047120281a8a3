package org.stegokernels.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.export.Format;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.PixelReader;
import org.stegokernels.raster.Raster;
import org.stegokernels.raster.RasterView;
import org.stegokernels.raster.RasterView.Bands;
import org.stegokernels.raster.RasterView.Stretch;
import org.stegokernels.stego.Segmenter.Options;
import org.stegokernels.stego.Segmenter.Options.Protocol;
import picocli.CommandLine.Option;

/** The options that say how pictures of any size are read and cut into tiles. */
final class Tiling {
    /** The longer side of an overlay in pixels, unless a smaller one is asked for. */
    private static final int OVERLAY_SIZE = 2000;

    @Option(
            names = "--tile",
            paramLabel = "N",
            order = 10,
            description =
                    "For pictures of any size: the model sees tiles of N x N pixels, each at --size, that overlap by"
                            + " half; memory stays bounded, though that for objects and polygons goes with the length of all"
                            + " outlines. Labels of a TIFF become NAME.tif. Up to 100 gigapixels unless --max-pixels says"
                            + " otherwise.")
    private Integer tile;

    @Option(
            names = "--bands",
            paramLabel = "LIST",
            order = 11,
            description = "With --tile: the bands of the picture that are red, green and blue, or the one that is grey,"
                    + " counted from 1: 4,3,2. Default: the first three.")
    private String bands;

    @Option(
            names = "--stretch",
            paramLabel = "P,Q",
            order = 12,
            description =
                    "With --tile: the percentiles of each band that become black and white, or none. Default: none"
                            + " of 8-bit pictures, else 2,98.")
    private String stretch;

    private Bands chosenBands;
    private Stretch chosenStretch;

    /** @throws UsageException if the options can't be meant, or don't go with others */
    void check(ResultSelection wanted, Protocol protocol, boolean clusters) {
        if (tile == null) {
            if (bands != null || stretch != null) {
                throw new UsageException((bands != null ? "--bands" : "--stretch") + " is for --tile N");
            }
            return;
        }
        if (tile < Options.MIN_SIZE) {
            throw new UsageException("--tile must be at least " + Options.MIN_SIZE + " pixels, not " + tile);
        }
        if (clusters || protocol == Protocol.PUBLISHED) {
            throw new UsageException((clusters ? "--clusters" : "--protocol published")
                    + " looks at whole photographs: leave out --tile");
        }
        if (wanted.formats().contains(Format.CUTOUT)) {
            throw new UsageException("--format cutout needs the whole photograph at once: leave it out, and write"
                    + " it with 'export' afterwards, if it fits into memory");
        }
        try {
            chosenBands = bands == null ? null : Bands.parse(bands);
            chosenStretch = stretch == null ? null : Stretch.parse(stretch);
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    (chosenBands == null && bands != null ? "--bands: " : "--stretch: ") + e.getMessage());
        }
    }

    boolean isWanted() {
        return tile != null;
    }

    /** Returns the side of a tile in pixels of the picture. */
    int tile() {
        return tile;
    }

    /** Returns what labels depend on, by the names of the options. */
    Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        if (tile != null) {
            settings.put("tile", tile);
            settings.put("bands", chosenBands == null ? "the first" : chosenBands.toString());
            settings.put("stretch", stretch == null ? "by type" : stretch);
        }
        return settings;
    }

    /** Returns a picture as the options say that it is shown. */
    RasterView view(Raster raster) {
        return raster.view(
                chosenBands == null ? raster.standardBands() : chosenBands,
                chosenStretch == null ? raster.standardStretch() : chosenStretch);
    }

    /** Returns the longer side of the overlay in pixels. */
    static int overlaySize(ResultSelection wanted) {
        return Math.min(OVERLAY_SIZE, wanted.overlaySize());
    }

    /** Returns the ending of label maps and confidences: of a TIFF they are TIFF. */
    static String ending(Path photograph) {
        try {
            return PixelReader.isTiff(photograph) ? ResultSelection.TIFF : ResultSelection.PNG;
        } catch (ImageException e) {
            // Whoever reads it says so.
            return ResultSelection.PNG;
        }
    }
}
