package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.train.TrainerTest.assertSameTensors;
import static org.stegokernels.train.TrainerTest.hooks;
import static org.stegokernels.train.TrainerTest.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;

/** A training in a process that is killed without warning, or asked to end, goes on to the bits of one that was not. */
class TrainerKillTest {
    private static final int STEPS = 4000;
    private static final int PATIENCE_SECONDS = 120;

    @TempDir
    Path folder;

    /** The process that is killed: trains in the folder that is its argument. */
    static final class Process {
        private Process() {}

        public static void main(String[] args) throws IOException {
            try (TrainingFolder.Lock lock = new TrainingFolder(Path.of(args[0])).lock();
                    Trainer trainer = trainer(device(), STEPS, lock)) {
                trainer.run();
            }
        }
    }

    private static Device device() {
        Devices.Choice choice = Devices.choose("cpu");
        return choice.open(new Device.Options(1, false));
    }

    private static Trainer trainer(Device device, int steps, TrainingFolder.Lock lock) {
        return new Trainer(
                device,
                settings("max_steps=" + steps, "checkpoint_freq=1"),
                new SyntheticExamples(TrainerTest.IMAGES),
                SyntheticExamples.CLASSES,
                lock,
                hooks(new TrainerTest.Told(), null));
    }

    @Test
    void afterAKillTheLastCheckpointGoesOn() throws Exception {
        TrainingFolder killed = new TrainingFolder(folder.resolve("killed"));
        java.lang.Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Process.class.getName(),
                        killed.folder().toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (process.isAlive()
                && !(Files.exists(killed.checkpoint())
                        && Trainer.checkpointed(killed).orElse(0) >= 5)) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(50);
        }
        process.destroyForcibly().waitFor();
        assertThat(killed.checkpoint())
                .as(Files.readString(folder.resolve("log")))
                .exists();
        int done = Trainer.checkpointed(killed).orElseThrow();
        assertThat(done).isBetween(5, STEPS - 1);

        TrainingFolder whole = new TrainingFolder(folder.resolve("whole"));
        try (Device device = device()) {
            try (TrainingFolder.Lock lock = whole.lock();
                    Trainer trainer = trainer(device, done + 7, lock)) {
                trainer.run();
            }
            try (TrainingFolder.Lock lock = killed.lock();
                    Trainer trainer = trainer(device, done + 7, lock)) {
                trainer.resume();
                assertThat(trainer.step()).isEqualTo(done);
                trainer.run();
            }
        }
        assertSameTensors(killed.checkpoint(), whole.checkpoint());
        assertThat(Files.readAllLines(killed.metrics())).hasSameSizeAs(Files.readAllLines(whole.metrics()));
    }
}
