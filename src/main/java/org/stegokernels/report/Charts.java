package org.stegokernels.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Plots as pictures for light and for dark paper, between which the browser chooses. They need a font on the machine;
 * where Java finds none, a sentence that says so takes their place.
 */
final class Charts {
    /** Little more than a telephone has, where text would else be too small. */
    private static final int WIDTH = 460;

    private static final int HEIGHT = 290;
    private static final int WIDE = 1060;
    /** Pixels of the picture for one on the page: sharp on dense screens. */
    private static final int DENSITY = 2;

    private static final Theme LIGHT =
            new Theme(0x4A525C, 0xE2E6EB, new int[] {0x2463C9, 0xD9731A, 0x1F9D73, 0x8A5CD6, 0xC2376B, 0x7A828C});
    private static final Theme DARK =
            new Theme(0xA9B3BF, 0x2A313A, new int[] {0x6AA5FF, 0xFFA64D, 0x4FD1A0, 0xB794F6, 0xFF7AA8, 0x8D96A1});

    private Charts() {}

    /** @param x null where there are categories */
    record Series(String name, double[] x, double[] y) {}

    /** The range that an axis covers. */
    enum Range {
        AUTO,
        /** 0 to 1 both ways. */
        SHARES
    }

    private record Theme(int ink, int grid, int[] colors) {
        Color color(int series) {
            return new Color(colors[series % colors.length]);
        }
    }

    /** Draws one chart on one kind of paper. */
    private interface Drawing {
        Chart<? extends Styler, ?> on(Theme theme);
    }

    static String lines(String xTitle, String yTitle, List<Series> series, Range range, String alt) {
        return picture(theme -> lineChart(xTitle, yTitle, series, range, theme), WIDTH, HEIGHT, alt);
    }

