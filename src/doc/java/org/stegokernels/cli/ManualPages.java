package org.stegokernels.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.asciidoctor.Asciidoctor;
import org.asciidoctor.Options;
import org.asciidoctor.SafeMode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** Writes a manual page for each command, which {@code man} reads. */
public final class ManualPages {
    private ManualPages() {}

    /** Writes the pages to the folder that is named. */
    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        Path written = Files.createTempDirectory("manual-pages");
        CommandSpec program = CommandReference.commands().get(0);
        int exitCode = ManPageGenerator.generateManPage(written.toFile(), null, new boolean[0], true, program);
        if (exitCode != 0) {
            throw new IOException("picocli could not write the manual pages: exit code " + exitCode);
        }
        try (Stream<Path> files = Files.list(written);
                Asciidoctor asciidoctor = Asciidoctor.Factory.create()) {
            List<Path> pages = files.toList();
            for (Path page : pages) {
                asciidoctor.convertFile(page.toFile(), options(folder.toFile()));
                Files.delete(page);
            }
        }
        Files.delete(written);
    }

    private static Options options(File folder) {
        return Options.builder()
                .backend("manpage")
                .safe(SafeMode.UNSAFE)
                .toDir(folder)
                .build();
    }
}
