package org.stegokernels.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.RgbImage;
import org.stegokernels.serve.ClassBoard.BoardClass;
import org.stegokernels.serve.Labelling.Labels;
import org.stegokernels.stego.Pipeline;
import org.stegokernels.stego.Pipeline.Frame;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.weights.TypedTensor.HalfFloat;

/** The board from photographs to saved results, with a small model of six clusters. */
class BoardTest {
    private static final int SIZE = 64;
    private static final Segmenter.Options OPTIONS = Segmenter.Options.DEFAULT.withSize(SIZE);

    @TempDir
    Path folder;

    private Device device;
    private Stego model;
    private Path out;
    private final List<Path> files = new ArrayList<>();
    private Board board;

    @BeforeEach
    void open() throws IOException {
        device = TestDevices.open(Devices.choose("cpu"));
        model = Stego.load(ReferenceVectors.open("pipeline"), device);
        out = folder.resolve("out");
    }

    @AfterEach
    void close() {
        if (board != null) {
            board.close();
        }
        model.close();
        device.checkGuards();
        device.close();
    }

    /** Four fields of colours and noise. */
    private static RgbImage photograph(int width, int height, long seed) {
        Random random = new Random(seed);
        int[] colors = random.ints(12, 0, 200).toArray();
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int field = (2 * y / height) * 2 + 2 * x / width;
                for (int c = 0; c < 3; c++) {
                    rgb[3 * (y * width + x) + c] = (byte) (colors[3 * field + c] + random.nextInt(50));
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }

    private Path write(String name, RgbImage image) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        PngWriter.write(file, image);
        return file;
    }

