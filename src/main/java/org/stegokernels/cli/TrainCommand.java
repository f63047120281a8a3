package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.stegokernels.cluster.Clustering;
import org.stegokernels.cluster.Clustering.Points;
import org.stegokernels.cluster.KMeans;
import org.stegokernels.cluster.KMeans.Suggestion;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Dataset.CropKind;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.stego.SegmentationHead;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.train.ShiftTuner;
import org.stegokernels.train.TrainSettings;
import org.stegokernels.train.TrainSettings.ObjectiveKind;
import org.stegokernels.train.TrainSettings.Source;
import org.stegokernels.train.Trainer;
import org.stegokernels.train.Trainer.Hooks;
import org.stegokernels.train.TrainingExamples;
import org.stegokernels.train.TrainingFolder;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.CorrespondenceLoss.Term;
import org.stegokernels.weights.ModelException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code train}: from a folder of photographs to a model that segments them. */
@Command(
        name = TrainCommand.NAME,
        description = {
            "Trains a STEGO model on photographs, without a label; if there are labels, they only measure it. Of --model"
                    + " only the vision transformer is used, and with --preset primaps its head, if it has one.",
            "",
            "Leaves in --out: best.safetensors, the model whose clusters were best on the validation images (where there"
                    + " are labels); consensus.safetensors, that of the validated step whose labels agree best with those of the"
                    + " other steps (three at least; no labels needed); and last.safetensors, all for 'segment'; report.html,"
                    + " with curves, pictures and scores; metrics.jsonl, its figures; settings.yml; with --classes auto"
                    + " classes.json, why so many; checkpoint.safetensors, from which --resume goes on to the same bits,"
                    + " and snapshots/, the validated steps. Ctrl-C writes a checkpoint first."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels train -m dino_vits8.safetensors --data photos/ --classes 8 -o trained/",
            "  stego-kernels train -m dino_vits8.safetensors --data photos/ --classes auto -o trained/",
            "  stego-kernels train -m dino_vitb8.safetensors --data cocostuff/ --preset cocostuff27_vit_base -o trained/",
            "  stego-kernels train -m dino_vits8.safetensors --data photos/ -o trained/ --resume"
        })
final class TrainCommand extends CliCommand {
    static final String NAME = "train";

    /** The source of shifts that are not given. */
    enum Shifts {
        AUTO,
        PUBLISHED
    }

