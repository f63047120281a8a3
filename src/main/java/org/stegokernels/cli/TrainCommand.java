package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.stegokernels.data.CropKind;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.DatasetException;
import org.stegokernels.data.DatasetKind;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.stego.Stego;
import org.stegokernels.train.FeatureCache;
import org.stegokernels.train.FeatureSource;
import org.stegokernels.train.FeatureValidation;
import org.stegokernels.train.ModelFiles;
import org.stegokernels.train.TrainSettings;
import org.stegokernels.train.Trainer;
import org.stegokernels.train.TrainingExamples;
import org.stegokernels.train.TrainingFolder;
import org.stegokernels.train.TrainingHooks;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code train}: from a folder of photographs to a model that segments them. */
@Command(
        name = TrainCommand.NAME,
        description = {
            "Trains a STEGO model on photographs, without a label; if there are labels, they only measure it. Of --model"
                    + " only the vision transformer is used.",
            "",
            "Leaves in --out: best.safetensors, the model whose clusters were best on the validation images (where there"
                    + " are labels), and last.safetensors, both for 'segment'; report.html, with curves, pictures and scores;"
                    + " metrics.jsonl, its figures; settings.yml; checkpoint.safetensors, from which --resume goes on to"
                    + " the same bits. Ctrl-C writes a checkpoint first."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels train -m dino_vits8.safetensors --data photos/ --classes 8 -o trained/",
            "  stego-kernels train -m dino_vitb8.safetensors --data cocostuff/ --preset cocostuff27_vit_base -o trained/",
            "  stego-kernels train -m dino_vits8.safetensors --data photos/ -o trained/ --resume"
        })
final class TrainCommand extends CliCommand {
    static final String NAME = "train";

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
            names = "--resume",
            order = 13,
            description = "Go on behind the checkpoint in --out, with its settings; starts anew if there is none.")
    private boolean resume;

    @Mixin
    private DeviceSelection deviceSelection;

    TrainCommand(Console console) {
        super(console);
    }

    @Override
    int run() throws IOException {
        TrainingFolder folder = new TrainingFolder(out);
        Optional<Integer> before = Trainer.checkpointed(folder);
        if (before.isPresent() && !resume) {
            throw new UsageException(out + " holds a training of " + before.get()
                    + " steps: add --resume to go on, or choose another --out");
        }
        TrainSettings settings = settings(before.isPresent() ? Trainer.settingsOf(folder) : null);
        selection.check(settings);
        Devices.Choice choice = deviceSelection.choose();
        Dataset dataset = selection.dataset(settings);
        int classes = dataset.classes().count();
        if (classes == 0) {
            throw new UsageException("nothing says how many classes to find: add --classes N, or a classes.txt");
        }
        Outputs.prepare(out);
        ModelSelection.Found found = selection.model(console);
        try (Device device = deviceSelection.open(choice, false);
                Stego model = found.load(device)) {
            FeatureSource source = selection.source(device, model, settings, settings.res());
            Dataset held = validationSet(settings, dataset);
            try (TrainingExamples examples = selection.examples(console, dataset, source, settings);
                    FeatureValidation validation = held == null ? null : validation(device, model, settings, held);
                    TrainingConsole told = new TrainingConsole(console, before.orElse(0), settings.maxSteps())) {
                TrainingHooks hooks = new TrainingHooks(
                        new ModelFiles(model, settings, dataset.hasLabels() ? dataset.classes() : null),
                        validation,
                        told);
                try (Trainer trainer = TrainingSelection.withUsage(
                        () -> new Trainer(device, settings, examples, classes, folder, hooks))) {
                    if (before.isPresent()) {
                        TrainingSelection.withUsage(() -> {
                            trainer.resume();
                            return null;
                        });
                    }
                    if (train(trainer, told)) {
                        String summary = told.summary();
                        new TrainingReport(folder, settings, dataset, held)
                                .write(device, choice.info().id(), console);
                        console.out().println(summary + "; kept in " + out + ", see report.html");
                    }
                }
            }
        }
        return ExitCode.DONE;
    }

    private TrainSettings settings(TrainSettings base) throws IOException {
        return selection.settings(base, steps == null ? null : "max_steps=" + steps);
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

    /** Null if there are no labelled images to validate with. */
    private Dataset validationSet(TrainSettings settings, Dataset train) throws IOException {
        if (settings.valFreq() == 0 || !train.hasLabels() || train.settings().kind() == DatasetKind.FOLDER) {
            return null;
        }
        try {
            Dataset dataset = Dataset.open(train.settings()
                    .withSplit("val")
                    .withCrop(CropKind.NONE, train.settings().cropRatio()));
            if (dataset.hasLabels()) {
                return dataset;
            }
            console.err().println("no validation: " + dataset.name() + " has no labels");
        } catch (DatasetException e) {
            console.err().println("no validation: " + e.getMessage());
        }
        return null;
    }

    private FeatureValidation validation(Device device, Stego model, TrainSettings settings, Dataset held)
            throws IOException {
        FeatureSource source = selection.source(device, model, settings, settings.valRes());
        FeatureCache features = selection.features(console, held, source);
        return new FeatureValidation(device, features, held.classes().count());
    }
}
