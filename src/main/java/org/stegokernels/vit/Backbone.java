package org.stegokernels.vit;

import org.stegokernels.device.Device;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.FiniteCheck.NotFiniteException;
import org.stegokernels.weights.DeviceWeights;
import org.stegokernels.weights.Safetensors;

/**
 * A frozen network on one device that gives a feature for each patch of an image.
 *
 * <p>Images may be of any size in whole patches and need not be square. Memory for intermediate results and for what is
 * returned belongs to the backbone. It grows to the largest batch of images seen and stays, so that any number of images,
 * of whatever sizes, takes no more than the largest of them. A returned tensor is valid until the next call of a method
 * that runs the backbone: a caller that shares the device with other threads holds its {@link Device#monitor()} until that has been
 * read.
 */
public interface Backbone extends AutoCloseable {
    /**
     * Loads and packs the weights; the file is not needed afterwards. Tensors of the file that are not the backbone's, as
     * {@code head.weight}, are left alone.
     *
     * @param prefix before all names of the backbone's tensors; see {@link Architecture#findPrefix}
     * @throws org.stegokernels.weights.ModelException if a tensor is missing, or of a wrong shape or type, or not
     *     finite, or the file is of another architecture
     */
    static Backbone load(Safetensors file, String prefix, Device device) {
        return load(file, prefix, Architecture.of(file, prefix), device);
    }

    /**
     * As {@link #load(Safetensors, String, Device)}, from a file that has been judged already.
     *
     * @param architecture what {@link Architecture#of} reads off this file under this prefix
     */
    static Backbone load(Safetensors file, String prefix, Architecture architecture, Device device) {
        return DeviceWeights.load(
                file, prefix, device, weights -> new VisionTransformer(architecture, device, weights));
    }

    /** Returns all that is known without the weights: measures, and the names and shapes of the tensors. */
    Architecture architecture();

    /** Returns the device that the backbone is on. */
    Device device();

    /** Returns the side of a patch in pixels. */
    default int patch() {
        return architecture().patch();
    }

    /** Returns the channels of a feature. */
    default int width() {
        return architecture().width();
    }

    /**
     * Computes a feature for each patch, in rows from the top left.
     *
     * @param image {@code [B, 3, H, W]}, normalised as the backbone was trained; H and W multiples of the patch
     * @return {@code [B, P, C]}
     * @throws IllegalArgumentException if the image is not of such a shape
     * @throws org.stegokernels.device.DeviceException if there is not enough memory
     * @throws IllegalStateException if the backbone or the device is closed
     * @throws NotFiniteException if the weights overflow on an image
     */
    Tensor features(Tensor image, FeatureKind kind);

    /**
     * The results of one run.
     *
     * @param features {@code [B, P, C]}, as {@link Backbone#features} returns them
     * @param attention {@code [B, heads, P]}: how much the class token attends to each patch in the last block, which is
     *     what DINO's attention maps show; without what it attends to itself and to registers, so that the values of a
     *     head sum to less than 1
     */
    record Attended(Tensor features, Tensor attention) {}

    /** Computes {@link #features}, and the attention that the class token pays to each patch. */
    Attended featuresWithAttention(Tensor image, FeatureKind kind);

    /**
     * Computes the final layer norm's output for all tokens, reporting intermediate results to an observer.
     *
     * @param image as for {@link #features}
     * @return {@code [B, T, C]}, the class token first, then the registers
     */
    Tensor tokens(Tensor image, Observer observer);

    /** Frees weights and buffers; waits for what another thread computes on the device. */
    @Override
    void close();

    /**
     * Called with intermediate results, for verification. The tensors are the backbone's own memory: valid during the
     * call, not to be changed. {@code B} images of {@code P} patches give {@code T = R + P} tokens of {@code C} channels,
     * R being the number of class tokens and registers.
     */
    interface Observer {
        /** An observer that does nothing. */
        Observer NONE = new Observer() {};

        /**
         * Called with what is added to the patches.
         *
         * @param prefix {@code [R, C]}: the class token with its position added, and the registers
         * @param positions {@code [P, C]}: position embedding stretched to the image; zeros, where positions turn
         *     queries and keys instead
         */
        default void embedding(Tensor prefix, Tensor positions) {}

        /**
         * Called with the tokens before the first block, and after each.
         *
         * @param blocks how many blocks they have passed: 0 is the embedding
         * @param tokens {@code [B, T, C]}, the class token first, then the registers
         */
        default void tokens(int blocks, Tensor tokens) {}

        /**
         * Called with the input of a block's attention, turned by the positions where these are rotations.
         *
         * @param block from 0
         * @param qkv {@code [B, T, 3 C]} of {@link Device#activationType}: queries, keys, values, each with heads concatenated
         */
        default void qkv(int block, Tensor qkv) {}
    }

    /** The values of a transformer that serve as the features of a patch. */
    enum FeatureKind {
        /** Output of the final layer norm. */
        FEAT,
        /**
         * Keys of the last block's attention, heads concatenated; of DINOv3 as the layer gives them, before its
         * positions turn them, so that what looks alike is alike wherever it is.
         */
        KK
    }
}
