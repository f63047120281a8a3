package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.stegokernels.crf.DenseCrf;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Lattice;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.stego.ClusterProbe;
import org.stegokernels.stego.LinearProbe;
import org.stegokernels.stego.SegmentationHead;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.verify.Operation.Argument;
import org.stegokernels.verify.Operation.Kind;
import org.stegokernels.verify.OperationCall.Operand;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor;

/**
 * The catalogue's table of what each operation costs with ViT-S/8. It is made by running the network, the head, the probes
 * and the CRF on a device that counts calls and computes nothing but lattices; {@code -Dstego.write=table} writes it anew.
 */
class OperationSizesTest {
    private static final Path CATALOGUE = Path.of("kernels", "README.md");
    private static final String BEGIN = "<!-- made by OperationSizesTest -->\n";
    private static final String END = "<!-- end -->\n";
    private static final int WIDTH = 384;
    private static final int HEADS = 6;
    private static final int PATCH = 8;
    private static final int CODE = 70;
    private static final int CLASSES = 27;
    private static final int BATCH = 16;
    private static final int POINTS = 121;

    /** All calls of one operation. */
    private static final class Total {
        int calls;
        double flop;
        double bytes;
        double largest;
        String shapes = "";

        void add(OperationCall call, double here) {
            calls++;
            flop += Operation.value(call.operation().flop(), call.sizes());
            bytes += here;
            if (here > largest) {
                largest = here;
                shapes = call.operands().entrySet().stream()
                        .map(operand ->
                                operand.getKey() + " " + operand.getValue().shape())
                        .collect(Collectors.joining(", "));
            }
        }
    }

    /** Counts calls, and has lattices built elsewhere: how many vertices there are depends on the positions. */
    private static final class Counting implements ExecDevice.Exchange {
        private final Map<String, Total> totals = new HashMap<>();
        private final Map<Object, Integer> vertices = new IdentityHashMap<>();
        private final ExecDevice.Exchange exchange =
                new DeviceExchange(Devices.choose("cpu").open(Device.Options.DEFAULT));

        @Override
        public void compute(OperationCall call) {
            String name = call.operation().name();
            if (name.equals("buildLattice")) {
                exchange.compute(call);
                int found = ((Lattice) call.arguments()[0]).vertices();
                vertices.put(call.operands().get("positions").values(), found);
            }
            double bytes = 0;
            double touched = 0;
            for (Map.Entry<String, Operand> operand : call.operands().entrySet()) {
                Shape shape = operand.getValue().shape();
                Argument argument = argument(call.operation(), operand.getKey());
                bytes += (argument.kind() == Kind.INOUT ? 2.0 : 1.0) * shape.size() * Float.BYTES;
                if (argument.name().equals("positions")
                        && vertices.containsKey(operand.getValue().values())) {
                    touched += (double) vertices.get(operand.getValue().values()) * (shape.dim(1) + 1);
                }
            }
            call.sizes().put("V", touched);
            totals.computeIfAbsent(name, key -> new Total()).add(call, bytes);
        }

        private static Argument argument(Operation operation, String tensor) {
            return operation.arguments().stream()
                    .filter(argument -> argument.name().equals(tensor.split("\\.")[0]))
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public void close() {
            exchange.close();
        }
    }

    private static Map<String, TypedTensor> model() {
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        tensors.put("backbone.cls_token", MemoryFiles.zeros(1, 1, WIDTH));
        tensors.put("backbone.pos_embed", MemoryFiles.zeros(1, 785, WIDTH));
        put(tensors, "backbone.patch_embed.proj", WIDTH, 3, PATCH, PATCH);
        for (int block = 0; block < 12; block++) {
            String prefix = "backbone.blocks." + block + ".";
            put(tensors, prefix + "norm1", WIDTH);
            put(tensors, prefix + "attn.qkv", 3 * WIDTH, WIDTH);
            put(tensors, prefix + "attn.proj", WIDTH, WIDTH);
            put(tensors, prefix + "norm2", WIDTH);
            put(tensors, prefix + "mlp.fc1", 4 * WIDTH, WIDTH);
            put(tensors, prefix + "mlp.fc2", WIDTH, 4 * WIDTH);
        }
        put(tensors, "backbone.norm", WIDTH);
        put(tensors, "cluster1.0", CODE, WIDTH, 1, 1);
        put(tensors, "cluster2.0", WIDTH, WIDTH, 1, 1);
        put(tensors, "cluster2.2", CODE, WIDTH, 1, 1);
        put(tensors, "linear_probe", CLASSES, CODE, 1, 1);
        tensors.put("cluster_probe.clusters", MemoryFiles.zeros(CLASSES, CODE));
        return tensors;
    }

