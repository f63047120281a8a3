package org.stegokernels.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Dataset.CropKind;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.InnerPath;
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

    @Mixin
    private ResultFolder.Overwriting overwriting;

    /**
     * The files of one crop.
     *
     * @param index of the example in the dataset
     * @param labels unused if the dataset has no labels
     */
    private record Crop(int index, Path image, Path labels) {}

    CropCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        return NextStep.command("train", "-m", "MODEL", "--data", out, "-o", "trained");
    }

    @Override
    int run() throws IOException {
        Dataset.Settings settings = datasetSelection.settings(CropKind.FIVE);
        if (settings.crop() == CropKind.NONE) {
            throw new UsageException("--crop none leaves nothing to do: choose five or random");
        }
        Path target = out.toAbsolutePath().normalize();
        if (target.startsWith(settings.root().toAbsolutePath().normalize())) {
            throw new UsageException("--out " + out + " lies in the dataset itself: choose a folder elsewhere");
        }
        Dataset dataset = datasetSelection.open(CropKind.FIVE);
        tellLeftOut(dataset);
        ResultFolder results = ResultFolder.of(out, NAME, overwriting);
        Path key = out.resolve("." + settings.split() + ".key");
        boolean again = isFile(key) && Files.readString(key).equals(dataset.contentKey());
        List<Crop> crops = plan(dataset, settings.split());
        results.prepare();
        requireOwn(results, crops, key, again);
        prepare(results, dataset, crops, key, again);
        write(results, dataset, crops);
        int failures = dataset.size() - crops.size();
        console.out()
                .printf(
                        Locale.ROOT,
                        "%d crops of %d images%s: %s%n",
                        crops.size(),
                        dataset.size() / settings.crop().crops(),
                        failures == 0 ? "" : ", " + failures + " crops failed",
                        out);
        return failures == 0 ? ExitCode.DONE : ExitCode.SOME_INPUTS_FAILED;
    }

    /** Follows no link: nothing but this program makes such a file. */
    private static boolean isFile(Path file) {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** Returns the crops whose files have their place in the folder; those that have not have failed. */
    private List<Crop> plan(Dataset dataset, String split) {
        List<Crop> crops = new ArrayList<>();
        for (int index = 0; index < dataset.size(); index++) {
            String name = dataset.example(index).id() + ".png";
            try {
                Path image = InnerPath.of(out.resolve("imgs").resolve(split), name);
                Path labels = InnerPath.of(out.resolve("labels").resolve(split), name);
                AtomicFile.requireReplaceable(image);
                AtomicFile.requireReplaceable(labels);
                crops.add(new Crop(index, image, labels));
            } catch (IOException e) {
                console.error(FileErrors.text(e));
            }
        }
        return crops;
    }

    /** Makes sure that crops of an earlier run for the same images and options stay, and nothing else is replaced. */
    private void requireOwn(ResultFolder results, List<Crop> crops, Path key, boolean again) throws IOException {
        if (again) {
            return;
        }
        results.require(key);
        results.require(out.resolve(DatasetClasses.FILE));
        for (Crop crop : crops) {
            results.require(crop.image());
            results.require(crop.labels());
        }
    }

    /** Deletes crops of other images or options under the same names, and tells later runs what the new ones are of. */
    private void prepare(ResultFolder results, Dataset dataset, List<Crop> crops, Path key, boolean again)
            throws IOException {
        Path classes = out.resolve(DatasetClasses.FILE);
        if (dataset.classes().count() > 0 && !(again && Files.exists(classes))) {
            byte[] text = dataset.classes().text().getBytes(StandardCharsets.UTF_8);
            results.write(classes, stream -> stream.write(text));
        }
        if (!again) {
            Files.deleteIfExists(key);
            for (Crop crop : crops) {
                Files.deleteIfExists(crop.image());
                Files.deleteIfExists(crop.labels());
            }
            byte[] content = dataset.contentKey().getBytes(StandardCharsets.UTF_8);
            results.write(key, stream -> stream.write(content));
        }
    }

    /** Takes crops that fail off the list. */
    private void write(ResultFolder results, Dataset dataset, List<Crop> crops) throws IOException {
        try (Progress progress = Progress.of(console, "cropping", crops.size())) {
            for (Iterator<Crop> each = crops.iterator(); each.hasNext(); progress.step()) {
                try {
                    write(results, dataset, each.next());
                } catch (ImageException | DatasetException e) {
                    console.error(e.getMessage());
                    each.remove();
                } catch (IOException e) {
                    if (FileErrors.isDiskFull(e)) {
                        throw e;
                    }
                    console.error(FileErrors.text(e));
                    each.remove();
                }
            }
        }
    }

    /** Writes the label map first: where there is an image, there are its labels. */
    private static void write(ResultFolder results, Dataset dataset, Crop crop) throws IOException {
        if (dataset.hasLabels() && !Files.exists(crop.labels())) {
            FileErrors.makeFolder(crop.labels().getParent());
            LabelMap labels = dataset.labels(crop.index());
            results.write(
                    crop.labels(),
                    stream -> PalettePng.write(stream, labels, dataset.classes().palette()));
        }
        if (!Files.exists(crop.image())) {
            FileErrors.makeFolder(crop.image().getParent());
            RgbImage image = dataset.image(crop.index());
            results.write(crop.image(), stream -> PngWriter.write(stream, image));
        }
    }
}
