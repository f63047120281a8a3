package org.stegokernels.cli;

import picocli.CommandLine.Option;

/** The option that allows to replace files of others. */
final class Overwriting {
    @Option(
            names = "--overwrite",
            order = 24,
            description = "Replace files that are no results of earlier runs, too; never a photograph of this run.")
    private boolean allowed;

    boolean allowed() {
        return allowed;
    }
}
