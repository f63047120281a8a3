package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import org.stegokernels.io.Sha256;

/**
 * Digests of all that the results of a photograph depend on: the program's version, the model, the settings, and the
 * photograph. Files are known by their size and the time of their last change, so that to find out what is done already
 * takes no reading of gigabytes; a file that was only touched or copied counts as another one, which costs time alone.
 */
final class ResultKey {
    private static final int LENGTH = 32;

    private final String all;

    ResultKey(ModelSelection.Found model, Map<String, Object> settings) {
        String weights = model.file() == null ? model.label() : state(model.file());
        String seen = model.views() == null ? "" : "\n" + model.views();
        all = Version.text() + "\n" + weights + seen + "\n" + settings + "\n";
    }

    private ResultKey(String all) {
        this.all = all;
    }

    /** Returns the key of a photograph; null if it is no regular file, or can't be read. */
    String of(Path photograph) {
        String state = state(photograph);
        return state == null ? null : Sha256.hex(all + state).substring(0, LENGTH);
    }

    /** Returns keys that depend on each of some photographs, too. */
    ResultKey dependingOn(Iterable<Inputs.Photograph> photographs) {
        Sha256 digest = new Sha256();
        photographs.forEach(photograph -> digest.add(of(photograph.file()) + "\n"));
        return new ResultKey(all + digest.hex() + "\n");
    }

    private static String state(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.isRegularFile() ? attributes.size() + " " + attributes.lastModifiedTime() : null;
        } catch (IOException e) {
            return null;
        }
    }
}
