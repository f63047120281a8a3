package org.stegokernels.spark;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import javax.imageio.ImageIO;

/** Photographs made up for tests, and what the command line makes of them. */
final class Photographs {
    private Photographs() {}

    /** Writes some JPEGs, each of other things, in two folders. */
    static void writeAll(Path folder, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            write(folder.resolve(String.format(Locale.ROOT, "%s/_P%03d.jpg", i % 2 == 0 ? "even" : "odd", i)), i);
        }
    }

    /** Writes a JPEG: sky over ground, some things on it, and noise. */
    static Path write(Path file, int seed) throws IOException {
        Files.createDirectories(file.getParent());
        Random random = new Random(seed);
        BufferedImage image = new BufferedImage(120 + 8 * (seed % 6), 96 + 8 * (seed % 5), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        int horizon = 30 + random.nextInt(40);
        graphics.setColor(new Color(120 + random.nextInt(60), 170, 230));
        graphics.fillRect(0, 0, image.getWidth(), horizon);
        graphics.setColor(new Color(60, 110 + random.nextInt(60), 40));
        graphics.fillRect(0, horizon, image.getWidth(), image.getHeight());
        for (int i = 0; i < 6; i++) {
            graphics.setColor(new Color(random.nextInt(1 << 24)));
            graphics.fillOval(
                    random.nextInt(image.getWidth()),
                    random.nextInt(image.getHeight()),
                    8 + random.nextInt(40),
                    8 + random.nextInt(40));
        }
        graphics.dispose();
        for (int i = 0; i < image.getWidth() * image.getHeight() / 8; i++) {
            image.setRGB(random.nextInt(image.getWidth()), random.nextInt(image.getHeight()), random.nextInt(1 << 24));
        }
        ImageIO.write(image, "jpg", file.toFile());
        return file;
    }

    /** Writes three files that only look like pictures: text, half a JPEG, and nothing. */
    static void writeDamaged(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("text.jpg"), "this is no picture\n");
        byte[] whole = Files.readAllBytes(write(folder.resolve("half.jpg"), 7));
        Files.write(folder.resolve("half.jpg"), Arrays.copyOf(whole, whole.length / 2));
        Files.createFile(folder.resolve("empty.png"));
    }

    /** A run of a program in this process. */
    record Run(int exitCode, String out, String err) {
        /** Something with the signature of both programs' {@code run}. */
        @FunctionalInterface
        interface Program {
            int run(String[] args, PrintStream out, PrintStream err);
        }

        static Run of(Program program, Object... arguments) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int exitCode = program.run(
                    Arrays.stream(arguments).map(Object::toString).toArray(String[]::new),
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8));
            return new Run(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        }

        /** Runs a command of the command line. */
        static Run commandLine(Object... arguments) {
            return of(org.stegokernels.cli.Main::run, arguments);
        }

        /** Runs a job on the session of the tests. */
        static Run job(Object... arguments) {
            return of(Main::run, arguments);
        }
    }

    /** Returns the bytes of a file. */
    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