    private static void put(Map<String, TypedTensor> tensors, String name, int... dims) {
        tensors.put(name + ".weight", MemoryFiles.zeros(dims));
        tensors.put(name + ".bias", MemoryFiles.zeros(dims[0]));
    }

    private static Map<String, Total> run(int side) {
        Counting counting = new Counting();
        try (Device device = new ExecDevice("counting", "", counting);
                Safetensors file = MemoryFiles.file(model(), Map.of())) {
            evaluate(device, file, side);
            alone(device, side / PATCH);
            train(device, side / PATCH, side);
        }
        return counting.totals;
    }

    /** Runs the published evaluation of one image: the network sees it and its mirror image. */
    private static void evaluate(Device device, Safetensors file, int side) {
        int grid = side / PATCH;
        int pixels = side * side;
        try (Backbone backbone = Backbone.load(file, "backbone.", device);
                SegmentationHead head = SegmentationHead.load(file, "", device);
                LinearProbe linear = LinearProbe.load(file, "", device);
                ClusterProbe cluster = ClusterProbe.load(file, "", device);
                DenseCrf crf = new DenseCrf(device, DenseCrf.Settings.DEFAULT)) {
            Tensor image = device.allocate(2, 3, side, side);
            Tensor codes = device.allocate(2, grid, grid, CODE);
            head.forward(backbone.featuresWithAttention(image, FeatureKind.FEAT).features(), codes);
            Tensor code = device.allocate(grid, grid, CODE);
            device.kernels().mirrorMean(codes, code);
            Tensor enlarged = device.allocate(1, side, side, CODE);
            device.kernels().bilinear(code.view(1, grid, grid, CODE), enlarged);
            Tensor logits = device.allocate(pixels, CLASSES);
            linear.forward(enlarged.view(pixels, CODE), logits);
            device.kernels().logSoftmax(logits, 1, logits);
            cluster.logProbabilities(enlarged.view(pixels, CODE), 2, logits);
            Tensor marginals = device.allocate(pixels, CLASSES);
            crf.infer(logits, picture(side), side, side, marginals);
            device.kernels().argmax(marginals, device.allocate(ElementType.I32, Shape.of(pixels)));
        }
    }

    /** A picture with areas, edges and a little noise: about as many vertices as a photograph has. */
    private static byte[] picture(int side) {
        Random random = new Random(1);
        byte[] rgb = new byte[3 * side * side];
        for (int i = 0; i < rgb.length; i++) {
            int x = i / 3 % side;
            int y = i / 3 / side;
            rgb[i] = (byte) (128 + 60 * Math.sin(x / 40.0 + i % 3) * Math.cos(y / 25.0) + random.nextInt(12));
        }
        return rgb;
    }

    /** Runs what the evaluation doesn't call by itself, at its sizes. */
    private static void alone(Device device, int grid) {
        Kernels kernels = device.kernels();
        TrainingKernels training = device.training();
        int patches = grid * grid;
        Tensor qkv = device.allocate(2, patches + 1, 3 * WIDTH);
        Tensor angles = device.allocate(patches, WIDTH / HEADS / 2);
        kernels.rope(angles, angles, qkv);
        kernels.swiGlu(device.allocate(2, patches + 1, 8 * WIDTH), device.allocate(2, patches + 1, 4 * WIDTH));
        Tensor hidden = device.allocate(2, patches + 1, 4 * WIDTH);
        kernels.gelu(hidden, hidden);
        kernels.softmax(device.allocate(patches, CLASSES), 1, device.allocate(patches, CLASSES));
        Tensor points = device.allocate(patches, WIDTH);
        Tensor labels = device.allocate(ElementType.I32, Shape.of(patches));
        Tensor sums = device.allocate(CLASSES, WIDTH);
        Tensor counts = device.allocate(ElementType.I32, Shape.of(CLASSES));
        kernels.clusterSums(points, labels, sums, counts);
        training.nearestCenters(points, labels, device.allocate(CLASSES, WIDTH), labels, sums, counts);
        training.runningMeans(sums, counts, counts, device.allocate(CLASSES, WIDTH));
        training.topK(
                points, points, device.allocate(patches, 30), device.allocate(ElementType.I32, Shape.of(patches, 30)));
        try (Lattice lattice = kernels.allocateLattice(patches, 2)) {
            float[] positions = new float[2 * patches];
            for (int i = 0; i < patches; i++) {
                positions[2 * i] = i % grid;
                positions[2 * i + 1] = i / grid;
            }
            kernels.buildLattice(device.upload(positions, patches, 2), lattice);
            kernels.latticeFilter(lattice, device.allocate(patches, CLASSES), device.allocate(patches, CLASSES));
        }
    }

