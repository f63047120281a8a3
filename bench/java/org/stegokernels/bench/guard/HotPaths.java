package org.stegokernels.bench.guard;

import java.util.List;
import org.stegokernels.bench.AttentionBenchmark;
import org.stegokernels.bench.BilinearBenchmark;
import org.stegokernels.bench.BuildLatticeBenchmark;
import org.stegokernels.bench.CorrespondenceBenchmark;
import org.stegokernels.bench.CrossEntropyBenchmark;
import org.stegokernels.bench.DeviceState;
import org.stegokernels.bench.GeluBenchmark;
import org.stegokernels.bench.HeadGradientBenchmark;
import org.stegokernels.bench.ImageReadBenchmark;
import org.stegokernels.bench.LayerNormBenchmark;
import org.stegokernels.bench.LinearBenchmark;
import org.stegokernels.bench.MeanFieldBenchmark;
import org.stegokernels.bench.MiniBatchKMeansBenchmark;
import org.stegokernels.bench.PatchEmbedBenchmark;
import org.stegokernels.bench.PngWriteBenchmark;
import org.stegokernels.bench.ResizeBenchmark;
import org.stegokernels.bench.SafetensorsBenchmark;
import org.stegokernels.bench.SegmentationHeadBenchmark;
import org.stegokernels.bench.SegmenterBenchmark;
import org.stegokernels.bench.SoftmaxBenchmark;
import org.stegokernels.bench.TopKBenchmark;
import org.stegokernels.bench.TrainingStepBenchmark;
import org.stegokernels.bench.VisionTransformerBenchmark;
import org.stegokernels.bench.roofline.Roofline;
import org.stegokernels.cluster.Clustering.Metric;

/** All paths that are guarded: the benchmarks of the suite, at sizes that take no longer than a tenth of a second. */
final class HotPaths {
    private static final int CHANNELS = 384;

    private HotPaths() {}

    static List<HotPath> all() {
        return List.of(
                linear("785x384x1152"),
                linear("785x384x384"),
                linear("785x384x1536"),
                linear("785x1536x384"),
                linear("784x192x384"),
                new HotPath("patchEmbed 224x8x384", HotPaths::patchEmbed),
                new HotPath("layerNorm 785x384", HotPaths::layerNorm),
                new HotPath("gelu 785x1536", HotPaths::gelu),
                attention("785x6x64"),
                attention("1601x6x64"),
                transformer("deit-tiny", 320),
                transformer("vit-s8", 224),
                new HotPath("bilinear 40x40 to 320x320x27", HotPaths::bilinear),
                new HotPath("softmax 320x320x27", HotPaths::softmax),
                new HotPath("buildLattice 320x320", HotPaths::buildLattice),
                new HotPath("meanField 320x320x27", HotPaths::meanField),
                new HotPath("SegmentationHead 2x40x40x384", HotPaths::head),
                new HotPath("HeadGradient backward 32x20x20x384", HotPaths::headGradient),
                new HotPath("correspondence 16x121x384", HotPaths::correspondence),
                new HotPath("crossEntropy 16x320x320x11", HotPaths::crossEntropy),
                new HotPath("TrainingStep 16x20x20x192", HotPaths::trainingStep),
                new HotPath("topK 8192x384", HotPaths::topK),
                new HotPath("MiniBatchKMeans 20000x384", HotPaths::miniBatchKMeans),
                new HotPath("Resize antialiased 640x480 to 320", HotPaths::resize),
                image("jpeg"),
                image("png"),
                new HotPath("PngWriter 640x480", HotPaths::png),
                new HotPath("PalettePng 640x480", HotPaths::palettePng),
                new HotPath("Safetensors vit-s8", HotPaths::safetensors),
                new HotPath("Segmenter deit-tiny 224", HotPaths::segmenter));
    }

    private static HotPath linear(String shape) {
        return new HotPath("linear " + shape, (device, roofline) -> {
            LinearBenchmark path = new LinearBenchmark();
            path.shape = shape;
            path.allocate(device, roofline);
            return () -> path.linear(device, roofline);
        });
    }

    private static HotPath attention(String shape) {
        return new HotPath("attention " + shape, (device, roofline) -> {
            AttentionBenchmark path = new AttentionBenchmark();
            path.shape = shape;
            path.allocate(device, roofline);
            return () -> path.attention(device, roofline);
        });
    }

    private static HotPath transformer(String model, int size) {
        return new HotPath("VisionTransformer " + model + " " + size, (device, roofline) -> {
            VisionTransformerBenchmark path = new VisionTransformerBenchmark();
            path.model = model;
            path.size = size;
            path.batch = 1;
            path.load(device, roofline);
            return () -> path.forward(device, roofline);
        });
    }

    private static HotPath image(String format) {
        return new HotPath("ImageReader " + format + " 640x480", (device, roofline) -> {
            ImageReadBenchmark path = new ImageReadBenchmark();
            path.size = "640x480";
            path.format = format;
            path.write();
            return () -> path.read(roofline);
        });
    }

