package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.Format;
import org.stegokernels.raster.GeoReference;
import org.stegokernels.report.PhotographIndex;
import org.stegokernels.stego.ClusterFinder;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmentation.ClassInfo;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.stego.Segmenter.Options.Protocol;
import org.stegokernels.stego.Stego;
import org.stegokernels.stego.TiledSegmenter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code segment}: photographs to label maps. */
@Command(
        name = SegmentCommand.NAME,
        description = {
            "Cuts photographs into regions.",
            "",
            "For each NAME.jpg, writes NAME.png, whose palette indices are class ids, and NAME.overlay.png to look at;"
                    + " and for all of them summary.json, and index.html, a contact sheet. For a GeoTIFF it is NAME.tif,"
                    + " with the coordinates of the picture.",
            "",
            "Classes come from a STEGO model, or, with --clusters K, from the photographs themselves: whatever K kinds"
                    + " of patches they have in common.",
            "",
            "Where two photographs would get one name, the second one's results are called NAME-2.",
            "",
            "After a Ctrl-C there is a summary of what is done, and --skip-existing goes on from there."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels segment photos/ -m stego.safetensors -o masks/",
            "  stego-kernels segment a.jpg b.jpg -m vit.safetensors --clusters 8 -o masks/",
            "  stego-kernels segment 'trip/**/*.jpg' -m stego.safetensors --size 448 -o out",
            "  stego-kernels segment scene.tif -m stego.safetensors --tile 640 --bands 4,3,2 -o out"
        })
