package org.stegokernels.convert;

import java.util.Map;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.text.Printable;
import org.stegokernels.vit.Architecture;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TensorIndex;

/**
 * The periods of a DINOv3's rotations, which Hugging Face keeps in no tensor: {@code base^(4 i / D)} for i in 0 to D/4 - 1
 * and heads of D channels (modeling_dinov3_vit.py, DINOv3ViTRopePositionEmbedding).
 */
final class RotationPeriods {
    private static final String PROJECTION = "patch_embed.proj.weight";
    /** Channels of a head that turn with one period. */
    private static final int CHANNELS = 4;
    /** Heads by width of the published ones: ViT-S and S+, B, L, H+, 7B. */
    private static final Map<Integer, Integer> KNOWN_HEADS = Map.of(384, 6, 768, 12, 1024, 16, 1280, 20, 4096, 32);

    private RotationPeriods() {}

    /**
     * Computes them for the heads that the metadata tell, or a published model of this width has.
     *
     * @throws ModelException if the heads are not known, or can't be turned
     */
    static HostTensor of(TensorIndex file, String prefix, float base) {
        Shape projection = file.entry(prefix + PROJECTION).shape();
        int width = projection.rank() == 0 ? 0 : projection.dim(0);
        int heads = heads(file, width);
        if (width % heads != 0 || width / heads % CHANNELS != 0 || width == 0) {
            throw new ModelException(
                    file.name(),
                    prefix + PROJECTION,
                    "its " + width + " channels are no " + heads
                            + " heads that can be turned: each must have a multiple of " + CHANNELS + " channels",
                    "Correct \"num_attention_heads\" in the config.json beside it, or --heads.");
        }
        int depth = width / heads;
        float[] periods = new float[depth / CHANNELS];
        for (int i = 0; i < periods.length; i++) {
            periods[i] = (float) Math.pow(base, (double) CHANNELS * i / depth);
        }
        return HostTensor.of(periods, periods.length);
    }

    private static int heads(TensorIndex file, int width) {
        String given = file.metadata().get(Architecture.HEADS_KEY);
        if (given != null && given.matches("[1-9]\\d{0,5}")) {
            return Integer.parseInt(given);
        }
        Integer known = given == null ? KNOWN_HEADS.get(width) : null;
        if (known == null) {
            String why = given == null ? "nothing says it" : "\"num_heads\" is " + Printable.quoted(given);
            throw new ModelException(
                    file.name(),
                    null,
                    "how many attention heads it has is not known: " + why,
                    "Put its config.json beside it, or give --heads.");
        }
        return known;
    }
}
