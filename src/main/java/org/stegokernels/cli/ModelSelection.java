package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.stegokernels.device.Device;
import org.stegokernels.stego.ModelInfo.Views;
import org.stegokernels.stego.Stego;
import org.stegokernels.weights.DemoModel;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import picocli.CommandLine.Option;

/** The options that say which model, and how it is found. */
abstract class ModelSelection {
    private static final String KINDS = "A safetensors file (a STEGO model, or a vision transformer with the names of"
            + " DINO, DeiT or timm), or a name that 'models list' shows";
    /** A word of this form that is no file is taken for a mistyped name. */
    private static final String NAME = "[\\w-]+";

    private static final Found DEMO = new Found(DemoModel.NAME, null, null);

    @Option(
            names = "--pull",
            order = 19,
            description = "Download the model of that name first if it is not here yet; without this, nothing is ever"
                    + " downloaded.")
    private boolean pull;

    @Option(
            names = "--scales",
            paramLabel = "S,S",
            split = ",",
            order = 17,
            description = "Let the backbone see each image at several sizes, factors of the usual one, and average the"
                    + " features: 1,0.75. Default: as the model was trained, else 1.")
    private List<Double> scales;

    @Option(
            names = "--window",
            paramLabel = "N",
            order = 18,
            description = "Let the backbone see each image in windows of N x N pixels, of the image at --size, that"
                    + " overlap by half, and blend the features; 0 for none. Default: as the model was trained, else"
                    + " 0.")
    private Integer window;

    /** The selection of commands to try out at once. */
    static final class OrDemo extends ModelSelection {
        @Option(
                names = {"-m", "--model"},
                paramLabel = "MODEL",
                order = 2,
                description = KINDS + ". Default: demo, the small one that comes with the program.")
        private String given;

        @Override
        String given() {
            return given;
        }
    }

    /** The selection of commands that take long: without a default, lest the demo model be taken by oversight. */
    static final class Required extends ModelSelection {
        @Option(
                names = {"-m", "--model"},
                paramLabel = "MODEL",
                order = 2,
                required = true,
                description = KINDS + "; demo is the small one that comes with the program.")
        private String given;

        @Override
        String given() {
            return given;
        }
    }

    /**
     * A model that is here.
     *
     * @param label what to call it
     * @param file null for the one that comes with the program
     * @param views the ways in which its backbone is to see images; null for those that the model names
     */
    record Found(String label, Path file, Views views) {
        /**
         * @throws ModelException if the file can't be read, or holds no model
         * @throws UsageException if the views don't fit the model
         */
        Stego load(Device device) {
            Safetensors model = file == null ? DemoModel.open() : Stego.open(file);
            try {
                return Stego.load(model, device, Optional.ofNullable(views));
            } catch (IllegalArgumentException e) {
                if (views == null) {
                    throw e;
                }
                throw new UsageException("--" + e.getMessage());
            }
        }
    }

    /** Returns the value of {@code --model}; null if it is not given. */
    abstract String given();

    /**
     * Finds the model, and downloads it if that is asked for. Whether a given file is there and right shows when it is
     * loaded.
     *
     * @throws ModelException if it has a name and is not here; the message says how to get it
     * @throws UsageException if the views can't be meant
     * @throws IOException if it can't be downloaded
     */
    final Found find(Console console) throws IOException {
        if (given() == null) {
            console.err()
                    .println("This is the demo model, small and made for trying out. For a full one: 'stego-kernels"
                            + " models list', then --model NAME --pull");
            return new Found(DEMO.label(), null, views());
        }
        Found found = find(given(), pull, console);
        return new Found(found.label(), found.file(), views());
    }

    /** Returns the views that the options give, null if they give none. */
    private Views views() {
        if (scales == null && window == null) {
            return null;
        }
        try {
            return new Views(
                    scales == null ? Views.WHOLE.scales() : scales, window == null ? Views.WHOLE.window() : window);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--" + e.getMessage());
        }
    }

    /** As above, for a model given otherwise. */
    static Found find(String given, boolean pull, Console console) throws IOException {
        if (!given.matches(NAME) || Files.exists(Path.of(given)) && !given.equals(DEMO.label())) {
            return new Found(given, Path.of(given), null);
        }
        return given.equals(DEMO.label()) ? DEMO : new Found(given, ModelPull.find(given, pull, console), null);
    }
}
