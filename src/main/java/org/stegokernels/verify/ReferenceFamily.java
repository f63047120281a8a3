package org.stegokernels.verify;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The checks of one family of reference files. */
interface ReferenceFamily {
    /** Names of the files that must be there. */
    Set<String> required();

    /** Returns whether a file of this name is one of its own. */
    default boolean reads(String file) {
        return required().contains(file);
    }

    /** Returns the names of the tensors that its checks read. */
    Pattern covered();

    /** Returns the parts of such a file that no check can be made of yet. */
    List<Uncovered> uncovered();

    /** Runs all checks of a file. */
    void check(ReferenceFile file, Checks checks);

    /**
     * Part of a file that is listed, not checked.
     *
     * @param name its name in the list, after the name of the file
     * @param tensors names of its tensors
     */
    record Uncovered(String name, Pattern tensors, String reason) {
        static Uncovered notBuilt(String name, String tensors) {
            return new Uncovered(name, Pattern.compile(tensors), "not built yet");
        }
    }
}
