package org.stegokernels.train;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.image.RgbImage;
import org.stegokernels.tensor.Tensor;

/**
 * The mask proposals of the examples of a training, each computed when it is first wanted and kept, deflated: features and
 * the head are frozen, so they stay the same. On the device's thread.
 */
final class KeptProposals implements AutoCloseable {
    private final TrainingExamples examples;
    private final TrainedParts parts;
    private final MaskProposals proposals;
    private final byte[][] kept;
    private final GrowingBuffer featureBuffer;
    private final GrowingBuffer codeBuffer;
    private final float[] features;

    /** @param parts whose head makes the codes that proposals are made of */
    KeptProposals(Device device, MaskProposals.Settings settings, TrainingExamples examples, TrainedParts parts) {
        this.examples = examples;
        this.parts = parts;
        this.proposals = new MaskProposals(device, settings);
        this.kept = new byte[examples.size()][];
        this.featureBuffer = new GrowingBuffer(device);
        this.codeBuffer = new GrowingBuffer(device);
        this.features = new float[examples.rows() * examples.columns() * examples.channels()];
    }

    /** Puts the proposals of the images of a batch, but not of their neighbours, into it. The features must be there. */
    void complete(HostBatch batch) {
        int area = examples.labelSize() * examples.labelSize();
        for (int place = 0; place < batch.batch(); place++) {
            int image = batch.draw.images()[place];
            if (kept[image] == null) {
                System.arraycopy(batch.features, place * features.length, features, 0, features.length);
                kept[image] = deflated(propose(image));
            }
            inflate(kept[image], batch.masks, place * area, area);
        }
    }

    private byte[] propose(int image) {
        int rows = examples.rows();
        int columns = examples.columns();
        RgbImage pixels = examples.square(image);
        Tensor given = featureBuffer.view(rows * columns, examples.channels());
        Tensor code = codeBuffer.view(rows * columns, parts.clusters().shape().dim(1));
        parts.device().write(features, given);
        parts.code(given, code);
        return proposals
                .propose(parts.device().floats(code), rows, columns, pixels)
                .labels();
    }

    private static byte[] deflated(byte[] masks) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater)) {
            out.write(masks);
        } catch (IOException e) {
            throw new IllegalStateException("memory can always be written to", e);
        } finally {
            deflater.end();
        }
        return bytes.toByteArray();
    }

    private static void inflate(byte[] deflated, byte[] out, int from, int length) {
        Inflater inflater = new Inflater();
        inflater.setInput(deflated);
        try {
            for (int done = 0; done < length; ) {
                done += inflater.inflate(out, from + done, length - done);
            }
        } catch (DataFormatException e) {
            throw new IllegalStateException("memory gives back what was written to it", e);
        } finally {
            inflater.end();
        }
    }

    @Override
    public void close() {
        proposals.close();
        featureBuffer.close();
        codeBuffer.close();
    }
}
