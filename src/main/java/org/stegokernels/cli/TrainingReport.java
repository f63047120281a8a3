package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.stegokernels.data.Dataset;
import org.stegokernels.device.Device;
import org.stegokernels.eval.Evaluator;
import org.stegokernels.report.HtmlReport;
import org.stegokernels.report.HtmlReport.ClusterGallery;
import org.stegokernels.report.MetricsLog;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Stego;
import org.stegokernels.train.ClusterSurvey;
import org.stegokernels.train.TrainSettings;
import org.stegokernels.train.Trainer;
import org.stegokernels.train.TrainingExamples;
import org.stegokernels.train.TrainingFolder;

/**
 * The report of a training: its curves and, where there are labels, what its best model makes of the validation images,
 * by the published evaluation; else what its last model makes of some of the images.
 *
 * @param validation labelled images; null if there are none
 */
record TrainingReport(TrainingFolder folder, TrainSettings settings, Dataset trained, Dataset validation) {
    /**
     * Evaluates and writes. Returns the file.
     *
     * @param examples squares from the middle of the images
     */
    Path write(Device device, String deviceId, Console console, TrainingExamples examples, Trainer trainer)
            throws IOException {
        Optional<Evaluator.Result> evaluated = Optional.empty();
        Optional<ClusterGallery> gallery = Optional.empty();
        if (validation != null && Files.exists(folder.best())) {
            evaluated = Optional.of(evaluate(device, console));
        } else {
            gallery = Optional.of(gallery(device, examples, trainer));
        }
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("objective", settings.objective().name().toLowerCase(Locale.ROOT));
        facts.put("images", trained.size() + " of " + trained.name());
        facts.put("classes", Integer.toString(trained.classes().count()));
        facts.put("steps", Integer.toString(settings.schedule().steps()));
        trainer.consensusStep()
                .ifPresent(step -> facts.put("step that agrees best with the others", Integer.toString(step)));
        facts.put("seed", Long.toString(settings.seed()));
        facts.put(
                "size",
                settings.data().size() + " pixels in training, "
                        + settings.data().validationSize() + " in validation");
        facts.put("device", deviceId);
        facts.put("program", "stego-kernels " + Version.text());
        facts.put("all settings", folder.settings().getFileName().toString());
        String lead = evaluated
                .map(result -> result.images() + " images of " + validation.name()
                        + ", not trained on, seen by the best of the models")
                .orElse(
                        "Without labels nothing can be measured but the losses and the clusters; look at the pictures.");
        HtmlReport.write(
                folder.report(),
                new HtmlReport.Content(
                        String.format(Locale.ROOT, "Training on %s", trained.name()),
                        lead,
                        facts,
                        Optional.of(MetricsLog.read(folder.metrics())),
                        evaluated,
                        Files.exists(folder.suggestion())
                                ? Optional.of(SuggestionFile.read(folder.suggestion()))
                                : Optional.empty(),
                        gallery,
                        trained.classes()));
        return folder.report();
    }

    private ClusterGallery gallery(Device device, TrainingExamples examples, Trainer trainer) {
        try (Stego last = Stego.load(folder.last(), device)) {
            ClusterSurvey survey = trainer.survey(examples);
            return ClusterGallery.of(
                    last, trained, settings.data().validationSize(), survey, examples.rows(), examples.labelSize());
        }
    }

    private Evaluator.Result evaluate(Device device, Console console) throws IOException {
        Evaluator.Settings published = Evaluator.Settings.DEFAULT;
        Evaluator.Settings sized = new Evaluator.Settings(
                published.options().withSize(settings.data().validationSize()),
                published.count(),
                published.pictures());
        try (Stego best = Stego.load(folder.best(), device);
                Progress progress = Progress.of(console, "evaluating", validation.size())) {
            return Evaluator.run(best, validation, sized, new StageTimes(), progress::step);
        }
    }
}
