package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.FeatureExtractor;
import org.stegokernels.stego.FeatureExtractor.Pictures;
import org.stegokernels.stego.PatchStore;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code features}: what the backbone makes of photographs, as numbers and as pictures. */
@Command(
        name = FeaturesCommand.NAME,
        description = {
            "Shows what a vision transformer makes of photographs, in numbers and pictures.",
            "",
            "For each NAME.jpg, writes NAME.safetensors ('features' [rows, columns,"
                    + " channels], 'class_attention' [heads, rows, columns]), NAME.pca.png, where like colours are like"
                    + " features in all photographs of the run, and NAME.attention-H.png, what head H of the class token"
                    + " looks at in the last block; and for all of them summary.json."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = "  stego-kernels features photos/ -m vit.safetensors -o features/")
final class FeaturesCommand extends PhotographsCommand {
    static final String NAME = "features";

    private static final String FEATURES = ".safetensors";
    private static final String PCA = ".pca.png";
    private static final String ATTENTION = ".attention-";
    /** More than any model has. */
    private static final int MOST_HEADS = 64;

    @Option(
            names = "--kind",
            paramLabel = "NAME",
            order = 3,
            defaultValue = "feat",
            description = "feat: output of the last layer norm. kk: keys of the last block. Default: ${DEFAULT-VALUE}.")
    private FeatureKind kind;

    @Option(
            names = "--flip",
            negatable = true,
            order = 7,
            defaultValue = "false",
            fallbackValue = "true",
            description = "Average the features with those of the mirror image. Default: off.")
    private boolean flip;

    FeaturesCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        return NextStep.look(out()) + ", or "
                + NextStep.command("segment", "PHOTOS", "-m", "MODEL", "--clusters", 8, "-o", "masks");
    }

    @Override
    void checkOptions() {}

    @Override
    List<String> suffixes(Path photograph) {
        return Stream.concat(
                        Stream.of(FEATURES, PCA),
                        IntStream.range(0, MOST_HEADS).mapToObj(head -> ATTENTION + head + ".png"))
                .toList();
    }

    @Override
    int rounds() {
        return 1;
    }

    @Override
    void process(Batch batch, Stego model) throws IOException {
        Segmenter.Options options = sized(
                Segmenter.Options.DEFAULT.withFlip(flip),
                model.info().settings().inputSize());
        summary().setting("size", options.size());
        summary().setting("kind", kind.name().toLowerCase(Locale.ROOT));
        summary().setting("flip", flip);
        int patch = model.backbone().patch();
        List<Described> described = new ArrayList<>();
        try (PatchStore store = new PatchStore(model.backbone().width());
                FeatureExtractor extractor = new FeatureExtractor(model.backbone(), kind, options)) {
            batch.forEach("features", (position, image, file, stem) -> {
                long start = System.nanoTime();
                FeatureExtractor.Features features = extractor.extract(image);
                times.add(Stage.BACKBONE, start);
                int stored = store.size();
                store.add(features.patches());
                Map<String, Path> files = files(stem, features.heads());
                Described photograph = new Described(stored, file, image.width(), image.height(), stem, files);
                batch.write(file, stem, () -> write(features, files, patch), () -> described.add(photograph));
            });
            batch.finish();
            paint(batch, store, described, patch);
        }
    }

    /**
     * A photograph whose features are written.
     *
     * @param stored where they are in the store
     * @param files its results by kind
     */
    private record Described(int stored, Path photograph, int width, int height, Path stem, Map<String, Path> files) {}

    private static Map<String, Path> files(Path stem, int heads) {
        Map<String, Path> files = new LinkedHashMap<>();
        files.put("features", Outputs.with(stem, FEATURES));
        files.put("pca", Outputs.with(stem, PCA));
        for (int head = 0; head < heads; head++) {
            files.put("attention-" + head, Outputs.with(stem, ATTENTION + head + ".png"));
        }
        return files;
    }

    private void write(FeatureExtractor.Features features, Map<String, Path> files, int patch) throws IOException {
        PatchStore.Patches patches = features.patches();
        int rows = patches.rows();
        int columns = patches.columns();
        int heads = features.heads();
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        int channels = patches.values().length / (rows * columns);
        tensors.put("features", TypedTensor.of(new HostTensor(Shape.of(rows, columns, channels), patches.values())));
        tensors.put(
                "class_attention",
                TypedTensor.of(new HostTensor(Shape.of(heads, rows, columns), features.classAttention())));
        Map<String, String> metadata = Map.of("patch", Integer.toString(patch));
        results().write(files.get("features"), out -> SafetensorsWriter.writeTyped(out, tensors, metadata));
        for (int head = 0; head < heads; head++) {
            RgbImage picture =
                    Pictures.attention(features.classAttention(), head * rows * columns, rows, columns, patch);
            results().write(files.get("attention-" + head), out -> PngWriter.write(out, picture));
        }
    }

    /** Shows all photographs in the same colours, which takes all of them to choose. */
    private void paint(Batch batch, PatchStore store, List<Described> described, int patch) throws IOException {
        if (described.isEmpty()) {
            return;
        }
        Pictures pictures = Pictures.of(store, patch);
        for (Described each : described) {
            PatchStore.Patches patches = store.get(each.stored());
            batch.write(
                    each.photograph(),
                    each.stem(),
                    () -> {
                        RgbImage picture = pictures.components(patches);
                        results().write(each.files().get("pca"), out -> PngWriter.write(out, picture));
                    },
                    () -> summary().described(each.photograph(), each.width(), each.height(), each.files()));
        }
    }

    @Override
    void printText(Summary done) {
        console.out().println(done.inWords("described", out()));
    }
}
