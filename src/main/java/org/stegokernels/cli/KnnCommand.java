package org.stegokernels.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Dataset.CropKind;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.RgbImage;
import org.stegokernels.knn.NeighborGraph;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code knn}: which images of a dataset are alike. */
@Command(
        name = KnnCommand.NAME,
        description = {
            "Finds the nearest neighbours of each image of a dataset.",
            "",
            "Compares the cosines of the images' mean features, exactly. Writes 'indices' [images, neighbours] (each"
                    + " image itself first), 'similarities' of the same shape, and 'ids', the images' names, one a line;"
                    + " and with --sheet a picture to look at: in each row an image and its nearest."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = "  stego-kernels knn -m vit.safetensors --data photos/ -o knn.safetensors --sheet knn.png")
final class KnnCommand extends CliCommand {
    static final String NAME = "knn";

    private static final int PUBLISHED_NEIGHBOURS = 30;
    private static final int TILE = 96;

    @Mixin
    private DatasetSelection datasetSelection;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            order = 1,
            required = true,
            description = "Safetensors file to write.")
    private Path out;

    @Mixin
    private final ModelSelection modelSelection = new ModelSelection.Required();

    @Option(
            names = {"-k", "--neighbours"},
            paramLabel = "K",
            order = 8,
            description = "How many for each image, itself included. Default: 30, or all if there are fewer.")
    private Integer neighbours;

    @Option(names = "--sheet", paramLabel = "FILE", order = 14, description = "PNG picture of some of them.")
    private Path sheet;

    @Option(
            names = "--rows",
            paramLabel = "N",
            order = 15,
            defaultValue = "8",
            description = "Images in the picture, spread over the dataset. Default: ${DEFAULT-VALUE}.")
    private int rows;

    @Mixin
    private FeatureSelection featureSelection;

    @Mixin
    private DeviceSelection deviceSelection;

    @Mixin
    private ResultFolder.Overwriting overwriting;

    KnnCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        return sheet == null ? "add --sheet neighbours.png to see some of them" : NextStep.look(sheet);
    }

    @Override
    int run() throws IOException {
        if (neighbours != null && neighbours < 2) {
            throw new UsageException("--neighbours must be 2 or more, not " + neighbours);
        }
        if (rows < 1) {
            throw new UsageException("--rows must be 1 or more, not " + rows);
        }
        Dataset dataset = datasetSelection.open(CropKind.NONE);
        tellLeftOut(dataset);
        if (neighbours != null && neighbours > dataset.size() || dataset.size() < 2) {
            throw new UsageException((neighbours == null ? "neighbours" : "--neighbours " + neighbours)
                    + " can't be found among " + dataset.size() + (dataset.size() == 1 ? " image" : " images")
                    + ": give more images" + (dataset.size() < 2 ? "" : ", or ask for fewer neighbours"));
        }
        ResultFolder results = ResultFolder.ofFile(out, NAME, overwriting);
        ResultFolder sheets = sheet == null ? null : ResultFolder.ofFile(sheet, NAME, overwriting);
        Devices.Choice choice = deviceSelection.choose();
        ModelSelection.Found found = modelSelection.find(console);
        try (Device device = deviceSelection.open(choice, false);
                Stego model = found.load(device)) {
            FeatureSource source = featureSelection.source(found.label(), model);
            NeighborGraph graph;
            try (FeatureCache cache = featureSelection.open(dataset, source, console)) {
                int wanted = neighbours == null ? PUBLISHED_NEIGHBOURS : neighbours;
                graph = NeighborGraph.build(device, cache.embeddings(), cache.channels(), wanted);
            }
            results.write(out, stream -> write(stream, graph, dataset, source));
            if (sheet != null) {
                sheets.write(sheet, stream -> PngWriter.write(stream, picture(graph, dataset)));
            }
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%d neighbours of each of %d images: %s%n",
                            graph.neighbours(),
                            graph.images(),
                            out);
        }
        return ExitCode.DONE;
    }

    private static void write(OutputStream stream, NeighborGraph graph, Dataset dataset, FeatureSource source)
            throws IOException {
        Shape shape = Shape.of(graph.images(), graph.neighbours());
        byte[] ids = IntStream.range(0, dataset.size())
                .mapToObj(index -> dataset.example(index).id())
                .collect(Collectors.joining("\n"))
                .getBytes(StandardCharsets.UTF_8);
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        tensors.put("indices", TypedTensor.of(shape, graph.indices()));
        tensors.put("similarities", TypedTensor.of(new HostTensor(shape, graph.similarities())));
        tensors.put("ids", TypedTensor.of(Shape.of(ids.length), ids));
        Map<String, String> metadata = Map.of(
                "dataset", dataset.name(),
                "content", dataset.contentKey(),
                "backbone", source.backboneKey(),
                "feature", source.kind().name(),
                "size", Integer.toString(source.size()));
        SafetensorsWriter.writeTyped(stream, tensors, metadata);
    }

    private RgbImage picture(NeighborGraph graph, Dataset dataset) {
        int queries = Math.min(rows, dataset.size());
        int columns = Math.min(ContactSheet.MAX_COLUMNS, graph.neighbours());
        List<List<RgbImage>> grid = new ArrayList<>();
        for (int row = 0; row < queries; row++) {
            int image = (int) ((long) row * dataset.size() / queries);
            List<RgbImage> line = new ArrayList<>();
            for (int column = 0; column < columns; column++) {
                line.add(dataset.image(graph.indices()[image * graph.neighbours() + column]));
            }
            grid.add(line);
        }
        return ContactSheet.of(grid, TILE);
    }
}
