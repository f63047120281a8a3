package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.data.Datasets;
import org.stegokernels.image.PngWriter;

/** A wrong input ends with one line that names the right cause, and the exit code of the table. */
class WrongInputsTest {
    /** Names of classes and packages, objects printed as they are, and what is not there. */
    private static final Pattern JAVA = Pattern.compile(
            "\\w(Exception|Error)\\b|\\b(java|javax|org|com|picocli)\\.[a-z]|\\[?\\w@[0-9a-f]{5,}|\\bnull\\b");

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    @BeforeAll
    static void inputs() throws IOException {
        Datasets.directory(shared.resolve("data"), "train", 3, 48, 48);
        Datasets.directory(shared.resolve("data"), "val", 3, 48, 48);
        Datasets.write(shared.resolve("photos/a.png"), Datasets.image(48, 48, 1));
        Datasets.write(shared.resolve("photos/b.png"), Datasets.image(48, 48, 2));
        Files.createDirectories(shared.resolve("empty"));
        Files.writeString(shared.resolve("bad.txt"), "hello\n");
        Files.write(shared.resolve("bytes"), new byte[] {(byte) 0xFF, (byte) 0x80, 0, 7});
    }

    /** Each with the name of a file in the folder of inputs after {@code IN/}, and of results after {@code OUT/}. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Paths given by --data.
                "2 | knn -m demo -d IN/none -o OUT/k.st | IN/none: there is no such folder",
                "2 | knn -m demo -d IN/bad.txt -o OUT/k.st | IN/bad.txt: is not a folder",
                "2 | knn -m demo -d IN/empty -o OUT/k.st | IN/empty: no images",
                "2 | cluster -m demo -k 3 -d IN/bad.txt -o OUT/c.st | IN/bad.txt: is not a folder",
                "2 | crop -d IN/bad.txt -o OUT/c | IN/bad.txt: is not a folder",
                "2 | eval -m demo -d IN/none | IN/none: there is no such folder",
                "2 | eval -m demo -d IN/bad.txt | IN/bad.txt: is not a folder",
                "2 | eval -m demo -d IN/photos | IN/photos: there are no labels",
                "2 | eval -m demo -d IN/data --split test | choose one of train, val",
                "2 | eval -m demo -d IN/data --layout potsdam | check the kind of dataset",
                "2 | eval -m demo -d IN/data --layout cityscapes | check the kind of dataset",
                "2 | train -m demo -d IN/none -o OUT/t | IN/none: there is no such folder",
                "2 | train -m demo -d IN/bad.txt -o OUT/t | IN/bad.txt: is not a folder",
                "2 | tune-shifts -m demo -d IN/none | IN/none: there is no such folder",
                // Other files that are read.
                "2 | describe demo --classes IN/none -o OUT/d.st | IN/none: there is no such file",
                "2 | describe demo --classes IN/empty -o OUT/d.st | IN/empty: is no regular file but a folder",
                "2 | describe demo --classes IN/bytes -o OUT/d.st | IN/bytes: is not UTF-8",
                "2 | describe demo --classes IN/bad.txt -o OUT/d.st | IN/bad.txt lists 1 classes, but demo has",
                "2 | eval -m demo -d IN/data --training IN/none -o OUT/e | IN/none: there is no such file",
                "2 | eval -m demo -d IN/data --training IN/empty -o OUT/e | IN/empty: is no regular file but a folder",
                "2 | eval -m demo -d IN/data --training IN/bytes -o OUT/e | IN/bytes: is no metrics.jsonl",
                "2 | eval -m demo -d IN/data --training IN/bad.txt -o OUT/e | IN/bad.txt: is no metrics.jsonl",
                "2 | train -m demo -d IN/data --config IN/none -o OUT/t | IN/none: there is no such file",
                "2 | train -m demo -d IN/data --config IN/empty -o OUT/t | IN/empty: is no regular file but a folder",
                "2 | train -m demo -d IN/data --config IN/bytes -o OUT/t | IN/bytes: is not UTF-8",
                "2 | train -m demo -d IN/data --config IN/bad.txt -o OUT/t | IN/bad.txt: ",
                // Models.
                "3 | describe IN/none | IN/none: there is no such file",
                "3 | describe IN/empty | IN/empty: ",
                "3 | describe IN/bad.txt | IN/bad.txt: ",
                "3 | describe no-such-name | no-such-name: there is no model of this name",
                "3 | segment IN/photos -m IN/bad.txt -o OUT/s | IN/bad.txt: ",
                "3 | segment IN/photos -m IN/empty -o OUT/s | IN/empty: ",
                "3 | features IN/photos -m IN/none -o OUT/s | IN/none: there is no such file",
                "3 | knn -m IN/bad.txt -d IN/photos -o OUT/k.st | IN/bad.txt: ",
                "3 | cluster -m IN/bytes -k 3 -d IN/photos -o OUT/k.st | IN/bytes: ",
                "3 | eval -m IN/bad.txt -d IN/data | IN/bad.txt: ",
                "3 | train -m IN/bad.txt -d IN/data -o OUT/t | IN/bad.txt: ",
                "3 | convert IN/bad.txt OUT/m.st | IN/bad.txt: ",
                // Photographs.
                "5 | segment IN/bad.txt -m demo -o OUT/s | IN/bad.txt: is not an image",
                "5 | segment IN/none.jpg -m demo -o OUT/s | IN/none.jpg: there is no such file",
                "5 | features IN/bytes -m demo -o OUT/s | IN/bytes: is not an image",
                // Values and options.
                "2 | knn -m demo -d IN/photos -o OUT/k.st -k 1 | --neighbours must be 2 or more, not 1",
                "2 | knn -m demo -d IN/photos -o OUT/k.st --rows 0 | --rows must be 1 or more, not 0",
                "2 | knn -m demo -d IN/photos -o OUT/k.st -k two | --neighbours",
                "2 | knn -m demo -d IN/photos -o OUT/k.st --size 7 | --size",
                "2 | knn -m demo -d IN/photos -o OUT/k.st --crop seven | --crop",
                "2 | knn -m demo -d IN/photos -o OUT/k.st --crop-ratio NaN | NaN",
                "2 | eval -m demo -d IN/data -k 3 | --clusters is for a --baseline",
                "2 | eval -m demo -d IN/data --baseline rgb --crf | --crf",
                "2 | eval -m demo -d IN/data --size 99999999999 | --size",
                "2 | cluster -m demo -d IN/photos -o OUT/c.st -k 1 | --clusters must be between 2 and",
                "2 | cluster -m demo -d IN/photos -o OUT/c.st -k 255 --size 16 | ask for fewer clusters",
                "2 | crop -d IN/photos -o OUT/c --crop none | --crop none",
                "2 | describe demo --classes IN/bad.txt | --out",
                "2 | describe demo --size 0 -o OUT/d.st | --size",
                "2 | verify --random x | --random",
                "2 | verify --export made-up | --export needs --random",
                "2 | knn -m demo -d IN/photos -o OUT/k.st --device exec:./port | a program computes for verify alone",
                "2 | verify --timeout 0 | --timeout must be 1 or more",
                "2 | info --nonsense | --nonsense",
                "2 | tune-shifts -m demo | --data",
                "4 | tune --device none | no device",
            })
    void wrongInputHasOneCauseAndOneCode(int code, String line, String cause) {
        CommandLineRun run = run(line);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(code);
        assertThat(run.err()).contains(placed(cause));
        assertReadable(run);
    }

    @ParameterizedTest
    @ValueSource(strings = {"eval -m demo -d IN/set --size 48", "eval -m demo -d IN/set --size 48 --baseline rgb"})
    void labelMapsThatAreAllUnusableAreNamed(String line) throws IOException {
        Path set = Datasets.directory(folder.resolve("set"), "val", 2, 48, 48);
        for (int i = 0; i < 2; i++) {
            PngWriter.write(set.resolve("labels/val/a" + i + ".png"), Datasets.image(48, 48, i));
        }
        CommandLineRun run = run(line.replace("IN/set", set.toString()));
        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err())
                .contains("none of the 2 images of set-val and their label maps can be used")
                .contains("a0.png: it has the colour ")
                .contains("which no class of the list has");
        assertReadable(run);
    }

    @Test
    void oneBadImageOfASetIsOnALineOfItsOwn() throws IOException {
        Path set = folder.resolve("set");
        for (String name : List.of("a", "b", "c")) {
            Datasets.write(set.resolve(name + ".png"), Datasets.image(48, 48, 0));
        }
        Files.writeString(set.resolve("b.png"), "no picture");
        CommandLineRun run = run("knn -m demo -d " + set + " -o OUT/k.st");
        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err())
                .contains("1 of 3 images can't be used; mend them or take them out of the split:\n  "
                        + set.resolve("b.png") + ": is not an image");
        assertReadable(run);
    }

    private CommandLineRun run(String line) {
        List<Object> args = new ArrayList<>();
        for (String word : line.strip().split(" ")) {
            args.add(placed(word));
        }
        return CommandLineRun.of(args.toArray());
    }

    private String placed(String word) {
        return word.replace("IN/", shared + "/").replace("OUT/", folder + "/");
    }

    private static void assertReadable(CommandLineRun run) {
        assertThat(run.err()).contains("error: ").doesNotContain("unexpected").doesNotContainPattern(JAVA);
    }
}
