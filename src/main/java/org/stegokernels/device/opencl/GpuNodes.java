package org.stegokernels.device.opencl;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A guess whether there is a GPU, by the files through which Linux lets programs at one. It spares a machine without
 * one the OpenCL library and its drivers, which bring a compiler along: a fifth of a second and 60 MB.
 */
final class GpuNodes {
    /**
     * Direct rendering (Intel, AMD, most others), AMD's compute, NVIDIA on a card and on Tegra, Mali, Adreno, PowerVR,
     * WSL.
     */
    private static final Pattern NODE = Pattern.compile("dri|kfd|nvidia.*|nvmap|nvgpu.*|mali\\d*|kgsl.*|pvr.*|dxg");

    private GpuNodes() {}

    static boolean here() {
        return !System.getProperty("os.name").equals("Linux") || in(Path.of("/dev"));
    }

    /** Returns whether the folder has a GPU's node; true as well if the folder can't be read. */
    static boolean in(Path devices) {
        try (DirectoryStream<Path> nodes = Files.newDirectoryStream(
                devices, node -> NODE.matcher(node.getFileName().toString()).matches())) {
            return nodes.iterator().hasNext();
        } catch (IOException e) {
            return true;
        }
    }
}