    private static HotPath.Run patchEmbed(DeviceState device, Roofline roofline) {
        PatchEmbedBenchmark path = new PatchEmbedBenchmark();
        path.shape = "224x8x384";
        path.allocate(device, roofline);
        return () -> path.patchEmbed(device, roofline);
    }

    private static HotPath.Run layerNorm(DeviceState device, Roofline roofline) {
        LayerNormBenchmark path = new LayerNormBenchmark();
        path.rows = 785;
        path.channels = CHANNELS;
        path.allocate(device, roofline);
        return () -> path.layerNorm(device, roofline);
    }

    private static HotPath.Run gelu(DeviceState device, Roofline roofline) {
        GeluBenchmark path = new GeluBenchmark();
        path.size = 785 * 1536;
        path.allocate(device, roofline);
        return () -> path.gelu(device, roofline);
    }

    private static HotPath.Run bilinear(DeviceState device, Roofline roofline) {
        BilinearBenchmark path = new BilinearBenchmark();
        path.channels = 27;
        path.allocate(device, roofline);
        return () -> path.bilinear(device, roofline);
    }

    private static HotPath.Run softmax(DeviceState device, Roofline roofline) {
        SoftmaxBenchmark path = new SoftmaxBenchmark();
        path.rows = 320 * 320;
        path.channels = 27;
        path.allocate(device, roofline);
        return () -> path.softmax(device, roofline);
    }

    private static HotPath.Run buildLattice(DeviceState device, Roofline roofline) {
        BuildLatticeBenchmark path = new BuildLatticeBenchmark();
        path.image = "synthetic";
        path.dims = 5;
        path.allocate(device, roofline);
        return () -> path.buildLattice(device, roofline);
    }

    private static HotPath.Run meanField(DeviceState device, Roofline roofline) {
        MeanFieldBenchmark path = new MeanFieldBenchmark();
        path.image = "synthetic";
        path.allocate(device, roofline);
        return () -> path.meanField(device, roofline);
    }

    private static HotPath.Run head(DeviceState device, Roofline roofline) {
        SegmentationHeadBenchmark path = new SegmentationHeadBenchmark();
        path.channels = CHANNELS;
        path.allocate(device, roofline);
        return () -> path.forward(device, roofline);
    }

    private static HotPath.Run headGradient(DeviceState device, Roofline roofline) {
        HeadGradientBenchmark path = new HeadGradientBenchmark();
        path.channels = CHANNELS;
        path.allocate(device, roofline);
        return () -> path.backward(device, roofline);
    }

    private static HotPath.Run correspondence(DeviceState device, Roofline roofline) {
        CorrespondenceBenchmark path = new CorrespondenceBenchmark();
        path.channels = CHANNELS;
        path.allocate(device, roofline);
        return () -> path.correspondence(device, roofline);
    }

    private static HotPath.Run crossEntropy(DeviceState device, Roofline roofline) {
        CrossEntropyBenchmark path = new CrossEntropyBenchmark();
        path.classes = 11;
        path.allocate(device, roofline);
        return () -> path.crossEntropy(device, roofline);
    }

    private static HotPath.Run trainingStep(DeviceState device, Roofline roofline) {
        TrainingStepBenchmark path = new TrainingStepBenchmark();
        path.channels = 192;
        path.allocate(device, roofline);
        return () -> path.step(roofline);
    }

    private static HotPath.Run topK(DeviceState device, Roofline roofline) {
        TopKBenchmark path = new TopKBenchmark();
        path.images = 8192;
        path.allocate(device, roofline);
        return () -> path.topK(device, roofline);
    }

    private static HotPath.Run miniBatchKMeans(DeviceState device, Roofline roofline) throws Exception {
        MiniBatchKMeansBenchmark path = new MiniBatchKMeansBenchmark();
        path.metric = Metric.EUCLIDEAN;
        path.points = 20_000;
        path.file = "";
        path.allocate(device, roofline);
        return () -> path.fit(device, roofline);
    }

    private static HotPath.Run resize(DeviceState device, Roofline roofline) {
        ResizeBenchmark path = new ResizeBenchmark();
        path.size = "640x480";
        path.make();
        return () -> path.antialiased(roofline);
    }

    private static HotPath.Run png(DeviceState device, Roofline roofline) throws Exception {
        PngWriteBenchmark path = new PngWriteBenchmark();
        path.size = "640x480";
        path.make();
        return () -> path.rgb(roofline);
    }

    private static HotPath.Run palettePng(DeviceState device, Roofline roofline) throws Exception {
        PngWriteBenchmark path = new PngWriteBenchmark();
        path.size = "640x480";
        path.make();
        return () -> path.indexed(roofline);
    }

    private static HotPath.Run safetensors(DeviceState device, Roofline roofline) throws Exception {
        SafetensorsBenchmark path = new SafetensorsBenchmark();
        path.model = "vit-s8";
        path.write(device, roofline);
        return () -> path.load(device, roofline);
    }

    private static HotPath.Run segmenter(DeviceState device, Roofline roofline) throws Exception {
        SegmenterBenchmark path = new SegmenterBenchmark();
        path.model = "deit-tiny";
        path.size = 224;
        path.load(device, roofline);
        return () -> path.segment(roofline);
    }
}
