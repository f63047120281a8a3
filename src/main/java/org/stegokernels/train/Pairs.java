package org.stegokernels.train;

/**
 * Which points of which images are compared in a step on B images and their B neighbours.
 *
 * @param samples points along each side of a grid, S
 * @param coords {@code [B, S, S, 2]}: points (x, y) in -1..1 of the images
 * @param neighbourCoords the same for what they are compared with: neighbours and negatives
 * @param negatives for each draw of negatives {@code [B]}: with which image of the batch each is compared
 */
public record Pairs(int samples, float[] coords, float[] neighbourCoords, int[][] negatives) {
    public Pairs {
        int perImage = samples * samples * 2;
        boolean fits = samples > 0
                && coords.length > 0
                && coords.length % perImage == 0
                && neighbourCoords.length == coords.length
                && negatives.length > 0;
        for (int[] draw : negatives) {
            fits &= draw.length * perImage == coords.length;
        }
        if (!fits) {
            throw new IllegalArgumentException("pairs of " + samples + " x " + samples + " points don't fit: "
                    + coords.length + " and " + neighbourCoords.length + " coordinates, " + negatives.length
                    + " draws of negatives");
        }
    }

    /** Images in the batch, B. */
    public int images() {
        return coords.length / (samples * samples * 2);
    }
}
