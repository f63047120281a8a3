package org.stegokernels.report;

import java.util.List;
import org.stegokernels.report.HtmlReport.ClusterGallery;
import org.stegokernels.report.HtmlReport.Section;

/** Photographs with their segments, and a contact sheet of each cluster. */
final class GallerySections {
    private GallerySections() {}

    static List<Section> of(ClusterGallery gallery) {
        return gallery.photographs().isEmpty()
                ? List.of(clusters(gallery))
                : List.of(photographs(gallery), clusters(gallery));
    }

    private static Section photographs(ClusterGallery gallery) {
        StringBuilder html = new StringBuilder("<ul class=\"legend\">\n");
        for (ClusterGallery.Cluster cluster : gallery.clusters()) {
            html.append("<li>")
                    .append(Html.chip(cluster.rgb()))
                    .append(Html.text(cluster.name()))
                    .append("</li>\n");
        }
        html.append("</ul>\n<div class=\"plots\">\n");
        for (ClusterGallery.Photograph photograph : gallery.photographs()) {
            html.append("<div class=\"pictures\" style=\"--columns:2\">\n")
                    .append(image(Html.dataUri(photograph.image().toImage(), "jpg"), "Image " + photograph.id()))
                    .append(image(
                            Html.dataUri(photograph.overlay().toImage(), "jpg"), "Segments of " + photograph.id()))
                    .append("<span class=\"name\">")
                    .append(Html.text(photograph.id()))
                    .append("</span></div>\n");
        }
        return new Section("pictures", "Pictures", html.append("</div>").toString());
    }

    private static Section clusters(ClusterGallery gallery) {
        StringBuilder html = new StringBuilder(
                "<p class=\"note\">How much of the images each cluster has, and the places"
                        + " that are nearest to its centre, the nearest first. A good cluster shows one kind of thing.</p>\n");
        for (ClusterGallery.Cluster cluster : gallery.clusters()) {
            html.append("<h3>")
                    .append(Html.chip(cluster.rgb()))
                    .append(Html.text(cluster.name()))
                    .append(" <small>")
                    .append(Html.percent(cluster.share()))
                    .append(" % of the patches</small></h3>\n<div class=\"tiles-row\">\n");
            for (int i = 0; i < cluster.typical().size(); i++) {
                html.append(image(
                        Html.dataUri(cluster.typical().get(i).toImage(), "jpg"),
                        "Typical patch " + (i + 1) + " of " + cluster.name()));
            }
            html.append("</div>\n");
        }
        return new Section("clusters", "Clusters", html.toString());
    }

    private static String image(String uri, String alt) {
        return "<img loading=\"lazy\" src=\"" + uri + "\" alt=\"" + Html.text(alt) + "\"/>";
    }
}
