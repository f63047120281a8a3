package org.stegokernels.device.cpu;

import org.stegokernels.tensor.Tensor;

/** Running means of clusters; a few dozen rows, on one thread. */
final class RunningMeans {
    private RunningMeans() {}

    static void run(Tensor sums, Tensor counts, Tensor totals, Tensor means) {
        float[] sum = CpuDevice.array(sums);
        float[] mean = CpuDevice.array(means);
        int[] count = CpuDevice.intArray(counts);
        int[] total = CpuDevice.intArray(totals);
        int channels = sums.shape().dim(1);
        for (int cluster = 0; cluster < sums.shape().dim(0); cluster++) {
            total[cluster] = Math.addExact(total[cluster], count[cluster]);
            for (int i = cluster * channels; total[cluster] > 0 && i < (cluster + 1) * channels; i++) {
                mean[i] += (float) ((sum[i] - (double) count[cluster] * mean[i]) / total[cluster]);
            }
        }
    }
}
