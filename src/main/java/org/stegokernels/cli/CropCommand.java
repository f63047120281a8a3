package org.stegokernels.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.stegokernels.data.CropKind;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.data.DatasetException;
import org.stegokernels.data.DatasetSettings;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.PalettePng;
import org.stegokernels.image.PngWriter;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.FileErrors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code crop}: the crops of a dataset as a dataset of their own. */
@Command(
        name = CropCommand.NAME,
        description = {
            "Cuts five crops out of each image of a dataset, and of its label map.",
            "",
            "Writes imgs/SPLIT, labels/SPLIT and classes.txt, a dataset of the kind 'directory'. What an earlier run"
                    + " with the same images and options left is not made again. Other commands take --crop too and"
                    + " need no copies."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = "  stego-kernels crop --data cityscapes/ -o cityscapes-five/ --split train")
final class CropCommand extends CliCommand {
    static final String NAME = "crop";

    @Mixin
    private DatasetSelection datasetSelection;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            order = 1,
            required = true,
            description = "Folder for the crops; made if missing.")
    private Path out;

    CropCommand(Console console) {
        super(console);
    }

    @Override
    int run() throws IOException {
        DatasetSettings settings = datasetSelection.settings(CropKind.FIVE);
        if (settings.crop() == CropKind.NONE) {
            throw new UsageException("--crop none leaves nothing to do: choose five or random");
        }
        Path target = out.toAbsolutePath().normalize();
        if (target.startsWith(settings.root().toAbsolutePath().normalize())) {
            throw new UsageException("--out " + out + " lies in the dataset itself: choose a folder elsewhere");
        }
        Dataset dataset = datasetSelection.open(CropKind.FIVE);
        Outputs.prepare(out);
        Path key = out.resolve("." + settings.split() + ".key");
        boolean again = Files.exists(key) && Files.readString(key).equals(dataset.contentKey());
        if (!again) {
            Files.deleteIfExists(key);
        }
        int failures = write(dataset, settings.split(), again, key);
        console.out()
                .printf(
                        Locale.ROOT,
                        "%d crops of %d images%s: %s%n",
                        dataset.size() - failures,
                        dataset.size() / settings.crop().crops(),
                        failures == 0 ? "" : ", " + failures + " crops failed",
                        out);
        return failures == 0 ? ExitCode.DONE : ExitCode.SOME_INPUTS_FAILED;
    }

    private int write(Dataset dataset, String split, boolean again, Path key) throws IOException {
        Path images = out.resolve("imgs").resolve(split);
        Path labels = out.resolve("labels").resolve(split);
        if (dataset.classes().count() > 0) {
            byte[] text = dataset.classes().text().getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(out.resolve(DatasetClasses.FILE), stream -> stream.write(text));
        }
        if (!again) {
            removeOld(dataset, images, labels);
            byte[] content = dataset.contentKey().getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(key, stream -> stream.write(content));
        }
        int failures = 0;
        try (Progress progress = Progress.of(console, "cropping", dataset.size())) {
            for (int index = 0; index < dataset.size(); index++) {
                String name = dataset.example(index).id() + ".png";
                try {
                    // The label map first: where there is an image, there are its labels.
                    if (dataset.hasLabels() && !Files.exists(labels.resolve(name))) {
                        FileErrors.makeFolder(labels.resolve(name).getParent());
                        PalettePng.write(
                                labels.resolve(name),
                                dataset.labels(index),
                                dataset.classes().palette());
                    }
                    if (!Files.exists(images.resolve(name))) {
                        FileErrors.makeFolder(images.resolve(name).getParent());
                        PngWriter.write(images.resolve(name), dataset.image(index));
                    }
                } catch (ImageException | DatasetException e) {
                    console.error(e.getMessage());
                    failures++;
                }
                progress.step();
            }
        }
        return failures;
    }

    /** Crops of other images or options under the same names. */
    private static void removeOld(Dataset dataset, Path images, Path labels) throws IOException {
        for (int index = 0; index < dataset.size(); index++) {
            String name = dataset.example(index).id() + ".png";
            Files.deleteIfExists(images.resolve(name));
            Files.deleteIfExists(labels.resolve(name));
        }
    }
}
