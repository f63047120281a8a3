package org.stegokernels.train;

import java.nio.file.Path;

/** What a training leaves behind, in one folder. */
public record TrainingFolder(Path folder) {
    /** From which it goes on. */
    public Path checkpoint() {
        return folder.resolve("checkpoint.safetensors");
    }

    /** Locked while a training is at work; empty. */
    public Path lock() {
        return folder.resolve(".training.lock");
    }

    /** The model whose clusters were best in validation. */
    public Path best() {
        return folder.resolve("best.safetensors");
    }

    /** The model at the end. */
    public Path last() {
        return folder.resolve("last.safetensors");
    }

    /** Losses, similarities and validations, one JSON object a line. */
    public Path metrics() {
        return folder.resolve("metrics.jsonl");
    }

    /** Curves, pictures and scores, to be looked at. */
    public Path report() {
        return folder.resolve("report.html");
    }

    /** The settings, as a file that can be given again. */
    public Path settings() {
        return folder.resolve("settings.yml");
    }
}