    private void give(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            files.add(write("photographs/" + i + ".png", photograph(90 + i, 70, i)));
        }
    }

    private Board openBoard(Stego of, Path... more) throws IOException, InterruptedException {
        List<Workbench.Photograph> inputs = Stream.concat(files.stream(), Stream.of(more))
                .map(file -> new Workbench.Photograph(
                        file, Path.of(file.getFileName().toString().replaceFirst("\\.\\w+$", ""))))
                .toList();
        board = Board.open(
                new Board.Settings(of, "small", out, inputs, ImageReader.Limits.DEFAULT, OPTIONS), new Events());
        board.await();
        return board;
    }

    private static void refused(int status, String reason, ThrowingCallable work) {
        assertThatExceptionOfType(Problem.class)
                .isThrownBy(work)
                .withMessageContaining(reason)
                .satisfies(problem -> assertThat(problem.status()).isEqualTo(status));
    }

    private Labels refined(int id) throws IOException, InterruptedException {
        int generation = board.view().classes().generation();
        board.labels(id, generation);
        board.await();
        Labeller.Answer answer = board.labels(id, generation);
        assertThat(answer.refined()).isTrue();
        assertThat(board.photographs().get(id).refined()).isEqualTo(generation);
        return answer.labels();
    }

    /** Saves the model, loads it, and compares all that it finds with what the board has. */
    private void assertSavedModelAgrees(String name) throws IOException, InterruptedException {
        ClassBoard classes = board.view().classes();
        Path saved = board.saving().save(classes, name);
        Saving.Exported exported = board.saving().export(classes, List.of("png", "coco"), "small");
        assertThat(exported.failures()).isEmpty();
        try (Stego loaded = Stego.load(saved, device);
                Segmenter segmenter =
                        Segmenter.of(loaded, OPTIONS.withProbe(loaded.probes().get(0)));
                Pipeline pipeline = Pipeline.of(loaded, loaded.probes(), OPTIONS, new StageTimes())) {
            assertThat(segmenter.classes().stream().map(Segmentation.ClassInfo::name))
                    .containsExactlyElementsOf(
                            classes.classes().stream().map(BoardClass::name).toList());
            assertThat(segmenter.classes().stream().map(Segmentation.ClassInfo::rgb))
                    .containsExactlyElementsOf(
                            classes.classes().stream().map(BoardClass::rgb).toList());
            int[] classOf = loaded.classOf(loaded.probes().get(0));
            for (int k = 0; k < classOf.length; k++) {
                assertThat(loaded.info().classNames().get(classOf[k]))
                        .isEqualTo(classes.get(classes.classOf()[k]).name());
            }
            for (Photograph photograph : board.photographs().ready()) {
                RgbImage image = board.photographs().read(photograph);
                LabelMap whole = segmenter.segment(image).labels();
                assertThat(PalettePng.read(exported.folder().resolve(photograph.stem() + ".png"))
                                .labels())
                        .isEqualTo(whole.labels());
                RgbImage working = pipeline.frame(image).working();
                Frame frame = new Frame(working, working);
                Pipeline.Predictions predictions = pipeline.predictions(
                        frame,
                        pipeline.marginals(frame, pipeline.encode(frame).mean()).get(0));
                Labels labels = refined(photograph.id());
                assertThat(labels.candidates()).isEqualTo(predictions.labels().labels());
                for (int i = 0; i < labels.confidence().length; i++) {
                    assertThat(labels.confidence()[i] & 0xFF)
                            .isEqualTo(Math.round(255 * predictions.confidence()[i]));
                }
            }
        }
    }

    private Lesson.Said stroke(int photograph, Integer id, String name, boolean is, int... patches) {
        return new Lesson.Said(photograph, patches, id, name, is);
    }

    @Test
    void theSavedModelSeesWhatTheBoardShows() throws IOException, InterruptedException {
        give(3);
        openBoard(model);
        assertThat(board.view().classes().classes()).hasSize(6);
        assertSavedModelAgrees("as-it-is.safetensors");
        board.history().change(before -> before.merged(List.of(1, 3), "both"));
        board.history().change(before -> before.recolored(0, 0x102030));
        assertSavedModelAgrees("merged.safetensors");
        board.clusters(4);
        board.split(board.view().classes().classes().get(0).id(), 3);
        assertSavedModelAgrees("clusters.safetensors");
        int first = board.view().classes().classes().get(0).id();
        board.teach(List.of(
                stroke(0, null, "corner", true, 0, 1, 2),
                stroke(1, null, "corner", true, 0, 1),
                stroke(0, first, null, false, 40, 41)));
        int corner = board.view().classes().byName("corner").id();
        board.history().change(before -> before.merged(List.of(first, corner), "first"));
        assertThat(board.view().classes().candidates().source()).isEqualTo(Candidates.Source.TAUGHT);
        assertSavedModelAgrees("taught.safetensors");
        board.split(first, 2);
        assertSavedModelAgrees("split.safetensors");
    }

    @Test
    void quickLabelsAreThoseWithoutCrf() throws IOException, InterruptedException {
        give(1);
        openBoard(model);
        Labeller.Answer quick = board.labels(0, 1);
        assertThat(quick.refined()).isFalse();
        RgbImage image = board.photographs().read(board.photographs().get(0));
        try (Pipeline pipeline =
                Pipeline.of(model, List.of(model.probes().get(0)), OPTIONS.withCrf(false), new StageTimes())) {
            RgbImage working = pipeline.frame(image).working();
            Frame frame = new Frame(working, working);
            assertThat(quick.labels().candidates())
                    .isEqualTo(pipeline.predictions(
                                    frame,
                                    pipeline.marginals(
                                                    frame,
                                                    pipeline.encode(frame).mean())
                                            .get(0))
                            .labels()
                            .labels());
        }
        assertThat(refined(0).candidates()).isNotEqualTo(quick.labels().candidates());
    }

    @Test
    void undoAndRedoLeadToTheSameBits() throws IOException, InterruptedException {
        give(2);
        openBoard(model);
        List<ClassBoard> states = new ArrayList<>();
        List<byte[]> labels = new ArrayList<>();
        List<ThrowingCallable> changes = List.of(
                () -> board.history().change(before -> before.renamed(0, "zero")),
                () -> board.clusters(5),
                () -> board.history()
                        .change(before -> before.merged(
                                List.of(
                                        before.classes().get(0).id(),
                                        before.classes().get(1).id()),
                                "two")),
                () -> board.teach(List.of(stroke(0, null, "new", true, 3, 4, 5))),
                () -> board.split(board.view().classes().byName("new").id(), 2));
        states.add(board.view().classes());
        labels.add(refined(0).candidates());
        for (ThrowingCallable change : changes) {
            try {
                change.call();
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
            states.add(board.view().classes());
            labels.add(refined(0).candidates());
        }
        assertThat(board.view().undo()).isEqualTo("Split class");
        refused(409, "nothing to do again", () -> board.history().redo());
        for (int i = changes.size() - 1; i >= 0; i--) {
            assertThat(board.history().undo().classes()).isSameAs(states.get(i));
            assertThat(refined(0).candidates()).isEqualTo(labels.get(i));
        }
        assertThat(board.view().redo()).isEqualTo("Rename class");
        refused(409, "nothing to undo", () -> board.history().undo());
        for (int i = 1; i <= changes.size(); i++) {
            assertThat(board.history().redo().classes()).isSameAs(states.get(i));
            assertThat(refined(0).candidates()).isEqualTo(labels.get(i));
        }
        board.history().undo();
        board.history()
                .change(before -> before.recolored(before.classes().get(0).id(), 1));
        refused(409, "nothing to do again", () -> board.history().redo());
    }

    @Test
    void whatIsTheSameClassKeepsItsNameWhenClustersAreFoundAnew() throws IOException, InterruptedException {
        give(4);
        openBoard(model);
        board.clusters(6);
        ClassBoard six = board.history()
                .change(before -> before.renamed(before.classes().get(0).id(), "mine"))
                .classes();
        BoardClass mine = six.byName("mine");
        assertThat(board.clusters(6).classes().byName("mine")).isEqualTo(mine);
        ClassBoard seven = board.clusters(7).classes();
        assertThat(seven.classes()).extracting(BoardClass::id).doesNotHaveDuplicates();
        assertThat(seven.classes()).extracting(BoardClass::name).doesNotHaveDuplicates();
        assertThat(seven.classes()).extracting(BoardClass::rgb).doesNotHaveDuplicates();
    }

    @Test
    void sharesAreThoseOfThePatchesAndSumToOne() throws IOException, InterruptedException {
        give(2);
        openBoard(model);
        double[] shares = board.view().shares();
        assertThat(shares).hasSize(6);
        assertThat(java.util.Arrays.stream(shares).sum()).isBetween(0.9999, 1.0001);
        double[] merged = board.history()
                .change(before -> before.merged(List.of(0, 1), "both"))
                .shares();
        assertThat(merged[0]).isEqualTo(shares[0] + shares[1]);
    }

    @Test
    void aDamagedPhotographFailsAlone() throws IOException, InterruptedException {
        give(1);
        Path damaged = Files.writeString(folder.resolve("damaged.png"), "no picture");
        Path fine = write("fine.png", photograph(80, 64, 9));
        openBoard(model, damaged, folder.resolve("missing.png"), fine);
        List<Photograph> all = board.photographs().all();
        assertThat(all).extracting(Photograph::name).containsExactly("0.png", "damaged.png", "missing.png", "fine.png");
        assertThat(all.get(0).error()).isNull();
        assertThat(all.get(1).error()).contains("damaged.png");
        assertThat(all.get(2).error()).contains("missing.png", "no such file");
        assertThat(board.photographs().ready()).containsExactly(all.get(0), all.get(3));
        refused(409, "damaged.png can't be read", () -> board.labels(1, 1));
        assertThat(refined(3).candidates()).hasSize(64 * 80);
        Saving.Exported exported = board.saving().export(board.view().classes(), List.of("png"), "small");
        assertThat(exported.files()).isEqualTo(2);
        assertThat(exported.failures()).hasSize(2);
    }

    @Test
    void photographsComeAndGo() throws IOException, InterruptedException {
        give(1);
        openBoard(model);
        byte[] png = Files.readAllBytes(files.get(0));
        Photograph same = board.upload("C:\\pictures\\0.png", png);
        Photograph hidden = board.upload("../../.hidden.png", png);
        board.await();
        assertThat(same.name()).isEqualTo("0.png");
        assertThat(same.stem()).isEqualTo("0-2");
        assertThat(hidden.stem()).isEqualTo("photograph.hidden");
        assertThat(refined(same.id()).candidates()).isEqualTo(refined(0).candidates());
        for (String name : new String[] {null, "", " ", "..", "a/..", "x".repeat(300), "a\u0000b.png", "\u202E.png"}) {
            refused(400, "The name of the photograph", () -> board.upload(name, png));
        }
        long size = board.photographs().scratchBytes();
        board.remove(0);
        refused(404, "no photograph 0", () -> board.labels(0, 1));
        refused(404, "no photograph 0", () -> board.remove(0));
        Photograph again = board.upload("0.png", png);
        board.await();
        assertThat(again.stem()).isEqualTo("0");
        assertThat(board.photographs().scratchBytes()).isLessThanOrEqualTo(size + png.length);
        assertThat(files.get(0)).exists();
        assertThat(out).doesNotExist();
    }

    @Test
    void labelsOfAnotherGenerationAreRefused() throws IOException, InterruptedException {
        give(1);
        openBoard(model);
        refused(409, "Generation 7 is not the present one, 1", () -> board.labels(0, 7));
        board.clusters(3);
        refused(409, "not the present one", () -> board.labels(0, 1));
        board.history().undo();
        assertThat(board.labels(0, 1).labels().width()).isPositive();
    }

    @Test
    void whatCannotBeTaughtOrFoundIsRefusedAndNothingChanges() throws IOException, InterruptedException {
        give(1);
        openBoard(model);
        History.View before = board.view();
        refused(422, "to 255 of them, not 1", () -> board.clusters(1));
        refused(422, "to 255 of them, not 300", () -> board.clusters(300));
        refused(422, "patches to make 200 of", () -> board.clusters(200));
        refused(404, "no class 99", () -> board.split(99, 2));
        refused(422, "of them, not 0", () -> board.split(0, 0));
        refused(404, "no photograph 5", () -> board.teach(List.of(stroke(5, 0, null, true, 1))));
        refused(404, "no class 77", () -> board.teach(List.of(stroke(0, 77, null, true, 1))));
        refused(422, "not 10000", () -> board.teach(List.of(stroke(0, 0, null, true, 10000))));
        refused(422, "not -1", () -> board.teach(List.of(stroke(0, 0, null, true, -1))));
        refused(422, "needs a stroke of what it is", () -> board.teach(List.of(stroke(0, null, "x", false, 1))));
        refused(422, "takes a stroke", () -> board.teach(List.of()));
        refused(422, "More than 10000 patches", () -> board.teach(List.of(stroke(0, 0, null, true, new int[10_001]))));
        assertThat(board.view()).isSameAs(before);
    }

    @Test
    void nothingIsWrittenOutsideOfTheFolderAndNoFileOfOthersIsReplaced() throws IOException, InterruptedException {
        give(1);
        openBoard(model);
        ClassBoard classes = board.view().classes();
        Saving saving = board.saving();
        for (String name : List.of(
                "model",
                ".safetensors",
                "../x.safetensors",
                "/tmp/x.safetensors",
                "a/x.safetensors",
                "a\\x.safetensors",
                ".x.safetensors",
                "a\nb.safetensors",
                "a\u0000.safetensors",
                "x".repeat(200) + ".safetensors",
                "C:x.safetensors")) {
            refused(422, "The name of the model's file", () -> saving.save(classes, name));
        }
        assertThat(out).doesNotExist();
        Path saved = saving.save(classes, "x.safetensors");
        assertThat(saved).isEqualTo(out.resolve("x.safetensors")).exists();
        saving.save(classes, "x.safetensors");
        Path precious = Files.writeString(out.resolve("precious.safetensors"), "precious");
        refused(409, "There is a file precious.safetensors", () -> saving.save(classes, "precious.safetensors"));
        Files.createSymbolicLink(out.resolve("link.safetensors"), folder.resolve("elsewhere"));
        refused(409, "There is a file link.safetensors", () -> saving.save(classes, "link.safetensors"));
        assertThat(precious).hasContent("precious");
        refused(422, "no format \"jpg\"", () -> saving.export(classes, List.of("jpg"), "small"));
        refused(422, "no format \"cutout\"", () -> saving.export(classes, List.of("cutout"), "small"));
        refused(422, "needs a format", () -> saving.export(classes, List.of(), "small"));
        refused(422, "Cityscapes", () -> saving.export(classes, List.of("cityscapes"), "small"));
        assertThat(out.resolve("masks")).doesNotExist();
        assertThat(saving.export(classes, List.of("png"), "small").folder()).isEqualTo(out.resolve("masks"));
        assertThat(saving.export(classes, List.of("png"), "small").folder()).isEqualTo(out.resolve("masks-2"));
        try (Stream<Path> written = Files.walk(folder)) {
            assertThat(written.filter(Files::isRegularFile)
                            .map(folder::relativize)
                            .map(Path::toString))
                    .containsExactlyInAnyOrder(
                            "photographs/0.png",
                            "out/x.safetensors",
                            "out/precious.safetensors",
                            "out/masks/0.png",
                            "out/masks-2/0.png");
        }
    }

    @Test
    void typicalPatchesAreOfTheClassAndOfManyPhotographs() throws IOException, InterruptedException {
        give(4);
        openBoard(model);
        double[] shares = board.view().shares();
        int largest = IntStream.range(0, 6)
                .boxed()
                .max(java.util.Comparator.comparingDouble(i -> shares[i]))
                .orElseThrow();
        List<Atlas.Typical> typical = board.atlas(largest, 8);
        assertThat(typical).hasSize(8).doesNotHaveDuplicates();
        for (int i = 0; i < 4; i++) {
            int id = i;
            assertThat(typical.stream().filter(each -> each.photograph() == id)).hasSize(2);
        }
        assertThat(typical).extracting(Atlas.Typical::similarity).isSortedAccordingTo((a, b) -> Float.compare(b, a));
        refused(404, "no class 9", () -> board.atlas(9, 8));
    }

    @Test
    void aBackboneStartsWithClustersOfItsFeatures() throws IOException, InterruptedException {
        give(3);
        try (Stego backbone = Stego.load(ReferenceVectors.open("vit_micro_p8"), device)) {
            openBoard(backbone);
            assertThat(board.view().classes().classes()).hasSize(8);
            assertThat(board.view().classes().candidates().source()).isEqualTo(Candidates.Source.CLUSTERS);
            assertThat(board.view().undo()).isEqualTo("Find 8 clusters");
            assertSavedModelAgrees("found.safetensors");
            board.history().undo();
            refused(409, "There are no classes yet", () -> board.labels(0, 0));
            refused(409, "There are no classes yet", () -> board.teach(List.of(stroke(0, null, "x", true, 1))));
            board.close();
            board = null;
        }
    }

    /** Cosines in the page are dot products. */
    @Test
    void vectorsHaveLengthOne() throws IOException, InterruptedException {
        give(2);
        openBoard(model);
        Photograph photograph = board.photographs().get(0);
        for (boolean features : new boolean[] {false, true}) {
            byte[] bytes = board.photographs().vectors(photograph, features);
            int patches = photograph.ready().patches();
            int width = bytes.length / 2 / patches;
            assertThat(width).isEqualTo(features ? 64 : 24);
            for (int i = 0; i < patches; i++) {
                double squares = 0;
                for (int c = 0; c < width; c++) {
                    int at = 2 * (i * width + c);
                    float value = HalfFloat.fromF16((short) (bytes[at] & 0xFF | bytes[at + 1] << 8));
                    squares += value * value;
                }
                assertThat(squares).isBetween(0.998, 1.002);
            }
        }
    }

    /** Each of them does what a page may do, while photographs come and go. */
    @Test
    void manyThreadsMayUseItAtOnce() throws IOException, InterruptedException {
        give(6);
        openBoard(model);
        byte[] png = Files.readAllBytes(files.get(0));
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int seed = i;
            Thread thread = new Thread(() -> {
                Random random = new Random(seed);
                for (int step = 0; step < 25; step++) {
                    try {
                        act(random, png);
                    } catch (Problem e) {
                        if (e.status() != 404 && e.status() != 409 && e.status() != 422) {
                            failures.add(e);
                        }
                    } catch (IOException | RuntimeException e) {
                        failures.add(e);
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        board.upload("last.png", png);
        board.await();
        assertThat(failures).isEmpty();
        assertThat(board.photographs().ready())
                .isNotEmpty()
                .containsExactlyElementsOf(board.photographs().all());
        assertSavedModelAgrees("after-all.safetensors");
    }

    private void act(Random random, byte[] png) throws IOException {
        ClassBoard classes = board.view().classes();
        List<Photograph> all = board.photographs().all();
        int photograph = all.isEmpty() ? 0 : all.get(random.nextInt(all.size())).id();
        int id = classes.classes().get(random.nextInt(classes.classes().size())).id();
        switch (random.nextInt(10)) {
            case 0 -> board.upload("more.png", png);
            case 1 -> board.remove(photograph);
            case 2 -> board.clusters(2 + random.nextInt(6));
            case 3 -> board.split(id, 2);
            case 4 -> board.teach(List.of(stroke(photograph, null, "t" + random.nextInt(3), true, random.nextInt(60))));
            case 5 -> board.history().undo();
            case 6 -> board.history().change(before -> before.renamed(id, "name " + random.nextInt(100)));
            case 7 -> board.atlas(id, 5);
            case 8 -> board.photographs().vectors(board.photographs().get(photograph), random.nextBoolean());
            default -> board.labels(photograph, classes.generation());
        }
    }

    @Test
    void threeHundredPhotographsLieOnTheDisk() throws IOException, InterruptedException {
        for (int i = 0; i < 300; i++) {
            files.add(write("photographs/" + i + ".png", photograph(SIZE, SIZE, i)));
        }
        long before = device.allocatedBytes();
        openBoard(model);
        assertThat(board.photographs().ready()).hasSize(300);
        int patches = 64;
        long each = 3 * SIZE * SIZE + 4 * 24 * patches + 2 * 64 * patches;
        assertThat(board.photographs().scratchBytes()).isEqualTo(300 * each);
        assertThat(board.photographs().sample()).hasSize(300 * patches * 24);
        board.clusters(8);
        board.teach(List.of(stroke(0, null, "new", true, 1, 2), stroke(299, null, "new", true, 3)));
        refined(299);
        assertThat(device.allocatedBytes() - before).isLessThan(64 << 20);
        board.close();
        board = null;
    }
}
