package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.stegokernels.image.Palette;
import org.stegokernels.image.PalettePng;
import org.stegokernels.image.PngWriter;
import org.stegokernels.stego.ClusterFinder;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.stego.Segmenter.Options.Protocol;
import org.stegokernels.stego.Stego;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code segment}: photographs to label maps. */
@Command(
        name = SegmentCommand.NAME,
        description = {
            "Cuts photographs into regions.",
            "",
            "For each NAME.jpg, writes NAME.png, whose palette indices are class ids, and NAME.overlay.png to look at;"
                    + " and for all of them summary.json.",
            "",
            "Classes come from a STEGO model, or, with --clusters K, from the photographs themselves: whatever K kinds"
                    + " of patches they have in common.",
            "",
            "Where two photographs would get one name, the second one's results are called NAME-2."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels segment photos/ -m stego.safetensors -o masks/",
            "  stego-kernels segment a.jpg b.jpg -m vit.safetensors --clusters 8 -o masks/",
            "  stego-kernels segment 'trip/**/*.jpg' -m stego.safetensors --size 448 -o out"
        })
final class SegmentCommand extends PhotographsCommand {
    static final String NAME = "segment";

    private static final String LABELS = ".png";
    private static final String OVERLAY = ".overlay.png";

    @Option(
            names = {"-k", "--clusters"},
            paramLabel = "K",
            order = 3,
            description = "For a model that knows no classes: find K in all photographs together.")
    private Integer clusters;

    @Option(
            names = "--seed",
            paramLabel = "N",
            order = 4,
            defaultValue = "0",
            description = "Where the search for clusters starts; equal seeds give equal classes. Default:"
                    + " ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--crf",
            negatable = true,
            order = 6,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether a dense CRF sharpens the borders. Default: it does.")
    private boolean crf;

    @Option(
            names = "--flip",
            negatable = true,
            order = 7,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether the mirror image is looked at too, which steadies the result at twice the time."
                    + " Default: it is.")
    private boolean flip;

    @Option(
            names = "--probe",
            paramLabel = "NAME",
            order = 8,
            defaultValue = "cluster",
            description =
                    "Which classifier of a STEGO model is asked: cluster, found without labels, or linear, trained"
                            + " on some. Default: ${DEFAULT-VALUE}.")
    private Probe probe;

    @Option(
            names = "--protocol",
            paramLabel = "NAME",
            order = 9,
            defaultValue = "whole",
            description = "whole: the whole photograph at its own size. published: as in the published evaluation, the"
                    + " middle square at --size pixels, resized with nearest neighbour. Default: ${DEFAULT-VALUE}.")
    private Protocol protocol;

    SegmentCommand(Console console) {
        super(console);
    }

    @Override
    void checkOptions() {
        if (clusters != null && (clusters < 2 || clusters > ClusterFinder.MAX_CLUSTERS)) {
            throw new UsageException(
                    "--clusters must be between 2 and " + ClusterFinder.MAX_CLUSTERS + ", not " + clusters);
        }
    }

    @Override
    List<String> suffixes() {
        return List.of(LABELS, OVERLAY);
    }

    @Override
    boolean twice() {
        return clusters != null;
    }

    @Override
    void process(Batch batch, Stego model) throws IOException {
        Segmenter.Options options = sized(
                new Segmenter.Options(Segmenter.Options.DEFAULT.size(), flip, crf, probe, protocol),
                model.info().settings().inputSize());
        checkModel(model, options);
        record(options);
        if (clusters == null) {
            segment(batch, model, options);
        } else {
            findAndSegment(batch, model, options);
        }
    }

    private void checkModel(Stego model, Segmenter.Options options) {
        boolean classes = !model.probes().isEmpty();
        if (clusters == null && !classes) {
            throw new UsageException(
                    modelLabel() + " is a backbone that knows no classes: pass --clusters K to find K of"
                            + " them in the photographs, or give a STEGO model");
        }
        if (clusters != null && classes) {
            throw new UsageException(
                    "--clusters is for a model that knows no classes; " + modelLabel() + " has " + model.classCount());
        }
        if (clusters == null && !model.probes().contains(probe)) {
            throw new UsageException(
                    modelLabel() + " has no such classifier as --probe asks for; it has the other one");
        }
        if (protocol == Protocol.PUBLISHED) {
            PatchSize.require("--protocol published", size(), options.size(), modelLabel(), model);
        }
    }

    private void record(Segmenter.Options options) {
        summary().setting("size", options.size());
        summary().setting("protocol", name(protocol));
        summary().setting("flip", flip);
        summary().setting("crf", crf);
        if (clusters == null) {
            summary().setting("probe", name(probe));
        } else {
            summary().setting("clusters", clusters);
            summary().setting("seed", seed);
        }
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private void segment(Batch batch, Stego model, Segmenter.Options options) throws IOException {
        try (Segmenter segmenter = Segmenter.of(model, options, times)) {
            summary().classes(segmenter.classes());
            batch.forEach(
                    "segmenting", (position, image, file, stem) -> write(batch, segmenter.segment(image), file, stem));
        }
    }

    private void findAndSegment(Batch batch, Stego model, Segmenter.Options options) throws IOException {
        try (ClusterFinder finder = new ClusterFinder(model, options, times)) {
            batch.forEach("finding classes", (position, image, file, stem) -> finder.add(image));
            if (batch.size() == 0 || batch.stopped()) {
                return;
            }
            try {
                finder.find(clusters, seed);
            } catch (IllegalArgumentException e) {
                throw new UsageException("--clusters " + clusters + ": " + e.getMessage());
            }
            summary().classes(finder.classes());
            batch.again();
            batch.forEach(
                    "segmenting",
                    (position, image, file, stem) -> write(batch, finder.segment(position, image), file, stem));
        }
    }

    private void write(Batch batch, Segmentation result, Path file, Path stem) throws IOException {
        Path labels = Outputs.with(stem, LABELS);
        Path overlay = Outputs.with(stem, OVERLAY);
        Map<String, Path> files = new LinkedHashMap<>();
        files.put("labels", labels);
        files.put("overlay", overlay);
        batch.write(
                file,
                stem,
                () -> {
                    Palette palette = Segmentation.palette(result.classes());
                    results().write(labels, out -> PalettePng.write(out, result.labels(), palette));
                    results().write(overlay, out -> PngWriter.write(out, result.overlayWithLegend()));
                },
                () -> summary().segmented(file, result, files));
    }

    @Override
    void printText(Summary done) {
        new ClassTable(console).print(done, out());
    }
}
