package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.train.loss.CorrespondenceLoss;

/** Shares and forces against sums over the values themselves. */
class HistogramTest {
    @Test
    void sharesAndForcesAreThoseOfTheValues() {
        Random random = new Random(1);
        double[] values = random.doubles(5000, -0.9, 0.7).toArray();
        Histogram histogram = new Histogram(-1, 1, 2000);
        for (double value : values) {
            histogram.add(value);
        }
        histogram.add(-3);
        histogram.add(5);
        assertThat(histogram.total()).isEqualTo(5002);
        assertThat(histogram.counts()[0]).isEqualTo(1);
        assertThat(histogram.counts()[1999]).isEqualTo(1);
        for (double shift : new double[] {-0.5, 0.1, 0.6}) {
            double above = 0;
            double all = 0;
            int more = 0;
            for (double value : values) {
                above += Math.max(0, value - shift);
                all += Math.abs(value - shift);
                more += value > shift ? 1 : 0;
            }
            assertThat(histogram.pullAbove(shift)).isCloseTo(above / all, within(2e-3));
            assertThat(histogram.shareAbove(shift)).isCloseTo(more / 5000.0, within(2e-3));
            assertThat(ShiftTuner.shift(histogram, histogram.pullAbove(shift))).isCloseTo(shift, within(1.1e-3));
        }
        assertThat(histogram.edges()).hasSize(2001).startsWith(-1).endsWith(1);
    }

    @Test
    void proposedShiftsHaveTheBalanceThatIsKnownToWork() {
        try (Device device = TestDevices.open(Devices.choose("cpu"))) {
            Map<CorrespondenceLoss.Term, ShiftTuner.Proposal> proposals =
                    ShiftTuner.propose(device, TrainerTest.settings(), new SyntheticExamples(TrainerTest.IMAGES));
            for (CorrespondenceLoss.Term term : CorrespondenceLoss.Term.values()) {
                ShiftTuner.Proposal proposal = proposals.get(term);
                assertThat(proposal.proposed().force()).isCloseTo(ShiftTuner.BALANCE.get(term), within(0.005));
                // 20 batches of 4 images with 9 x 9 pairs of points.
                assertThat(Arrays.stream(proposal.similarities()).sum()).isEqualTo(20 * 4 * 81);
            }
            device.checkGuards();
        }
    }
}
