package org.stegokernels.weights;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;

/** The file of the model that comes with the program: a resource, since a jar can't be mapped read in one go. */
public final class DemoModel {
    /** The name of the demo model wherever a model has one. */
    public static final String NAME = "demo";

    private static final String RESOURCE = "/org/stegokernels/demo/demo.safetensors";

    /** Bytes read at once: for more, the runtime takes fresh memory. */
    private static final int CHUNK = 1 << 16;

    private DemoModel() {}

    /**
     * Opens the file of the demo model.
     *
     * @throws ModelException if this build has none, or it is damaged
     */
    public static Safetensors open() {
        return open(RESOURCE);
    }

    static Safetensors open(String resource) {
        URL url = DemoModel.class.getResource(resource);
        if (url == null) {
            throw new ModelException(
                    NAME, null, "this build of the program comes without its demo model", "Give another model.");
        }
        try {
            URLConnection connection = url.openConnection();
            // With a known length it is read straight to where it stays.
            byte[] bytes = new byte[connection.getContentLength()];
            try (InputStream in = connection.getInputStream()) {
                int at = 0;
                for (int count = 1; at < bytes.length && count > 0; at += count) {
                    count = in.readNBytes(bytes, at, Math.min(CHUNK, bytes.length - at));
                }
            }
            return Safetensors.of(NAME, ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            throw new ModelException(
                    NAME, null, "it can't be read (" + e.getMessage() + ")", "Check the program's jar.", e);
        }
    }

    /** Returns the file's length in bytes; 0 if this build has none. */
    public static long bytes() {
        URL url = DemoModel.class.getResource(RESOURCE);
        try {
            return url == null ? 0 : url.openConnection().getContentLengthLong();
        } catch (IOException e) {
            return 0;
        }
    }
}
