package org.stegokernels.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DemoModelTest {
    /** A resource that every build has, and that is of the same format. */
    private static final String VECTORS = "/org/stegokernels/reference/pipeline.safetensors";

    @Test
    void aResourceIsReadAsAFileIs() {
        try (Safetensors file = DemoModel.open(VECTORS)) {
            assertThat(file.name()).isEqualTo("demo");
            assertThat(file.names()).isNotEmpty();
        }
    }

    @Test
    void aBuildWithoutItSaysSo() {
        assertThatThrownBy(() -> DemoModel.open("/org/stegokernels/demo/none.safetensors"))
                .isInstanceOf(ModelException.class)
                .hasMessage("demo: this build of the program comes without its demo model. Give another model.");
    }

    @Test
    void anythingElseIsRefusedAsInAFile() {
        assertThatThrownBy(() -> DemoModel.open("/org/stegokernels/train/default.yml"))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("demo: ");
    }
}
