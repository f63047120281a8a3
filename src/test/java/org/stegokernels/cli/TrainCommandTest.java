package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.data.Datasets;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.train.TrainSettings;
import org.stegokernels.train.TrainSettings.Source;
import org.stegokernels.train.Trainer;
import org.stegokernels.train.TrainingFolder;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.vit.Architecture;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;

/** {@code train} and {@code tune-shifts} as a person runs them. */
class TrainCommandTest {
    private static final String MODEL = "kernels/reference/vit_micro_p8.safetensors";

    @TempDir
    Path folder;

    private Path data;
    private Path out;

    @BeforeEach
    void dataset() throws IOException {
        data = folder.resolve("data");
        out = folder.resolve("out");
        Datasets.directory(data, "train", 9, 50, 40);
        Datasets.directory(data, "val", 3, 50, 40);
    }

    private List<Object> arguments(Object... more) {
        List<Object> arguments = new ArrayList<>(List.of(
                "train", "-m", MODEL, "-d", data, "--device", "cpu", "--size", 32, "--cache", folder.resolve("cache")));
        arguments.addAll(
                List.of("--set", "val_res=32", "--set", "dim=6", "--set", "batch_size=4", "--set", "val_freq=5"));
        arguments.addAll(List.of("--classes", "3"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private CommandLineRun train(Object... more) {
        return CommandLineRun.of(arguments(more).toArray());
    }

    @Test
    void aTrainedModelSegments() throws IOException {
        CommandLineRun run = train("-o", out, "--steps", 12);
        assertThat(run.err()).doesNotContain("error");
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("trained 12 steps", "best at step", out.toString());
        for (String model : new String[] {"best", "last"}) {
            CommandLineRun segment = CommandLineRun.of(
                    "segment",
                    data,
                    "-m",
                    out.resolve(model + ".safetensors"),
                    "-o",
                    folder.resolve("masks"),
                    "--device",
                    "cpu",
                    "--json");
            assertThat(segment.exitCode()).as(segment.err()).isEqualTo(ExitCode.DONE);
            assertThat(segment.out()).contains("\"size\" : 32");
        }
        assertThat(Files.readAllLines(out.resolve("metrics.jsonl"))).hasSizeGreaterThan(3);

        assertThat(train("-o", out, "--steps", 14).err()).contains("training of 12 steps", "--resume");
        CommandLineRun more = train("-o", out, "--steps", 14, "--resume");
        assertThat(more.out()).as(more.err()).contains("trained 2 steps");
        CommandLineRun other = train("-o", out, "--resume", "--set", "dim=7");
        assertThat(other.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(other.err()).contains("dim 6, not 7");
    }

    @Test
    void withoutLabelsClustersAreClasses() throws IOException {
        Path photographs = data.resolve("imgs").resolve("train");
        CommandLineRun run = CommandLineRun.of(
                "train",
                "-m",
                MODEL,
                "-d",
                photographs,
                "-o",
                out,
                "--size",
                32,
                "--steps",
                5,
                "--no-cache",
                "--device",
                "cpu",
                "--set",
                "dir_dataset_n_classes=4",
                "--set",
                "batch_size=3",
                "--set",
                "loader_crop_type=random",
                "--set",
                "aug_alignment_weight=0.2",
                "--set",
                "crf_weight=0.2",
                "--set",
                "rec_weight=0.1",
                "--set",
                "val_res=32");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(out.resolve("best.safetensors")).doesNotExist();
        assertThat(Files.readString(out.resolve("metrics.jsonl"))).doesNotContain("evaluation");
        assertThat(run.err()).contains("of 4 clusters in use, the largest has ");
        // Nine photographs of four by four patches: every picture twice, and some patches of each cluster in use.
        String report = Files.readString(out.resolve("report.html"));
        assertThat(report.split("alt=\"Image ", -1)).hasSize(8 + 1);
        assertThat(report.split("alt=\"Segments of ", -1)).hasSize(8 + 1);
        assertThat(report).contains("alt=\"Typical patch 12 of ");
        CommandLineRun segment = CommandLineRun.of(
                "segment",
                photographs,
                "-m",
                out.resolve("last.safetensors"),
                "-o",
                folder.resolve("masks"),
                "--device",
                "cpu");
        assertThat(segment.exitCode()).as(segment.err()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void aSuggestedNumberOfClassesIsKeptForResuming() throws IOException {
        List<Object> photographs = arguments("-o", out);
        photographs.set(photographs.indexOf(data), data.resolve("imgs").resolve("train"));
        int classes = photographs.indexOf("--classes");
        photographs.set(classes + 1, "auto");
        CommandLineRun run = CommandLineRun.of(with(photographs, "--steps", 4));
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        // Nine photographs of sixteen patches are enough for fourteen classes.
        assertThat(run.err()).contains("classes (--classes auto): the widest eigengap", "numbers from 5 to 14 ");
        Path reasons = out.resolve("classes.json");
        int suggested = SuggestionFile.read(reasons).best().clusters();
        assertThat(settings(out).data().classes()).isEqualTo(suggested);
        try (Safetensors model = Safetensors.open(out.resolve("last.safetensors"))) {
            assertThat(model.entry("cluster_probe.clusters").shape().dim(0)).isEqualTo(suggested);
        }
        assertThat(Files.readString(out.resolve("report.html"))).contains("How many classes", "suggested</th>");

        byte[] before = Files.readAllBytes(reasons);
        CommandLineRun more = CommandLineRun.of(with(photographs, "--steps", 6, "--resume"));
        assertThat(more.out()).as(more.err()).contains("trained 2 steps");
        assertThat(more.err()).doesNotContain("--classes auto");
        assertThat(reasons).hasBinaryContent(before);
        photographs.subList(classes, classes + 2).clear();
        CommandLineRun without = CommandLineRun.of(with(photographs, "--steps", 7, "--resume"));
        assertThat(without.out()).as(without.err()).contains("trained 1 steps");
        assertThat(Files.readString(out.resolve("report.html"))).contains("How many classes");

        // The same steps at once leave the same bits.
        Path once = folder.resolve("once");
        photographs.addAll(classes, List.of("--classes", "auto"));
        photographs.set(photographs.indexOf(out), once);
        assertThat(CommandLineRun.of(with(photographs, "--steps", 7)).exitCode())
                .isEqualTo(ExitCode.DONE);
        assertThat(once.resolve("last.safetensors"))
                .hasBinaryContent(Files.readAllBytes(out.resolve("last.safetensors")));
        Files.delete(once.resolve("checkpoint.safetensors"));
        photographs.set(classes + 1, 3);
        assertThat(CommandLineRun.of(with(photographs, "--steps", 2)).exitCode())
                .isEqualTo(ExitCode.DONE);
        assertThat(once.resolve("classes.json")).doesNotExist();
    }

    private static Object[] with(List<Object> arguments, Object... more) {
        return Stream.concat(arguments.stream(), Stream.of(more)).toArray();
    }

    @Test
    void aNumberThatIsKnownIsNotSuggested() {
        List<Object> arguments = arguments("-o", out);
        int classes = arguments.indexOf("--classes");
        arguments.set(classes + 1, "auto");
        CommandLineRun labelled = CommandLineRun.of(arguments.toArray());
        assertThat(labelled.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(labelled.err()).contains("--classes auto is for photographs alone, and data-train has labels");
        arguments.set(classes + 1, "some");
        CommandLineRun word = CommandLineRun.of(arguments.toArray());
        assertThat(word.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(word.err()).contains("--classes must be a whole number or auto, not some");
        assertThat(out).doesNotExist();
    }

    @Test
    void extraClustersAreGivenAClass() {
        CommandLineRun run = train("-o", out, "--steps", 5, "--set", "extra_clusters=3");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(CommandLineRun.of(
                                "segment", data, "-m", out.resolve("best.safetensors"), "-o", folder, "--device", "cpu")
                        .exitCode())
                .isEqualTo(ExitCode.DONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--set|dmi=3|the nearest is dim",
                "--preset|voc|cocostuff27_vit_small",
                "--set|aug_alignment_weight=1|--no-cache",
                "--set|val_res=33|val_res 33 is not in whole patches of 8 pixels, as this model has them: give 32 or 40",
                "--config|none.yml|no such file",
                "--steps|0|max_steps must be at least 1",
            })
    void usageErrorsSayWhatToDo(String option, String value, String expected) {
        CommandLineRun run = train("-o", out, option, value);
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(expected);
    }

    @Test
    void aSizeIsRefusedInTheWordsOfTheOption() {
        List<Object> arguments = arguments("-o", out);
        arguments.set(arguments.indexOf("--size") + 1, 33);
        CommandLineRun run = CommandLineRun.of(arguments.toArray());
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("--size 33 is not in whole patches of 8 pixels");
    }

    @Test
    void oneImageIsTooFew() throws IOException {
        Path one = folder.resolve("one");
        Datasets.write(one.resolve("a.png"), Datasets.image(50, 40, 1));
        CommandLineRun run = CommandLineRun.of(
                "train",
                "-m",
                MODEL,
                "-d",
                one,
                "-o",
                out,
                "--size",
                32,
                "--no-cache",
                "--set",
                "dir_dataset_n_classes=2",
                "--device",
                "cpu");
        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err()).contains("at least 2 images");
        assertThat(CommandLineRun.of("train", "-m", MODEL, "-d", one, "-o", out, "--size", 32)
                        .err())
                .contains("--classes");
    }

    @Test
    void shiftsAreProposedAsSettings() throws IOException {
        List<Object> arguments = arguments();
        arguments.set(0, "tune-shifts");
        CommandLineRun run = CommandLineRun.of(arguments.toArray());
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("pos_intra_shift: ", "neg_inter_shift: ", "<- shift");
        Path config = Files.writeString(folder.resolve("shifts.yml"), run.out());
        assertThat(train("-o", out, "--steps", 2, "--config", config).exitCode())
                .isEqualTo(ExitCode.DONE);
    }

    private TrainSettings settings(Path folder) throws IOException {
        return Source.defaults().file(folder.resolve("settings.yml")).settings();
    }

    @Test
    void shiftsThatNobodyGaveAreFittedToTheImages() throws IOException {
        CommandLineRun run = train("-o", out, "--steps", 2, "--set", "pos_inter_shift=0.12");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        TrainSettings fitted = settings(out);
        List<Object> arguments = arguments();
        arguments.set(0, "tune-shifts");
        TrainSettings proposed = Source.defaults()
                .text("proposal", CommandLineRun.of(arguments.toArray()).out())
                .settings();
        assertThat(fitted.correspondence().terms().intra().shift())
                .isEqualTo(proposed.correspondence().terms().intra().shift())
                .isNotEqualTo(0.18);
        assertThat(fitted.correspondence().terms().negative().shift())
                .isEqualTo(proposed.correspondence().terms().negative().shift())
                .isNotEqualTo(0.46);
        assertThat(fitted.correspondence().terms().inter().shift()).isEqualTo(0.12);
        assertThat(run.err().lines().filter(line -> line.startsWith("shifts ")))
                .singleElement()
                .asString()
                .contains(
                        "pos_intra_shift="
                                + fitted.correspondence().terms().intra().shift(),
                        "neg_inter_shift=",
                        "--shifts auto")
                .doesNotContain("pos_inter_shift");

        CommandLineRun more = train("-o", out, "--steps", 3, "--resume");
        assertThat(more.exitCode()).as(more.err()).isEqualTo(ExitCode.DONE);
        assertThat(more.err()).doesNotContain("shifts ");
        assertThat(settings(out).correspondence().loss())
                .isEqualTo(fitted.correspondence().loss());
    }

    @Test
    void aPresetKeepsItsShiftsUnlessOthersAreAskedFor() throws IOException {
        TrainSettings preset = Source.defaults().preset("cocostuff27_vit_small").settings();
        List<Object> published = arguments("-o", out, "--steps", 2, "--shifts", "published");
        assertThat(CommandLineRun.of(published.toArray()).exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(settings(out).correspondence().loss())
                .isEqualTo(Source.defaults().settings().correspondence().loss());

        Path named = folder.resolve("named");
        CommandLineRun run = train("-o", named, "--steps", 2, "--preset", "cocostuff27_vit_small");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(settings(named).correspondence().loss())
                .isEqualTo(preset.correspondence().loss());

        Path both = folder.resolve("both");
        String[] asked = {"--preset", "cocostuff27_vit_small", "--shifts", "auto"};
        assertThat(train("-o", both, "--steps", 2, asked[0], asked[1], asked[2], asked[3])
                        .err())
                .contains("pos_intra_shift=", "pos_inter_shift=", "neg_inter_shift=");
        CorrespondenceLoss.Settings fitted = settings(both).correspondence().loss();
        assertThat(fitted.intra().weight())
                .isEqualTo(preset.correspondence().loss().intra().weight());
        assertThat(fitted.intra().shift())
                .isNotEqualTo(preset.correspondence().loss().intra().shift());
        CommandLineRun more = train("-o", both, "--steps", 3, "--resume", asked[0], asked[1], asked[2], asked[3]);
        assertThat(more.exitCode()).as(more.err()).isEqualTo(ExitCode.DONE);
        assertThat(settings(both).correspondence().loss()).isEqualTo(fitted);
    }

    @Test
    void sizesThatNobodyGaveFitThePatchesOfTheModel() throws IOException {
        Random random = new Random(1);
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        Architecture.dino(1, 64, 1, 12, 3, 64).tensors().forEach((name, shape) -> {
            float[] values = new float[shape.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.1 * random.nextGaussian());
            }
            weights.put(name, new HostTensor(shape, values));
        });
        Path model = folder.resolve("patch12.safetensors");
        SafetensorsWriter.write(model, weights, Map.of("num_heads", "1"));
        CommandLineRun run = CommandLineRun.of(
                "train",
                "-m",
                model,
                "-d",
                data,
                "--device",
                "cpu",
                "-o",
                out,
                "--steps",
                1,
                "--no-cache",
                "--set",
                "batch_size=2",
                "--set",
                "dim=6");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(settings(out).data().size()).isEqualTo(228);
        assertThat(settings(out).data().validationSize()).isEqualTo(324);
    }

    @Test
    void twoTrainingsAreNotAtWorkInOneFolder() throws IOException {
        Outputs.prepare(out);
        try (TrainingFolder.Lock lock = new TrainingFolder(out).lock()) {
            CommandLineRun second = train("-o", out, "--steps", 2);
            assertThat(second.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(second.err()).contains(out + ": another training is at work in that folder");
            assertThat(lock.folder().settings()).doesNotExist();
        }
        assertThat(train("-o", out, "--steps", 2).exitCode()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void filesThatNoTrainingLeftAreNotReplaced() throws IOException {
        Files.createDirectories(out);
        Path foreign = Files.writeString(out.resolve("best.safetensors"), "somebody's model");
        CommandLineRun run = train("-o", out, "--steps", 6);
        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err()).contains(foreign + " is there, but no checkpoint", "choose another folder");
        assertThat(foreign).hasContent("somebody's model");
    }

    @Test
    void aTrainingThatIsLongerThanAskedForStaysAsItIs() throws IOException {
        assertThat(train("-o", out, "--steps", 6).exitCode()).isEqualTo(ExitCode.DONE);
        byte[] before = Files.readAllBytes(out.resolve("settings.yml"));
        CommandLineRun run = train("-o", out, "--steps", 3, "--resume");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("is already at step 6");
        assertThat(Files.readAllBytes(out.resolve("settings.yml"))).isEqualTo(before);
    }

    @Test
    void aTrainingOfOtherImagesGoesOnWithNothingAndComputesNothing() throws IOException {
        assertThat(train("-o", out, "--steps", 2).exitCode()).isEqualTo(ExitCode.DONE);
        Datasets.write(data.resolve("imgs").resolve("train").resolve("a0.png"), Datasets.image(50, 40, 99));
        Path cache = folder.resolve("cache");
        long kept = files(cache);
        CommandLineRun run = train("-o", out, "--steps", 3, "--resume");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("was trained on other images");
        assertThat(files(cache)).isEqualTo(kept);
    }

    private static long files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    @Test
    void aTerminatedTrainingLeavesACheckpoint() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        for (Object argument : arguments("-o", out, "--steps", 1_000_000, "--set", "checkpoint_freq=1000000")) {
            command.add(argument.toString());
        }
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Path metrics = out.resolve("metrics.jsonl");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (process.isAlive() && !(Files.exists(metrics) && Files.size(metrics) > 0)) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(50);
        }
        process.destroy();
        assertThat(process.waitFor()).as(Files.readString(log)).isEqualTo(143);
        assertThat(Files.readString(log)).contains("stopped after step");
        assertThat(Trainer.checkpointed(new TrainingFolder(out)).orElseThrow()).isGreaterThan(4);
        try (var files = Files.list(out)) {
            assertThat(files.filter(file -> file.toString().endsWith(".tmp"))).isEmpty();
        }
    }
}
