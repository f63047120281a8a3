package org.stegokernels.bench.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
    private static final String VIT = """
            {"benchmark": "org.stegokernels.bench.VisionTransformerBenchmark.forward", "vmName": "VM", "vmVersion": "1",
             "jdkVersion": "17", "params": {"device": "%s", "model": "vit-s8", "size": "224", "batch": "1"},
             "primaryMetric": {"scoreUnit": "%s", "rawData": %s},
             "secondaryMetrics": {"ofGemm": {"rawData": %s}, "pressure": {"rawData": %s},
                                  "gc.time": {"rawData": [[7.0]]}}}""";
    private static final String ORT = """
            {"benchmark": "org.stegokernels.bench.peers.OnnxRuntimeBenchmark.forward",
             "params": {"model": "vit-s8", "onnx": "/somewhere/vits8_224_const.onnx"},
             "primaryMetric": {"scoreUnit": "ms/op", "rawData": [[150.0, 160.0, 155.0]]}, "secondaryMetrics": {}}""";
    private static final String FAISS = """
            {"benchmark": "peers.faiss-1.7.3.IndexFlatIP", "params": {"images": "50000"},
             "primaryMetric": {"scoreUnit": "ms/op", "rawData": [[16000.0]]},
             "secondaryMetrics": {"rate": {"rawData": [[120.0]]}}}""";

    private static final ResultsPage.Host HOST = new ResultsPage.Host("Some processor", 512, "2026-11-25");

    @TempDir
    private Path folder;

    private Path file(String name, String... results) throws IOException {
        return Files.writeString(folder.resolve(name), "[" + String.join(",", results) + "]");
    }

    private static String vit(String device, String unit, String times, String ofGemm, String pressure) {
        return VIT.formatted(device, unit, times, ofGemm, pressure);
    }

    private Measurements sample() throws IOException {
        return Measurements.read(List.of(
                file(
                        "a.json",
                        vit("cpu", "us/op", "[[100000, 110000], [300000]]", "[[80, 82], [30]]", "[[0, 1], [60]]")),
                file("b.json", vit("cpu", "ms/op", "[[104.0]]", "[[86]]", "[[0.5]]"), ORT, FAISS),
                file("c.json", vit("opencl", "ms/op", "[[130.0]]", "[[70]]", "[[0]]"))));
    }

    private static Measurement vit(Measurements measurements) {
        return measurements
                .find("VisionTransformerBenchmark.forward", Map.of("device", "cpu", "size", "224"))
                .orElseThrow();
    }

    @Test
    void filesAreJoinedUnitsUnifiedAndBusyIterationsLeftOut() throws IOException {
        Measurement vit = vit(sample());
        assertThat(vit.millis()).containsExactlyInAnyOrder(100, 110, 104);
        assertThat(vit.median()).isEqualTo(104, within(1e-9));
        assertThat(vit.median("ofGemm")).isEqualTo(82, within(1e-9));
        assertThat(vit.isBusy()).isFalse();
    }

    @Test
    void whereAllIterationsWereBusyAllCountAndAreMarked() throws IOException {
        Measurements busy = Measurements.read(
                List.of(file("a.json", vit("cpu", "ms/op", "[[100, 200]]", "[[80, 40]]", "[[30, 60]]"))));
        assertThat(vit(busy).median()).isEqualTo(150, within(1e-9));
        assertThat(vit(busy).isBusy()).isTrue();
        assertThat(new ResultsPage(busy).render(HOST, "", "")).contains("150 ms \\*");
    }

    @Test
    void peersAreFoundByThePartOfAPathAndWhateverTheirVersion() throws IOException {
        Measurements sample = sample();
        assertThat(Peer.VIT_S8_224.compare(sample).orElseThrow().speedup()).isEqualTo(155.0 / 104, within(1e-9));
        assertThat(Peer.VIT_S8_320.compare(sample)).isEmpty();
        assertThat(sample.find("peers.faiss", Map.of("images", "50000"))).isPresent();
    }

    @Test
    void anAimIsMetOnlyIfAllOfItIsAndMissedIfAnyOfItIs() throws IOException {
        Aim aim = new Aim("ViT", List.of(Aim.ofGemm(Peer.VIT_S8_224, 85), Aim.times(Peer.VIT_S8_224, 1.4)));
        assertThat(aim.line(sample()))
                .contains("82.0% of GEMM (104 ms)")
                .contains("1.49 x ONNX")
                .endsWith("| **missed** |");
        Measurements good =
                Measurements.read(List.of(file("a.json", vit("cpu", "ms/op", "[[100.0]]", "[[88]]", "[[0]]"), ORT)));
        assertThat(aim.line(good)).endsWith("| met |");
        Measurements alone =
                Measurements.read(List.of(file("a.json", vit("cpu", "ms/op", "[[100.0]]", "[[88]]", "[[0]]"))));
        assertThat(aim.line(alone)).endsWith("| not measured |");
    }

    @Test
    void devicesAreComparedPathByPath() throws IOException {
        List<DevicePair> pairs = DevicePair.all(sample(), "opencl");
        assertThat(pairs).hasSize(1);
        assertThat(pairs.get(0).speedup()).isEqualTo(104.0 / 130, within(1e-9));
    }

    @Test
    void thePageHasTablesAndNotes() throws IOException {
        String page = new ResultsPage(sample()).render(HOST, "", "### By hand\n");
        assertThat(page)
                .contains("## Some processor\n\nVectors of 512 bits, VM 1, 2026-11-25")
                .contains("| ViT-S/8 224, batch 1 | 104 ms | ONNX Runtime | 155 ms | 1.49 |")
                .contains("### Device opencl")
                .contains("| VisionTransformerBenchmark.forward | batch 1, model vit-s8, size 224 | 104 ms |")
                .endsWith("### By hand\n");
    }

    @Test
    void sectionsOfOtherMachinesAreKeptAndThatOfThisOneIsReplaced() throws IOException {
        ResultsPage.Host narrow = new ResultsPage.Host("Old processor", 256, "2026-11-01");
        String old = new ResultsPage(sample()).render(narrow, "", "### Old notes\n");
        String both = new ResultsPage(sample()).render(HOST, old, "### New notes\n");
        String kept = old.substring(old.indexOf("## Old processor"), old.indexOf("## Notes"));
        assertThat(both)
                .contains(kept)
                .doesNotContain("Old notes")
                .containsOnlyOnce("## Some processor\n")
                .containsOnlyOnce("## Notes\n");
        assertThat(both.indexOf("## Some processor")).isLessThan(both.indexOf(kept));
        ResultsPage.Host later = new ResultsPage.Host("Some processor", 512, "2026-12-25");
        assertThat(new ResultsPage(sample()).render(later, both, "### New notes\n"))
                .isEqualTo(both.replace("bits, VM 1, 2026-11-25", "bits, VM 1, 2026-12-25"));
    }

    @Test
    void aimsGoByTheWidthOfVectors() {
        assertThat(Aim.all(512).get(0).goals().get(0).text()).startsWith(">= 1.35 x");
        assertThat(Aim.all(256).get(0).goals().get(0).text()).startsWith(">= 1 x");
    }

    @Test
    void whatIsNotJmhsIsRefusedByName() throws IOException {
        Path other = Files.writeString(folder.resolve("other.json"), "{\"a\": 1}");
        assertThatThrownBy(() -> Measurements.read(List.of(other))).hasMessageContaining("other.json");
        Path rate = file("rate.json", ORT.replace("ms/op", "ops/s"));
        assertThatThrownBy(() -> Measurements.read(List.of(rate)))
                .hasMessageContaining("rate.json")
                .hasMessageContaining("ops/s");
    }

    @Test
    void whatWasMeasuredOnAnotherMachineHasATableOfItsOwn() throws IOException {
        Path joined = folder.resolve("gpu.json");
        Measurements.join(
                List.of(
                        file("d.json", vit("opencl", "ms/op", "[[2.5]]", "[[70]]", "[[0]]")),
                        file("e.json", vit("opencl+fp16", "ms/op", "[[0.75]]", "[[70]]", "[[0]]"))),
                "NVIDIA H200",
                joined);
        Path here = file("f.json", vit("cpu", "ms/op", "[[104.0]]", "[[86]]", "[[0.5]]"));
        String page = new ResultsPage(Measurements.read(List.of(here, joined))).render(HOST, "", "");
        assertThat(page)
                .containsPattern(
                        "## GPU NVIDIA H200\\n\\n.*\\n\\n.*\\n.*\\n\\| VisionTransformerBenchmark.forward \\|.*2.50 ms")
                .containsPattern(
                        "## GPU NVIDIA H200 fp16\\n\\n.*\\n\\n.*\\n.*\\n\\| VisionTransformerBenchmark.forward \\|.*750 µs")
                .doesNotContain("Device GPU");
    }
}