    /** Runs each training operation once, at the sizes of a step with 16 images. */
    private static void train(Device device, int grid, int side) {
        TrainingKernels training = device.training();
        Tensor features = device.allocate(BATCH, grid, grid, WIDTH);
        Tensor code = device.allocate(BATCH, grid, grid, CODE);
        Tensor loss = device.allocate(1);
        Tensor weight = device.allocate(CODE, WIDTH);
        training.scaleChannels(features, device.allocate(BATCH, WIDTH), features);
        training.linearGradient(features, weight, code, device.allocate(BATCH, grid, grid, WIDTH), weight, null);
        training.reluGradient(features, features, features);
        training.fill(code, 0);
        training.addScaled(code, 1, code);
        Tensor images = device.allocate(ElementType.I32, Shape.of(BATCH));
        Tensor coords = device.allocate(BATCH, 11, 11, 2);
        Tensor sampled = device.allocate(BATCH, 11, 11, WIDTH);
        training.gridSample(features, images, coords, sampled);
        training.gridSampleGradient(device.allocate(BATCH, 11, 11, CODE), images, coords, code);
        Tensor rows = sampled.view(BATCH, POINTS, WIDTH);
        device.kernels().normalize(rows, 1e-10f, rows);
        Tensor codes = device.allocate(BATCH, POINTS, CODE);
        training.normalizeGradient(codes, 1e-10f, codes, codes);
        training.softmaxGradient(codes, 1, codes, codes);
        training.correspondence(
                rows, rows, codes, codes, new CorrespondenceRule(true, true, false, 0), 1, codes, codes, loss);
        Tensor logits = device.allocate(BATCH, grid, grid, CLASSES);
        Tensor labels = device.allocate(ElementType.I32, Shape.of(BATCH, side, side));
        training.crossEntropy(logits, labels, null, 1, device.allocate(BATCH, grid, grid, CLASSES), loss);
        training.bilinearGradient(device.allocate(BATCH, side, side, CLASSES), logits);
        training.assignmentLoss(logits, 0, 1, device.allocate(BATCH, grid, grid, CLASSES), loss);
        training.agreementLoss(features, features, 1, device.allocate(BATCH, grid, grid, WIDTH), loss);
        training.crfLoss(
                device.allocate(BATCH, grid, grid, 3),
                code,
                device.allocate(ElementType.I32, Shape.of(2, 400)),
                new GuidanceSettings(1, 1, 1, 1, 1, 0),
                1,
                device.allocate(BATCH, grid, grid, CODE),
                loss);
        training.adam(weight, weight, weight, weight, AdamSettings.of(1), 1);
        device.kernels().bicubic(device.allocate(1, 28, 28, WIDTH), 1.1, 1.1, device.allocate(1, grid, grid, WIDTH));
    }

    private static String table() {
        Map<String, Total> small = run(224);
        Map<String, Total> large = run(320);
        StringBuilder table = new StringBuilder("| operation | calls | its largest call at 224 | Mflop | MB |"
                + " Mflop at 320 | MB at 320 |\n|---|---|---|---|---|---|---|\n");
        for (Operation operation : Operations.all()) {
            Total at224 = small.get(operation.name());
            Total at320 = large.get(operation.name());
            assertThat(at224).as("calls of " + operation.name() + " here").isNotNull();
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %d | %s | %s | %s | %s | %s |\n",
                    operation.name(),
                    at224.calls,
                    at224.shapes,
                    millions(at224.flop),
                    millions(at224.bytes),
                    millions(at320.flop),
                    millions(at320.bytes)));
        }
        return table.toString();
    }

    private static String millions(double value) {
        double millions = value / 1e6;
        return String.format(Locale.ROOT, millions < 10 ? "%.2f" : "%.0f", millions);
    }

    @Test
    void theCatalogueHasTheTable() throws IOException {
        String table = table();
        String catalogue = Files.readString(CATALOGUE);
        int begin = catalogue.indexOf(BEGIN) + BEGIN.length();
        int end = catalogue.indexOf(END);
        if (System.getProperty("stego.write", "").equals("table")) {
            Files.writeString(CATALOGUE, catalogue.substring(0, begin) + table + catalogue.substring(end));
            return;
        }
        assertThat(catalogue.substring(begin, end)).isEqualTo(table);
    }
}
