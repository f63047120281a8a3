package org.stegokernels.device.cpu;

/**
 * Scratch arrays that kernels use and leave: one for each worker, and one shared by all. They grow to the largest size
 * asked for and stay, so that the second image of a size allocates nothing.
 */
final class Workspace {
    private final float[][] perWorker;
    private float[] shared = new float[0];

    Workspace(int threads) {
        perWorker = new float[threads][0];
    }

    /**
     * Returns at least {@code length} floats for each worker; contents are undefined. Taken before the parallel loop,
     * for all of them: which workers come to run is chance, and memory must not be.
     */
    float[][] workers(int length) {
        for (int worker = 0; worker < perWorker.length; worker++) {
            if (perWorker[worker].length < length) {
                perWorker[worker] = new float[length];
            }
        }
        return perWorker;
    }

    /** Returns at least {@code length} floats for all workers of one operation; contents are undefined. */
    float[] shared(int length) {
        if (shared.length < length) {
            shared = new float[length];
        }
        return shared;
    }

    long bytes() {
        long floats = shared.length;
        for (float[] scratch : perWorker) {
            floats += scratch.length;
        }
        return floats * Float.BYTES;
    }
}
