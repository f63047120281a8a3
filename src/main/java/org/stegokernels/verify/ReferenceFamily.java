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

    /** Names of the tensors that its checks read. */
    Pattern covered();

    /** What else such a file holds and no check can be made of yet. */
    List<Uncovered> uncovered();

    /** Runs all checks of a file. */
    void check(ReferenceFile file, Checks checks);

    /**
     * Part of a file that is listed, not checked.
     *
     * @param name what to list it as, behind the name of the file
     * @param tensors names of its tensors
     */
    record Uncovered(String name, Pattern tensors, String reason) {
        static Uncovered notBuilt(String name, String tensors) {
            return new Uncovered(name, Pattern.compile(tensors), "not built yet");
        }
    }
}
