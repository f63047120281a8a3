package org.stegokernels.cli;

import org.stegokernels.stego.Stego;
import org.stegokernels.weights.ModelException;

/** Sizes that must be in whole patches. */
final class PatchSize {
    private PatchSize() {}

    /**
     * Checks a size.
     *
     * @param user what needs whole patches
     * @param given what {@code --size} says; null if the size is the model's own
     * @param label of the model
     * @throws UsageException if a size that was given does not fit
     * @throws ModelException if the model's own size does not
     */
    static void require(String user, Integer given, int size, String label, Stego model) {
        int patch = model.backbone().patch();
        if (size % patch == 0) {
            return;
        }
        if (given != null) {
            throw new UsageException(user + " needs a --size in whole patches of " + patch + " pixels, not " + size);
        }
        throw new ModelException(
                label,
                null,
                "its \"input_size\" is " + size + ", but " + user + " needs whole patches of " + patch + " pixels",
                "Give a --size.");
    }
}
