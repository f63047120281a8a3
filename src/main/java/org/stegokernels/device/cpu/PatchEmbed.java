package org.stegokernels.device.cpu;

import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.tensor.Tensor;

/** Patch embedding: the pixels of each patch gathered into a row, then the matrix product onto the positions. */
final class PatchEmbed {
    private final Gemm gemm;
    private final Parallel parallel;
    private final Workspace workspace;

    PatchEmbed(Gemm gemm, Parallel parallel, Workspace workspace) {
        this.gemm = gemm;
        this.parallel = parallel;
        this.workspace = workspace;
    }

    void embed(Tensor image, PackedLinear projection, int patch, Tensor prefix, Tensor positions, Tensor out) {
        int colors = image.shape().dim(1);
        int height = image.shape().dim(2);
        int width = image.shape().dim(3);
        int patches = positions.shape().dim(0);
        int prefixSize = prefix.shape().size();
        int tokens = out.shape().dim(1);
        int across = width / patch;
        float[] pixels = CpuDevice.array(image);
        float[] target = CpuDevice.array(out);
        float[] rows = workspace.shared(patches * projection.inputs());
        for (int item = 0; item < image.shape().dim(0); item++) {
            int source = item * colors * height * width;
            int start = item * tokens * projection.outputs();
            System.arraycopy(CpuDevice.array(prefix), 0, target, start, prefixSize);
            System.arraycopy(
                    CpuDevice.array(positions),
                    0,
                    target,
                    start + prefixSize,
                    positions.shape().size());
            parallel.forEach(height / patch, (band, worker) -> {
                int to = band * across * projection.inputs();
                for (int column = 0; column < across; column++) {
                    for (int color = 0; color < colors; color++) {
                        int from = source + (color * height + band * patch) * width + column * patch;
                        for (int y = 0; y < patch; y++, from += width, to += patch) {
                            System.arraycopy(pixels, from, rows, to, patch);
                        }
                    }
                }
            });
            gemm.linear(
                    new Gemm.Product(rows, projection, Activation.NONE, target, target, start + prefixSize), patches);
        }
    }
}