final class SegmentCommand extends PhotographsCommand {
    static final String NAME = "segment";

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
            description = "Sharpen the borders with a dense CRF. Default: yes.")
    private boolean crf;

    @Option(
            names = "--flip",
            negatable = true,
            order = 7,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Look at the mirror image too, which steadies the result at twice the time. Default: yes.")
    private boolean flip;

    @Option(
            names = "--probe",
            paramLabel = "NAME",
            order = 8,
            description =
                    "Which classifier of a STEGO model is asked: cluster, found without labels, or linear, trained"
                            + " on some. Default: cluster, or linear for a model without clusters.")
    private Probe probe;

    @Option(
            names = "--protocol",
            paramLabel = "NAME",
            order = 9,
            defaultValue = "whole",
            description = "whole: the whole photograph at its own size. published: as in the published evaluation, the"
                    + " middle square at --size pixels, resized with nearest neighbour. Default: ${DEFAULT-VALUE}.")
    private Protocol protocol;

    @Mixin
    private ResultSelection wanted;

    @Option(
            names = "--skip-existing",
            order = 37,
            description = "Leave out photographs whose results are there already, made by the same model, settings and"
                    + " file (of equal size and time of change). With --clusters, all photographs or none, since each"
                    + " one counts for all.")
    private boolean skipExisting;

    @Mixin
    private IndexSelection index;

    @Mixin
    private Tiling tiling;

    /** By photograph. */
    private final Map<Path, String> keys = new HashMap<>();

    /** By photograph; of those that were asked for. */
    private final Map<Path, Optional<GeoReference>> places = new HashMap<>();

    private EarlierRun earlier;
    /** Photographs whose results the earlier run has left. */
    private final List<Summary.Picture> kept = new ArrayList<>();

    SegmentCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        String export = NextStep.command("export", out(), "--format", "coco");
        return index.wanted() ? NextStep.look(out().resolve(PhotographIndex.FILE)) + ", or " + export : export;
    }

    @Override
    void checkOptions() {
        if (clusters != null && (clusters < 2 || clusters > ClusterFinder.MAX_CLUSTERS)) {
            throw new UsageException(
                    "--clusters must be between 2 and " + ClusterFinder.MAX_CLUSTERS + ", not " + clusters);
        }
        wanted.check();
        tiling.check(wanted, protocol, clusters != null);
        if (skipExisting && !wanted.formats().contains(Format.PNG)) {
            throw new UsageException("--skip-existing needs the labels that png keeps: add png to --format");
        }
    }

    @Override
    List<String> overviews() {
        return index.wanted() ? List.of(Summary.FILE, PhotographIndex.FILE) : super.overviews();
    }

    @Override
    List<String> suffixes(Path photograph) {
        return List.copyOf(wanted.suffixes(ending(photograph)).values());
    }

    @Override
    List<Integer> withoutKept(List<Inputs.Photograph> photographs, List<Path> stems, ModelSelection.Found model) {
        Exports.requireApart(wanted.formats(), out(), stems);
        ResultKey key = new ResultKey(
                model, settings(size() == null ? "the model's" : size(), probe == null ? "the model's" : name(probe)));
        if (clusters != null) {
            key = key.dependingOn(photographs);
        }
        for (Inputs.Photograph photograph : photographs) {
            keys.put(photograph.file(), key.of(photograph.file()));
        }
        List<Integer> missing = new ArrayList<>();
        if (skipExisting) {
            earlier = EarlierRun.orNone(out());
            Map<Path, Summary.Picture> byLabels = earlier.byLabels();
            for (int index = 0; index < photographs.size(); index++) {
                Path file = photographs.get(index).file();
                Map<String, Path> files = files(file, stems.get(index));
                Summary.Picture picture = byLabels.get(files.get(SegmentationFiles.LABELS));
                if (picture != null
                        && picture.isKnownBy(keys.get(file))
                        && files.values().stream().allMatch(results()::has)) {
                    kept.add(picture.of(file));
                } else {
                    missing.add(index);
                }
            }
        }
        if (kept.isEmpty() || clusters != null && !missing.isEmpty()) {
            kept.clear();
            return super.withoutKept(photographs, stems, model);
        }
        earlier.settings().forEach(summary()::setting);
        summary().classes(earlier.classes());
        kept.forEach(summary()::kept);
        return missing;
    }

    @Override
    int rounds() {
        return tiling.isWanted() ? 0 : clusters == null ? 1 : 2;
    }

    @Override
    void process(Batch batch, Stego model) throws IOException {
        Probe asked =
                probe != null ? probe : model.probes().stream().findFirst().orElse(Probe.CLUSTER);
        Segmenter.Options options = sized(
                new Segmenter.Options(
                        Segmenter.Options.DEFAULT.size(), flip, crf, asked, protocol, wanted.needsConfidence()),
                model.info().settings().inputSize());
        checkModel(model, options);
        settings(options.size(), name(asked)).forEach(summary()::setting);
        if (tiling.isWanted()) {
            segmentTiles(batch, model, options);
        } else if (clusters == null) {
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
        if (clusters == null && !model.probes().contains(options.probe())) {
            throw new UsageException(
                    modelLabel() + " has no such classifier as --probe asks for; it has the other one");
        }
        if (protocol == Protocol.PUBLISHED) {
            PatchSize.require("--protocol published", size(), options.size(), modelLabel(), model);
        }
    }

    /** Returns all that labels and overlays depend on but the model and the photographs. */
    private Map<String, Object> settings(Object size, String classifier) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("size", size);
        settings.put("protocol", name(protocol));
        settings.put("flip", flip);
        settings.put("crf", crf);
        if (clusters == null) {
            settings.put("probe", classifier);
        } else {
            settings.put("clusters", clusters);
            settings.put("seed", seed);
        }
        settings.putAll(wanted.settings());
        settings.putAll(tiling.settings());
        return settings;
    }

    /** Returns the files of a photograph by kind, without those of formats that have folders of their own. */
    private Map<String, Path> files(Path photograph, Path stem) {
        return SegmentationFiles.of(stem, wanted, ending(photograph));
    }

    /** Returns the ending of label maps and confidences. */
    private String ending(Path photograph) {
        if (tiling.isWanted()) {
            return Tiling.ending(photograph);
        }
        return place(photograph) == null ? ResultSelection.PNG : ResultSelection.TIFF;
    }

    /** Returns the place on the ground of a photograph that is labelled as a whole, or null. */
    private GeoReference place(Path photograph) {
        return protocol == Protocol.WHOLE
                ? places.computeIfAbsent(photograph, GeoReference::of).orElse(null)
                : null;
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private void segment(Batch batch, Stego model, Segmenter.Options options) throws IOException {
        try (Segmenter segmenter = Segmenter.of(model, options, times)) {
            summary().classes(segmenter.classes());
            write(
                    batch,
                    (files, sheet) -> batch.forEach(
                            "segmenting",
                            (position, image, file, stem) ->
                                    write(batch, files, sheet, () -> segmenter.segment(image), file, stem)));
        }
    }

    private void segmentTiles(Batch batch, Stego model, Segmenter.Options options) throws IOException {
        try (TiledSegmenter segmenter = TiledSegmenter.of(model, options, tiling.tile(), times)) {
            summary().classes(segmenter.classes());
            write(batch, (output, sheet) -> {
                TiledSegmenting work =
                        new TiledSegmenting(segmenter, tiling, wanted, results(), output, limitsByRegions(), times);
                batch.forEachFile((file, stem) -> {
                    Map<String, Path> files = files(file, stem);
                    TiledSegmenter.Result result = work.segment(file, stem, files, console, batch::stopping);
                    long pixels = (long) result.width() * result.height();
                    sheet.add(file, stem, files, result.preview(), pixels);
                    summary().segmented(file, result.width(), result.height(), result.preview(), files, keys.get(file));
                    saveNowAndThen();
                });
            });
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
            write(
                    batch,
                    (files, sheet) -> batch.forEach(
                            "segmenting",
                            (position, image, file, stem) ->
                                    write(batch, files, sheet, () -> finder.segment(position, image), file, stem)));
        }
    }

    @Override
    void processKept(Batch batch) throws IOException {
        write(batch, (files, sheet) -> {});
    }

    /** Segments one photograph. */
    @FunctionalInterface
    private interface Segmenting {
        Segmentation run() throws IOException;
    }

    /** Segments all photographs that are to be computed. */
    @FunctionalInterface
    private interface Round {
        void run(SegmentationFiles files, IndexSelection.Sheet sheet) throws IOException;
    }

    /** Writes the results of all photographs, those that are kept first. */
    private void write(Batch batch, Round round) throws IOException {
        List<ClassInfo> classes = summary().classes();
        try (SegmentationFiles files = SegmentationFiles.open(results(), out(), wanted, classes, modelLabel());
                IndexSelection.Sheet sheet = index.open(out(), kept.size() + batch.size())) {
            ResultWriter.Job overview = () -> sheet.write(results(), classes, "Classes by the model " + modelLabel());
            try {
                if (addKept(batch, files, sheet)) {
                    round.run(files, sheet);
                    batch.finish();
                    files.finish();
                }
            } catch (IOException | RuntimeException | Error e) {
                despite(e, overview);
                throw e;
            }
            overview.write();
        }
    }

    /** Takes what is kept into the formats that are wanted and the sheet; returns false if it has been stopped. */
    private boolean addKept(Batch batch, SegmentationFiles files, IndexSelection.Sheet sheet) throws IOException {
        Set<Format> beyond = EnumSet.copyOf(wanted.formats());
        beyond.removeAll(EnumSet.of(Format.PNG, Format.CONFIDENCE));
        if (kept.isEmpty() || beyond.isEmpty() && !index.wanted()) {
            return true;
        }
        boolean whole = beyond.contains(Format.CUTOUT) || index.wanted() && !tiling.isWanted();
        ResultReader reader = new ResultReader(out(), earlier, limits(), beyond, wanted.crs(), whole);
        try (Progress progress = Progress.of(console, "reading results", kept.size())) {
            for (Summary.Picture picture : kept) {
                if (batch.stopping()) {
                    return false;
                }
                batch.attempt(Path.of(picture.input()), () -> {
                    Picture read = reader.read(picture);
                    files.add(read);
                    if (index.wanted()) {
                        sheet.add(picture, seen(reader, picture, read));
                    }
                });
                progress.step();
            }
        }
        return true;
    }

    private Segmentation seen(ResultReader reader, Summary.Picture picture, Picture read) throws IOException {
        return tiling.isWanted()
                ? reader.preview(picture, read, tiling, limitsByRegions())
                : new Segmentation(
                        read.photograph(), read.labels(), earlier.classes(), picture.shares(), picture.scores(), null);
    }

    private void write(
            Batch batch,
            SegmentationFiles writer,
            IndexSelection.Sheet sheet,
            Segmenting segmenting,
            Path file,
            Path stem)
            throws IOException {
        GeoReference place = place(file);
        writer.requirePlace(place);
        Segmentation result = writer.refined(segmenting.run(), file, place);
        Map<String, Path> files = files(file, stem);
        batch.write(
                file,
                stem,
                () -> {
                    writer.write(result, file, stem, place);
                    sheet.add(file, stem, files, result, result.image().pixels());
                },
                () -> {
                    summary().segmented(file, result, files, keys.get(file));
                    saveNowAndThen();
                });
    }

    @Override
    void printText(Summary done) {
        new ClassTable(console).print(done, out());
    }
}
