package org.stegokernels.spark;

import java.io.IOException;
import java.io.OutputStream;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;

/** Files on file systems of Hadoop's, written whole or not at all. */
final class HadoopFile {
    private HadoopFile() {}

    /** Writes the content of a file. */
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Writes a file beside its place and renames it. */
    static void write(Path file, Configuration hadoop, Content content) throws IOException {
        FileSystem known = file.getFileSystem(hadoop);
        // Files of checksums beside those that were asked for are nobody's wish.
        FileSystem files = known instanceof LocalFileSystem local ? local.getRawFileSystem() : known;
        Path beside = new Path(file.getParent(), "." + file.getName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (OutputStream out = files.create(beside, false)) {
                content.writeTo(out);
            }
            FileContext.getFileContext(known.getUri(), hadoop)
                    .rename(known.makeQualified(beside), known.makeQualified(file), Rename.OVERWRITE);
        } finally {
            files.delete(beside, false);
        }
    }
}
