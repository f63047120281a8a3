package org.stegokernels.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.serve.Teaching.Stroke;
import org.stegokernels.stego.LinearProbe;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.testing.TestDevices;

/** Probes taught by strokes, on codes around six directions of which the candidates know four. */
class TeachingTest {
    private static final int CHANNELS = 16;
    private static final int KINDS = 6;
    private static final int EACH = 200;
    /** Kinds 4 and 5 are most like 0 and 1, and go to them. */
    private static final int KNOWN = 4;

    private Device device;
    private float[] sample;
    private Candidates candidates;

    @BeforeEach
    void open() {
        device = TestDevices.open(Devices.choose("cpu"));
        float[] centres = new float[KINDS * CHANNELS];
        for (int kind = 0; kind < KINDS; kind++) {
            centres[kind * CHANNELS + kind % KNOWN] = 1;
            centres[kind * CHANNELS + KNOWN + kind] = 0.6f;
        }
        sample = new float[KINDS * EACH * CHANNELS];
        Random random = new Random(3);
        for (int i = 0; i < KINDS * EACH; i++) {
            float length = 1 + random.nextFloat();
            for (int c = 0; c < CHANNELS; c++) {
                double value = centres[i % KINDS * CHANNELS + c] + 0.12 * random.nextGaussian();
                sample[i * CHANNELS + c] = (float) (length * value);
            }
        }
        float[] known = Candidates.unit(Arrays.copyOf(centres, KNOWN * CHANNELS), CHANNELS, 1);
        candidates = new Candidates(
                1, Candidates.Source.MODEL, Probe.CLUSTER, HostTensor.of(known, KNOWN, CHANNELS), null, 2);
    }

    @AfterEach
    void close() {
        assertThat(device.allocatedBytes()).isLessThan(1 << 24);
        device.checkGuards();
        device.close();
    }

    /** Codes of a kind, from the first of them on. */
    private float[] codes(int kind, int first, int count) {
        float[] codes = new float[count * CHANNELS];
        for (int i = 0; i < count; i++) {
            System.arraycopy(sample, ((first + i) * KINDS + kind) * CHANNELS, codes, i * CHANNELS, CHANNELS);
        }
        return codes;
    }

    private static Stroke stroke(int classId, boolean is, float[] codes) {
        return new Stroke(classId, is, 0, new int[codes.length / CHANNELS], codes);
    }

    private static final int[] CLASSES = {0, 1, 2, 3};

    private double share(Teaching.Taught taught, int kind, int classId) {
        Candidates probe = Candidates.of(taught.probe(), 2, Candidates.Source.TAUGHT, 2);
        int[] best = probe.best(probe.logits(device, codes(kind, 0, EACH)));
        return Arrays.stream(best).filter(k -> taught.classOf()[k] == classId).count() / (double) EACH;
    }

    private Teaching.Taught teach(Stroke... strokes) {
        return new Teaching(device, CHANNELS).teach(candidates, CLASSES, sample, List.of(strokes));
    }

    @Test
    void threeStrokesTeachANewClassAndLeaveTheOthers() {
        Teaching.Taught taught = teach(
                stroke(9, true, codes(4, 0, 5)), stroke(9, true, codes(4, 50, 5)), stroke(9, true, codes(4, 100, 5)));
        assertThat(taught.classOf()).containsExactly(0, 1, 2, 3, 9);
        assertThat(share(taught, 4, 9)).isGreaterThan(0.95);
        assertThat(share(taught, 0, 0)).isGreaterThan(0.95);
        assertThat(share(taught, 1, 1)).isGreaterThan(0.99);
        assertThat(share(taught, 5, 1)).isGreaterThan(0.95);
        assertThat(share(taught, 2, 2)).isGreaterThan(0.99);
        assertThat(share(taught, 3, 3)).isGreaterThan(0.99);
    }

    @Test
    void whatIsOfAnotherClassGoesThereAndItsNeighboursWithIt() {
        Teaching.Taught taught = teach(stroke(2, true, codes(4, 0, 12)));
        assertThat(share(taught, 4, 2)).isGreaterThan(0.95);
        assertThat(share(taught, 0, 0)).isGreaterThan(0.95);
        assertThat(share(taught, 5, 1)).isGreaterThan(0.95);
    }

    @Test
    void whatIsNotOfAClassLeavesIt() {
        Teaching.Taught taught = teach(stroke(0, false, codes(4, 0, 12)), stroke(0, true, codes(0, 0, 12)));
        assertThat(share(taught, 4, 0)).isLessThan(0.1);
        assertThat(share(taught, 0, 0)).isGreaterThan(0.9);
        assertThat(share(taught, 1, 1)).isGreaterThan(0.95);
    }

    @Test
    void theSameStrokesGiveTheSameBits() {
        Stroke[] strokes = {stroke(9, true, codes(4, 0, 12)), stroke(1, false, codes(5, 3, 4))};
        assertThat(teach(strokes).probe().weights())
                .isEqualTo(teach(strokes).probe().weights());
    }

    /** A linear probe begins with the decisions of the clusters that it takes the place of. */
    @Test
    void withoutStrokesNoDecisionChanges() {
        Teaching.Taught taught = teach();
        int[] before = candidates.best(candidates.logits(device, sample));
        Candidates after = Candidates.of(taught.probe(), 2, Candidates.Source.TAUGHT, 2);
        assertThat(after.best(after.logits(device, sample))).isEqualTo(before);
    }

    @Test
    void aClassOfALinearProbeIsSplit() {
        Teaching teaching = new Teaching(device, CHANNELS);
        Candidates linear = Candidates.of(teach().probe(), 2, Candidates.Source.TAUGHT, 2);
        float[] centres = Candidates.unit(codes(0, 0, 1), CHANNELS, 1);
        float[] both = Arrays.copyOf(centres, 2 * CHANNELS);
        System.arraycopy(Candidates.unit(codes(4, 0, 1), CHANNELS, 1), 0, both, CHANNELS, CHANNELS);
        LinearProbe.Values split = teaching.split(linear, new boolean[] {true, false, false, false}, sample, both);
        Teaching.Taught parts = new Teaching.Taught(split, new int[] {1, 2, 3, 7, 8});
        assertThat(share(parts, 0, 7)).isGreaterThan(0.9);
        assertThat(share(parts, 4, 8)).isGreaterThan(0.9);
        assertThat(share(parts, 1, 1)).isGreaterThan(0.99);
        assertThat(share(parts, 3, 3)).isGreaterThan(0.99);
    }
}
