package org.stegokernels.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    /** As on Windows, as long as a virus scanner looks at the file. */
    @Test
    void whatIsDeniedForAWhileIsRepeated() throws IOException {
        AtomicInteger times = new AtomicInteger();
        AtomicFile.Step step = () -> {
            if (times.incrementAndGet() < 3) {
                throw new AccessDeniedException("file");
            }
        };
        AtomicFile.repeat(step, 3);
        assertThat(times).hasValue(3);
    }

    @Test
    void whatStaysDeniedFailsInTheEnd() {
        AtomicInteger times = new AtomicInteger();
        AtomicFile.Step step = () -> {
            times.incrementAndGet();
            throw new AccessDeniedException("file");
        };
        assertThatThrownBy(() -> AtomicFile.repeat(step, 2)).isInstanceOf(AccessDeniedException.class);
        assertThat(times).hasValue(2);
    }

    @Test
    void otherFailuresAreNotRepeated() {
        AtomicInteger times = new AtomicInteger();
        AtomicFile.Step step = () -> {
            times.incrementAndGet();
            throw new FileSystemException("file");
        };
        assertThatThrownBy(() -> AtomicFile.repeat(step, 5)).isInstanceOf(FileSystemException.class);
        assertThat(times).hasValue(1);
    }

    @TempDir
    Path folder;

    private static AtomicFile.Writer text(String text) {
        return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> listing() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void createsAndReplaces() throws IOException {
        Path target = folder.resolve("a.txt");
        AtomicFile.write(target, text("first"));
        assertThat(target).hasContent("first");
        AtomicFile.write(target, text("second"));
        assertThat(target).hasContent("second");
        assertThat(listing()).containsExactly("a.txt");
    }

    @Test
    void targetIsUntouchedAndTheTemporaryLiesBesideItWhileWriting() throws IOException {
        Path target = folder.resolve("a.txt");
        AtomicFile.write(target, text("old"));
        AtomicFile.write(target, out -> {
            out.write(new byte[1 << 20]);
            assertThat(target).hasContent("old");
            assertThat(listing()).hasSize(2).anyMatch(name -> name.matches("\\.a\\.txt\\.[0-9a-f]{8}\\.tmp"));
        });
        assertThat(target).hasSize(1 << 20);
    }

    @Test
    void exceptionInTheWriterLeavesTheOldFileAndNoTemporary() throws IOException {
        Path target = folder.resolve("a.txt");
        AtomicFile.write(target, text("old"));
        assertThatThrownBy(() -> AtomicFile.write(target, out -> {
                    out.write(new byte[1 << 20]);
                    throw new IOException("the source ran dry");
                }))
                .hasMessage("the source ran dry");
        assertThatThrownBy(() -> AtomicFile.write(target, out -> {
                    throw new IllegalStateException("a bug");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(target).hasContent("old");
        assertThat(listing()).containsExactly("a.txt");
    }

    @Test
    void finishedFileHasThePermissionsOfAnOrdinaryFile() throws IOException {
        assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"), "no POSIX permissions here");
        Path ordinary = Files.createFile(folder.resolve("ordinary"));
        Path target = folder.resolve("a.txt");
        AtomicFile.write(target, text("x"));
        assertThat(Files.getPosixFilePermissions(target)).isEqualTo(Files.getPosixFilePermissions(ordinary));
    }

    @Test
    void longAndNonAsciiNamesFit() throws IOException {
        for (String name : List.of("x".repeat(255), "\u00fc".repeat(127), "\ud83c\udf32".repeat(60))) {
            AtomicFile.write(folder.resolve(name), text("x"));
            assertThat(folder.resolve(name)).hasContent("x");
        }
    }

    @Test
    void missingFolderIsNamed() {
        Path target = folder.resolve("none").resolve("a.txt");
        assertThatThrownBy(() -> AtomicFile.write(target, text("x")))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot write " + target + ": the folder " + folder.resolve("none")
                        + " does not exist; create it first");
    }

    @Test
    void fileInPlaceOfTheFolderIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        assertThatThrownBy(() -> AtomicFile.write(file.resolve("sub").resolve("a.txt"), text("x")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file + " is a file, not a folder");
    }

    @Test
    void unwritableFolderIsNamed() throws IOException {
        assumeTrue(folder.getFileSystem().supportedFileAttributeViews().contains("posix"), "no POSIX permissions here");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            assumeTrue(!Files.isWritable(folder), "this user (root?) may write to a read-only folder");
            assertThatThrownBy(() -> AtomicFile.write(folder.resolve("a.txt"), text("x")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("the folder " + folder + " is not writable");
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void folderOrDeviceAsTargetIsRefused() {
        assertThatThrownBy(() -> AtomicFile.write(folder, text("x"))).hasMessageContaining("is a folder");
        Path device = Path.of("/dev/null");
        if (Files.exists(device)) {
            assertThatThrownBy(() -> AtomicFile.write(device, text("x"))).hasMessageContaining("not a regular file");
        }
    }

    @Test
    void fullDiskIsNamed() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "no /dev/full here");
        Path target = folder.resolve("a.txt");
        try (OutputStream out = FileErrors.writing(target, Files.newOutputStream(full))) {
            assertThatThrownBy(() -> out.write(1))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot write " + target + ": the disk that holds " + folder + " is full");
        }
    }

    /** Writes for ever, in a JVM of its own, for the test below. */
    static final class SlowWriter {
        public static void main(String[] args) throws IOException {
            AtomicFile.write(Path.of(args[0]), out -> {
                out.write(new byte[1 << 20]);
                System.out.println("writing");
                while (true) {
                    out.write(0);
                    sleep();
                }
            });
        }

        private static void sleep() {
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private Process slowWriter(Path target) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        location(AtomicFile.class) + File.pathSeparator + location(AtomicFileTest.class),
                        SlowWriter.class.getName(),
                        target.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo("writing");
        assertThat(listing()).hasSize(2);
        return process;
    }

    @Test
    @Timeout(60)
    void terminatedProgramLeavesTheOldFileAndNoTemporary() throws Exception {
        Path target = folder.resolve("a.txt");
        AtomicFile.write(target, text("old"));
        Process process = slowWriter(target);
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(target).hasContent("old");
        assertThat(listing()).containsExactly("a.txt");
    }

    @Test
    @Timeout(60)
    void whatAKilledProgramLeftIsDeletedByTheNextWriterToTheFolder() throws Exception {
        Path target = Files.writeString(folder.resolve("a.txt"), "old");
        Process process = slowWriter(target);
        process.destroyForcibly();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(listing()).hasSize(2);
        AtomicFile.write(folder.resolve("b.txt"), text("new"));
        assertThat(listing()).containsExactly("a.txt", "b.txt");
        assertThat(target).hasContent("old");
    }

    @Test
    @Timeout(60)
    void theTemporaryOfARunningProgramIsLeftAlone() throws Exception {
        Path target = Files.writeString(folder.resolve("a.txt"), "old");
        Process process = slowWriter(target);
        try {
            List<String> before = listing();
            AtomicFile.write(folder.resolve("b.txt"), text("new"));
            assertThat(listing()).containsAll(before).hasSize(3);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void temporaryFilesOfOtherProgramsAreLeftAlone() throws IOException {
        List<String> foreign = List.of(".a.txt.0123abcd.tmp", ".notes.tmp", "a.tmp", "a.txt.01234567.tmp");
        for (String name : foreign) {
            Files.writeString(folder.resolve(name), "of somebody else");
            Files.setLastModifiedTime(folder.resolve(name), FileTime.fromMillis(0));
        }
        AtomicFile.write(folder.resolve("a.txt"), text("new"));
        assertThat(listing()).containsAll(foreign).hasSize(foreign.size() + 1);
    }

    @Test
    void aProbeLeavesNothingAndTouchesNothing() throws IOException {
        Path precious = Files.writeString(folder.resolve("precious"), "kept");
        Path out = Files.createDirectory(folder.resolve("out"));
        Files.createSymbolicLink(out.resolve(".stego-kernels.probe"), precious);
        AtomicFile.probe(out);
        assertThat(precious).hasContent("kept");
        assertThat(out.toFile().list()).containsExactly(".stego-kernels.probe");
    }

    private static Path location(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
