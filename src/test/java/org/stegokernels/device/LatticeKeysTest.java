package org.stegokernels.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatticeKeysTest {
    /** The values of {@code 1.0 / sqrt((i+2)*(i+1)) * inv_std_dev}, a float, in C. One last bit moves points over faces. */
    @Test
    void scalesAreRoundedAsThoseOfPydensecrf() {
        assertThat(new LatticeKeys(5).scale()).containsExactly(3.4641018f, 2f, 1.4142137f, 1.0954452f, 0.89442724f);
        assertThat(new LatticeKeys(2).scale()).containsExactly(1.7320509f, 1f);
    }
}