    private static XYChart lineChart(String xTitle, String yTitle, List<Series> series, Range range, Theme theme) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .xAxisTitle(xTitle)
                .yAxisTitle(yTitle)
                .build();
        style(chart.getStyler(), theme);
        if (range == Range.SHARES) {
            chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0).setYAxisMax(1.0);
        }
        for (Series each : series) {
            chart.addSeries(each.name(), each.x(), each.y())
                    .setMarker(each.x().length == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE)
                    .setLineWidth(2f);
        }
        return chart;
    }

    /** @param mark where a line stands; NaN for none */
    static String histogram(String xTitle, List<Series> series, double mark, String alt) {
        return picture(theme -> histogramChart(xTitle, series, mark, theme), WIDTH, HEIGHT, alt);
    }

    private static XYChart histogramChart(String xTitle, List<Series> series, double mark, Theme theme) {
        XYChart chart = lineChart(xTitle, "percent of pairs", List.of(), Range.AUTO, theme);
        double highest = 0;
        for (int i = 0; i < series.size(); i++) {
            Series each = series.get(i);
            Color color = theme.color(i);
            chart.addSeries(each.name(), each.x(), each.y())
                    .setXYSeriesRenderStyle(XYSeriesRenderStyle.Area)
                    .setMarker(SeriesMarkers.NONE)
                    .setLineWidth(2f)
                    .setFillColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), 60));
            highest = Math.max(highest, Arrays.stream(each.y()).max().orElse(0));
        }
        if (!Double.isNaN(mark)) {
            chart.addSeries("shift", new double[] {mark, mark}, new double[] {0, highest})
                    .setMarker(SeriesMarkers.NONE)
                    .setLineWidth(1.5f)
                    .setLineColor(new Color(theme.ink()));
        }
        return chart;
    }

    static String bars(List<String> categories, String yTitle, List<Series> series, String alt) {
        return "<div class=\"scroll\"><div class=\"wide\">"
                + picture(theme -> barChart(categories, yTitle, series, theme), WIDE, HEIGHT, alt) + "</div></div>";
    }

    private static CategoryChart barChart(List<String> categories, String yTitle, List<Series> series, Theme theme) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDE)
                .height(HEIGHT)
                .yAxisTitle(yTitle)
                .build();
        style(chart.getStyler(), theme);
        chart.getStyler().setAvailableSpaceFill(0.75).setPlotGridVerticalLinesVisible(false);
        chart.getStyler().setXAxisLabelRotation(categories.size() > 12 ? 45 : 0);
        // XChart would make one bar of names that are alike.
        List<String> distinct = new ArrayList<>();
        for (String name : categories) {
            distinct.add(distinct.contains(name) ? name + " (" + distinct.size() + ")" : name);
        }
        for (Series each : series) {
            chart.addSeries(
                    each.name(), distinct, Arrays.stream(each.y()).boxed().toList());
        }
        return chart;
    }

    private static void style(AxesChartStyler styler, Theme theme) {
        Color clear = new Color(0, 0, 0, 0);
        Color ink = new Color(theme.ink());
        Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
        Color[] colors = Arrays.stream(theme.colors()).mapToObj(Color::new).toArray(Color[]::new);
        BasicStroke[] strokes = new BasicStroke[colors.length];
        Arrays.fill(strokes, new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        styler.setSeriesColors(colors)
                .setSeriesLines(strokes)
                .setBaseFont(font)
                .setChartBackgroundColor(clear)
                .setPlotBackgroundColor(clear)
                .setPlotBorderVisible(false)
                .setChartFontColor(ink)
                .setChartPadding(4)
                .setChartTitleVisible(false)
                .setLegendPosition(Styler.LegendPosition.OutsideS)
                .setLegendLayout(Styler.LegendLayout.Horizontal)
                .setLegendBackgroundColor(clear)
                .setLegendBorderColor(clear)
                .setLegendFont(font)
                .setXAxisTitleColor(ink)
                .setYAxisTitleColor(ink)
                .setAntiAlias(true);
        styler.setPlotGridLinesColor(new Color(theme.grid()))
                .setPlotGridLinesStroke(new BasicStroke(1f))
                .setPlotGridVerticalLinesVisible(false)
                .setPlotTicksMarksVisible(false)
                .setAxisTickLabelsColor(ink)
                .setAxisTickLabelsFont(font)
                .setAxisTitleFont(font)
                .setAxisTickMarksColor(clear);
    }

    private static String picture(Drawing drawing, int width, int height, String alt) {
        if (!Fonts.FOUND) {
            return "<p class=\"note\">" + Html.text(alt)
                    + " (The plot is left out: Java finds no font on this machine. On Debian: apt-get install fontconfig"
                    + " fonts-dejavu-core.)</p>";
        }
        return "<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\""
                + paint(drawing, DARK, width, height) + "\"/><img src=\"" + paint(drawing, LIGHT, width, height)
                + "\" width=\"" + width + "\" height=\"" + height + "\" alt=\"" + Html.text(alt) + "\"/></picture>";
    }

    private static String paint(Drawing drawing, Theme theme, int width, int height) {
        BufferedImage image = new BufferedImage(DENSITY * width, DENSITY * height, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.scale(DENSITY, DENSITY);
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            drawing.on(theme).paint(graphics, width, height);
        } finally {
            graphics.dispose();
        }
        return Html.dataUri(image, "png");
    }

    /** True if the runtime can write text. Asked once, when the first plot is drawn. */
    private static final class Fonts {
        static final boolean FOUND = found();

        private static boolean found() {
            try {
                BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
                return image.createGraphics()
                                .getFontMetrics(new Font(Font.SANS_SERIF, Font.PLAIN, 12))
                                .stringWidth("0")
                        > 0;
            } catch (RuntimeException | InternalError | LinkageError e) {
                // Without fontconfig or any font the runtime fails in one of these ways.
                System.getLogger(Charts.class.getName()).log(System.Logger.Level.WARNING, "no font for plots: {0}", e);
                return false;
            }
        }
    }
}
