package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.stegokernels.io.InnerPath;
import org.stegokernels.report.PhotographIndex;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmentation.ClassInfo;
import picocli.CommandLine.Option;

/** The option that asks for a contact sheet of a segmentation, and the sheet. */
final class IndexSelection {
    @Option(
            names = "--index",
            negatable = true,
            order = 38,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Write " + PhotographIndex.FILE
                    + ", a contact sheet of all photographs to look at in a browser." + " Default: yes.")
    private boolean wanted;

    boolean wanted() {
        return wanted;
    }

    /**
     * Begins a sheet, which does nothing if none is wanted.
     *
     * @param folder of the results
     * @param photographs that the run is for
     */
    Sheet open(Path folder, int photographs) throws IOException {
        return new Sheet(folder, wanted ? new PhotographIndex(folder, photographs) : null);
    }

    /**
     * The contact sheet of a run.
     *
     * @param folder of the results
     * @param index null if none is wanted
     */
    record Sheet(Path folder, PhotographIndex index) implements AutoCloseable {
        /**
         * Adds a photograph; may be called from any thread.
         *
         * @param stem its name in the folder of the results
         * @param files of its results by kind
         * @param result on the photograph, or on a smaller copy
         * @param pixels of the photograph
         */
        void add(Path photograph, Path stem, Map<String, Path> files, Segmentation result, long pixels)
                throws IOException {
            if (index != null) {
                Path linked = files.getOrDefault(SegmentationFiles.OVERLAY, files.get(SegmentationFiles.LABELS));
                index.add(
                        relative(stem.resolveSibling(photograph.getFileName())),
                        linked == null ? null : relative(linked),
                        result,
                        pixels);
            }
        }

        /** Adds a photograph that an earlier run has segmented. */
        void add(Summary.Picture picture, Segmentation result) throws IOException {
            Path labels = picture.results().get(SegmentationFiles.LABELS);
            long pixels = (long) picture.width() * picture.height();
            add(Path.of(picture.input()), labels, picture.results(), result, pixels);
        }

        private String relative(Path file) {
            return InnerPath.slashed(folder.relativize(file));
        }

        /** Writes the sheet, if there is a photograph on it. */
        void write(ResultFolder results, List<ClassInfo> classes, String lead) throws IOException {
            if (index != null && index.count() > 0) {
                results.write(folder.resolve(PhotographIndex.FILE), out -> index.write(out, classes, lead));
            }
        }

        @Override
        public void close() throws IOException {
            if (index != null) {
                index.close();
            }
        }
    }
}
