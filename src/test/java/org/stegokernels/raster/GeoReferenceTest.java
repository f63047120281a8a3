package org.stegokernels.raster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.geom.AffineTransform;
import java.awt.geom.Point2D;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.image.ImageException;

/** The place of a picture, by the tags of GeoTIFF. */
class GeoReferenceTest {
    static final int PIXEL_SCALE = 33550;
    static final int TIE_POINT = 33922;
    static final int TRANSFORMATION = 34264;
    static final int KEYS = 34735;

    @TempDir
    Path folder;

    private static TiffMaker maker() {
        return new TiffMaker(40, 30, 1);
    }

    private static TiffMaker keys(TiffMaker maker, int rasterType, int key, int code) {
        return maker.shorts(KEYS, 1, 1, 0, 3, 1024, 0, 1, key == 2048 ? 2 : 1, 1025, 0, 1, rasterType, key, 0, 1, code);
    }

    private GeoReference read(TiffMaker maker) throws IOException {
        Path file = Files.write(folder.resolve("map.tif"), maker.build((x, y, band) -> x));
        try (Raster raster = Raster.open(file)) {
            return raster.geoReference().orElseThrow();
        }
    }

    private static Point2D place(GeoReference reference, double x, double y) {
        AffineTransform transform = reference.pixelToCrs().orElseThrow();
        return transform.transform(new Point2D.Double(x, y), null);
    }

    @Test
    void aTiePointAndAScaleMakeATransform() throws IOException {
        TiffMaker maker = maker().doubles(PIXEL_SCALE, 10, 20, 0).doubles(TIE_POINT, 2, 3, 0, 500000, 5200000, 0);
        GeoReference area = read(keys(maker, 1, 3072, 32633));
        assertThat(area.epsg()).hasValue(32633);
        assertThat(place(area, 2, 3)).isEqualTo(new Point2D.Double(500000, 5200000));
        assertThat(place(area, 40, 30)).isEqualTo(new Point2D.Double(500380, 5199460));
        GeoReference point = read(keys(maker, 2, 3072, 32633));
        assertThat(place(point, 2.5, 3.5)).isEqualTo(new Point2D.Double(500000, 5200000));
    }

    @Test
    void aMatrixIsATransform() throws IOException {
        TiffMaker maker = maker().doubles(TRANSFORMATION, 2, 0.5, 0, 100, 0.25, -3, 0, 200, 0, 0, 0, 0, 0, 0, 0, 1);
        assertThat(place(read(keys(maker, 1, 3072, 3857)), 10, 20)).isEqualTo(new Point2D.Double(130, 142.5));
        assertThat(place(read(keys(maker, 2, 3072, 3857)), 10.5, 20.5)).isEqualTo(new Point2D.Double(130, 142.5));
    }

    @Test
    void aFileIsAskedForItsPlaceAlone() throws IOException {
        TiffMaker maker = maker().doubles(PIXEL_SCALE, 10, 20, 0).doubles(TIE_POINT, 2, 3, 0, 500000, 5200000, 0);
        Path file = folder.resolve("map.tif");
        Files.write(file, keys(maker, 1, 3072, 32633).build((x, y, band) -> x));
        assertThat(GeoReference.of(file).orElseThrow().epsg()).hasValue(32633);
        assertThat(GeoReference.of(file).orElseThrow().coordinates(2, 3))
                .isEqualTo(new Point2D.Double(500000, 5200000));
        Files.write(file, maker.shorts(274, 6).build((x, y, band) -> x));
        assertThat(GeoReference.of(file)).isEmpty();
        Files.write(file, maker().build((x, y, band) -> x));
        assertThat(GeoReference.of(file)).isEmpty();
        Files.writeString(file, "no picture");
        assertThat(GeoReference.of(file)).isEmpty();
        assertThat(GeoReference.of(folder)).isEmpty();
        assertThat(GeoReference.of(folder.resolve("none.tif"))).isEmpty();
    }

    @Test
    void aPictureWithoutTheTagsLiesNowhere() throws IOException {
        Path file = Files.write(folder.resolve("plain.tif"), maker().build((x, y, band) -> x));
        try (Raster raster = Raster.open(file)) {
            assertThat(raster.geoReference()).isEmpty();
        }
    }

    /** Computed by gdaltransform of GDAL 3.6.2. */
    @ParameterizedTest
    @CsvSource({
        "32633, 423456.5, 5212345.25, 13.9920514241049, 47.0601854779723",
        "3857, 1000000, 6000000, 8.98315284119521, 47.3537047024331",
        "2154, 652000, 6862000, 2.34581195868068, 48.8562481409627",
        "32719, 345678, 7654321, -70.486808204858, -21.2060732548195",
        "27700, 530000, 180000, -0.128353940479469, 51.5039908276338",
        "2056, 2600000, 1200000, 7.43863242087181, 46.9510827718711",
        "3035, 4321000, 3210000, 10, 52",
        "4326, 11.5, 48.25, 11.5, 48.25"
    })
    void coordinatesAreLongitudeAndLatitudeOnWgs84(int epsg, double x, double y, double longitude, double latitude)
            throws IOException {
        TiffMaker maker = maker().doubles(PIXEL_SCALE, 1, 1, 0).doubles(TIE_POINT, 7, 5, 0, x, y, 0);
        GeoReference reference = read(keys(maker, 1, epsg == 4326 ? 2048 : 3072, epsg));
        Point2D.Double place = reference.longitudeLatitude(7, 5);
        // A millionth of a degree is a tenth of a metre: datum shifts are no more exact.
        assertThat(place.x).isCloseTo(longitude, Offset.offset(1e-6));
        assertThat(place.y).isCloseTo(latitude, Offset.offset(1e-6));
    }

    @ParameterizedTest
    @CsvSource({"32767, has no EPSG code", "9999, EPSG:9999 is not known", "7415, EPSG:7415 is not known"})
    void aReferenceSystemThatIsNotKnownIsNamedWithTheRemedy(int code, String problem) throws IOException {
        TiffMaker maker = maker().doubles(PIXEL_SCALE, 1, 1, 0).doubles(TIE_POINT, 0, 0, 0, 5, 5, 0);
        GeoReference reference = read(keys(maker, 1, 3072, code));
        assertThatThrownBy(() -> reference.longitudeLatitude(0, 0))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("map.tif: its coordinate reference system")
                .hasMessageContaining(problem)
                .hasMessageContaining("--crs source");
    }

    @Test
    void controlPointsAloneAreNoTransform() throws IOException {
        TiffMaker maker = maker().doubles(TIE_POINT, 0, 0, 0, 5, 5, 0, 1, 1, 0, 6, 4, 0);
        GeoReference reference = read(keys(maker, 1, 3072, 32633));
        assertThat(reference.pixelToCrs()).isEmpty();
        assertThatThrownBy(() -> reference.longitudeLatitude(0, 0))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("control points")
                .hasMessageContaining("gdalwarp");
    }
}
