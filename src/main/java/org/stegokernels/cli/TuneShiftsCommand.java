package org.stegokernels.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.stegokernels.data.Dataset;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.stego.Stego;
import org.stegokernels.text.Printable;
import org.stegokernels.train.ShiftTuner;
import org.stegokernels.train.TrainSettings;
import org.stegokernels.train.TrainSettings.Source;
import org.stegokernels.train.TrainingExamples;
import org.stegokernels.train.loss.CorrespondenceLoss.Term;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tune-shifts}: shifts of the loss that fit a dataset. */
@Command(
        name = TuneShiftsCommand.NAME,
        description = {
            "Proposes the shifts of the correspondence loss for a dataset and a backbone.",
            "",
            "A pair of points whose features are more alike than the shift is pulled together, all others are pushed"
                    + " apart. The proposed shifts give pulling the same part in all force as it has in a training that is"
                    + " known to work; what comes out is a settings file for 'train --config', with histograms of the"
                    + " similarities as comments."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = "  stego-kernels tune-shifts -m dino_vits8.safetensors --data photos/ > shifts.yml")
final class TuneShiftsCommand extends CliCommand {
    static final String NAME = "tune-shifts";

    private static final int ROWS = 40;
    private static final int WIDEST = 60;

    @Mixin
    private TrainingSelection selection;

    @Mixin
    private DeviceSelection deviceSelection;

    TuneShiftsCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        return "keep this as shifts.yml, then "
                + NextStep.command(
                        "train", "--config", "shifts.yml", "-m", "MODEL", "--data", "PHOTOS", "-o", "trained");
    }

    @Override
    int run() throws IOException {
        Source given = selection.settings(null, Set.of(), null);
        selection.check(given.settings());
        Devices.Choice choice = deviceSelection.choose();
        Dataset dataset = selection.dataset(given.settings());
        tellLeftOut(dataset);
        ModelSelection.Found found = selection.model(console);
        try (Device device = deviceSelection.open(choice, false);
                Stego model = found.load(device)) {
            TrainSettings settings = selection.inWholePatches(given, model).settings();
            FeatureSource source =
                    selection.source(model, settings, settings.data().size());
            try (TrainingExamples examples = selection.examples(console, dataset, source, settings)) {
                print(dataset, found.label(), settings, ShiftTuner.propose(device, settings, examples));
            }
        }
        return ExitCode.DONE;
    }

    private void print(
            Dataset dataset, String model, TrainSettings settings, Map<Term, ShiftTuner.Proposal> proposals) {
        PrintStream out = console.out();
        out.println("# For " + Printable.line(dataset.name()) + " and "
                + Printable.line(model) + " at " + settings.data().size()
                + " pixels");
        for (Term term : Term.values()) {
            ShiftTuner.Balance proposed = proposals.get(term).proposed();
            ShiftTuner.Balance given = proposals.get(term).given();
            out.printf(
                    Locale.ROOT,
                    "# pulled: %.1f%% of pairs, %.1f%% of the force; with %.3f %.1f%% and %.1f%%%n",
                    100 * proposed.pairs(),
                    100 * proposed.force(),
                    given.shift(),
                    100 * given.pairs(),
                    100 * given.force());
            out.printf(Locale.ROOT, "%s: %.3f%n", Source.shift(term), proposed.shift());
        }
        for (Term term : Term.values()) {
            out.println("#");
            out.println("# " + Source.shift(term) + ": similarities of features, centred");
            draw(
                    proposals.get(term).similarities(),
                    proposals.get(term).proposed().shift());
        }
    }

    /** Draws a bar for each twentieth that is not empty. */
    private void draw(long[] counts, double shift) {
        long[] rows = new long[ROWS];
        long largest = 1;
        for (int i = 0; i < counts.length; i++) {
            int row = i * ROWS / counts.length;
            rows[row] += counts[i];
            largest = Math.max(largest, rows[row]);
        }
        for (int row = 0; row < ROWS; row++) {
            double from = -1 + 2.0 * row / ROWS;
            double to = -1 + 2.0 * (row + 1) / ROWS;
            boolean here = shift >= from && shift < to;
            if (rows[row] > 0 || here) {
                String bar = "#".repeat((int) Math.ceil((double) WIDEST * rows[row] / largest));
                console.out().printf(Locale.ROOT, "# %5.2f %s%s%n", from, bar, here ? " <- shift" : "");
            }
        }
    }
}