    @Mixin
    private TrainingSelection selection;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            order = 4,
            required = true,
            description = "Folder for the results; made if missing.")
    private Path out;

    @Option(names = "--steps", paramLabel = "N", order = 12, description = "Short for --set max_steps=N.")
    private Integer steps;

    @Option(
            names = "--shifts",
            paramLabel = "HOW",
            order = 7,
            description =
                    "Shifts of the loss that neither --config nor --set gives: auto fits them to the images and the"
                            + " backbone, as 'tune-shifts' does; published takes the preset's, or without one those of"
                            + " train_config.yml. Default: auto, with --preset published. With --resume as before.")
    private Shifts shifts;

    @Option(
            names = "--resume",
            order = 13,
            description = "Go on after the checkpoint in --out, with its settings; starts anew if there is none.")
    private boolean resume;

    @Mixin
    private DeviceSelection deviceSelection;

    TrainCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        TrainingFolder folder = new TrainingFolder(out);
        return NextStep.look(folder.report()) + ", then "
                + NextStep.command("segment", "PHOTOS", "-m", folder.recommended(), "-o", "masks");
    }

    @Override
    int run() throws IOException {
        TrainingFolder folder = new TrainingFolder(out);
        Optional<Integer> before = Trainer.checkpointed(folder);
        if (before.isPresent() && !resume) {
            throw new UsageException(out + " holds a training of " + before.get()
                    + " steps: add --resume to go on, or choose another --out");
        }
        Source given = settings(before.isPresent() ? Trainer.settingsOf(folder) : null);
        selection.check(given.settings());
        Devices.Choice choice = deviceSelection.choose();
        Dataset dataset = selection.dataset(given.settings());
        tellLeftOut(dataset);
        boolean suggest = selection.suggestsClasses() && before.isEmpty();
        if (suggest && (dataset.hasLabels() || dataset.classes().count() > 0)) {
            throw new UsageException(
                    "--classes auto is for photographs alone, and " + dataset.name()
                            + " has labels or a list of classes: give the folder of its photographs, or leave --classes auto out");
        }
        if (!suggest && dataset.classes().count() == 0) {
            throw new UsageException(
                    "nothing says how many classes to find: add --classes N, --classes auto or a classes.txt");
        }
        Outputs.prepare(out);
        try (TrainingFolder.Lock lock = folder.lock()) {
            if (!Trainer.checkpointed(folder).equals(before)) {
                throw new IOException(out + ": another training has just been at work there; run it again");
            }
            ModelSelection.Found found = selection.model(console);
            try (Device device = deviceSelection.open(choice, false);
                    Stego model = found.load(device)) {
                train(lock, device, choice.info().id(), model, dataset, given);
            }
        }
        return ExitCode.DONE;
    }

    /** Returns the settings. A new training takes those shifts of a preset that '--shifts auto' doesn't replace. */
    private Source settings(TrainSettings base) throws IOException {
        Set<String> withoutOfPreset = shifts == Shifts.AUTO ? Source.SHIFTS : Set.of();
        return selection.settings(base, withoutOfPreset, steps == null ? null : "max_steps=" + steps);
    }

    private void train(
            TrainingFolder.Lock lock, Device device, String deviceId, Stego model, Dataset images, Source given)
            throws IOException {
        Optional<Integer> checkpointed = Trainer.checkpointed(lock.folder());
        int before = checkpointed.orElse(0);
        if (before > 0) {
            requireItsModel(lock.folder(), model.backbone().patch());
        }
        Source sized = withCodes(selection.inWholePatches(given, model), model);
        FeatureSource source = selection.source(
                model, sized.settings(), sized.settings().data().size());
        if (before > 0) {
            TrainingSelection.withUsage(() ->
                    Trainer.requireResumable(lock.folder(), sized.settings(), selection.identity(images, source)));
        }
        Dataset held = validationSet(sized.settings(), images);
        try (TrainingExamples examples = selection.examples(console, images, source, sized.settings());
                Hooks.Validation validation = held == null ? null : validation(device, model, sized.settings(), held)) {
            if (checkpointed.isEmpty()) {
                Files.deleteIfExists(lock.folder().suggestion());
            }
            boolean suggest = selection.suggestsClasses() && checkpointed.isEmpty();
            Source counted = suggest ? withSuggestedClasses(device, sized, examples, lock.folder()) : sized;
            Dataset dataset = suggest ? selection.dataset(counted.settings()) : images;
            TrainSettings settings = fitted(device, counted, examples);
            try (TrainingConsole told =
                    new TrainingConsole(console, before, settings.schedule().steps())) {
                Hooks hooks = new Hooks(
                        new Hooks.ModelFiles(model, settings, dataset.hasLabels() ? dataset.classes() : null),
                        validation,
                        told);
                try (Trainer trainer = TrainingSelection.withUsage(() -> new Trainer(
                        device, settings, examples, dataset.classes().count(), headAndProbes(model), lock, hooks))) {
                    if (before > 0) {
                        TrainingSelection.withUsage(trainer::resume);
                    }
                    if (train(trainer, told)) {
                        String summary = told.summary();
                        TrainingReport report = new TrainingReport(lock.folder(), settings, dataset, held);
                        if (settings.data().square() == TrainSettings.Square.RANDOM) {
                            try (TrainingExamples middles =
                                    TrainingExamples.live(dataset, source, false, FeatureCache.Progress.NONE)) {
                                report.write(device, deviceId, console, middles, trainer);
                            }
                        } else {
                            report.write(device, deviceId, console, examples, trainer);
                        }
                        String agreed = trainer.consensusStep()
                                .map(step -> "; step " + step + " agrees best with the others (consensus.safetensors)")
                                .orElse("");
                        console.out().println(summary + agreed + "; kept in " + out + ", see report.html");
                    }
                }
            }
        }
    }

    /**
     * Refuses options that don't fit. The sizes of a checkpoint are nothing that the person at the keyboard chose now.
     */
    private static void requireItsModel(TrainingFolder folder, int patch) {
        TrainSettings kept = Trainer.settingsOf(folder);
        for (int pixels : new int[] {kept.data().size(), kept.data().validationSize()}) {
            if (pixels % patch != 0) {
                throw new ModelException(
                        folder.checkpoint().toString(),
                        null,
                        "its size of " + pixels + " pixels is not in whole patches of " + patch
                                + " pixels, as the given model has them",
                        "Go on with the model that it was trained with, or start anew in another folder.");
            }
        }
    }

    /** Returns settings with the length of what an objective without a head of its own looks at. */
    private static Source withCodes(Source given, Stego model) {
        if (given.settings().objective() != ObjectiveKind.PRIMAPS || given.gives("dim")) {
            return given;
        }
        int channels = model.head()
                .map(SegmentationHead::outputs)
                .orElse(model.backbone().width());
        return given.set("dim=" + channels);
    }

    /** Returns settings with the number of classes that the features suggest; the reasons are kept in the folder. */
    private Source withSuggestedClasses(Device device, Source given, TrainingExamples examples, TrainingFolder folder)
            throws IOException {
        long seed = given.settings().seed();
        Suggestion suggestion;
        try (Progress progress = Progress.of(console, "how many classes", Suggestion.MOST - Suggestion.LEAST + 1)) {
            Points points = Points.of(List.of(examples.sample(Suggestion.SAMPLE, seed)), examples.channels());
            suggestion = KMeans.suggest(device, points, seed, progress::stepTo);
        } catch (Clustering.ImpossibleException e) {
            throw new UsageException("--classes auto: " + e.getMessage() + "; or say how many with --classes N");
        }
        AtomicFile.write(
                folder.suggestion(), out -> JsonWriter.print(out, json -> SuggestionFile.write(suggestion, json)));
        int classes = suggestion.best().clusters();
        console.err().println(classes + " classes (--classes auto): " + suggestion.reason());
        return given.set("dir_dataset_n_classes=" + classes);
    }

    private static Map<String, HostTensor> headAndProbes(Stego model) {
        Map<String, HostTensor> tensors = model.headTensors();
        tensors.putAll(model.probeTensors());
        return tensors;
    }

    /** Returns settings whose missing shifts are fitted to the features. */
    private TrainSettings fitted(Device device, Source given, TrainingExamples examples) {
        if (shifts == Shifts.PUBLISHED || given.settings().objective() != ObjectiveKind.STEGO) {
            return given.settings();
        }
        Source fitted = ShiftTuner.complete(device, given, examples);
        if (fitted != given) {
            CorrespondenceLoss.Settings chosen =
                    fitted.settings().correspondence().loss();
            console.err()
                    .println(Stream.of(Term.values())
                            .filter(term -> !given.gives(Source.shift(term)))
                            .map(term -> String.format(
                                    Locale.ROOT,
                                    "%s=%.3f",
                                    Source.shift(term),
                                    chosen.of(term).shift()))
                            .collect(Collectors.joining(
                                    " ", "shifts fitted to the images and the backbone: ", " (--shifts auto)")));
        }
        return fitted.settings();
    }

    /** Runs it, and if the process is asked to end meanwhile, keeps it alive until there is a checkpoint. */
    private boolean train(Trainer trainer, TrainingConsole told) throws IOException {
        try (EarlyEnd end = new EarlyEnd(trainer::stop)) {
            boolean done = trainer.run();
            told.close();
            if (!done) {
                console.err().println("stopped after step " + trainer.step() + ": go on with --resume");
            }
            return done;
        }
    }

    /** Returns null if there are no labelled images to validate with. */
    private Dataset validationSet(TrainSettings settings, Dataset train) throws IOException {
        if (settings.schedule().validateEvery() == 0
                || !train.hasLabels()
                || train.settings().kind() == Dataset.Kind.FOLDER) {
            return null;
        }
        try {
            Dataset dataset = Dataset.open(train.settings()
                    .withSplit("val")
                    .withCrop(CropKind.NONE, train.settings().cropRatio()));
            if (dataset.hasLabels()) {
                tellLeftOut(dataset);
                return dataset;
            }
            console.err().println("no validation: " + dataset.name() + " has no labels");
        } catch (DatasetException e) {
            console.err().println("no validation: " + e.getMessage());
        }
        return null;
    }

    private Hooks.Validation validation(Device device, Stego model, TrainSettings settings, Dataset held)
            throws IOException {
        FeatureSource source = selection.source(model, settings, settings.data().validationSize());
        FeatureCache features = selection.features(console, held, source);
        return Hooks.Validation.onFeatures(device, features, held.classes().count());
    }
}
