package org.stegokernels.report;

import java.util.Map;
import java.util.Optional;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.eval.EvaluatorResult;

/**
 * What a report tells. What there is nothing of gets no section.
 *
 * @param title in a few words
 * @param lead one sentence below it
 * @param facts model, data, settings: whatever it takes to do the same again, in this order
 * @param training what a training wrote
 * @param evaluation of a whole set
 * @param gallery what a model makes of images without labels
 * @param classes of the set
 */
public record ReportContent(
        String title,
        String lead,
        Map<String, String> facts,
        Optional<MetricsLog> training,
        Optional<EvaluatorResult> evaluation,
        Optional<ClusterGallery> gallery,
        DatasetClasses classes) {}
