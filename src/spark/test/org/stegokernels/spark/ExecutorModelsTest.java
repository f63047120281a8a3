package org.stegokernels.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.stegokernels.spark.ExecutorModels.Loaned;
import org.stegokernels.stego.Stego;

class ExecutorModelsTest {
    @RegisterExtension
    static final LocalSpark SPARK = new LocalSpark(2);

    private final Placement here = new Placement("cpu", 1, Placement.DEFAULT.precision());

    @BeforeEach
    void start() {
        ExecutorModels.closeIdle();
    }

    private static ModelBroadcast model(String name) {
        return ModelBroadcast.of(new JavaSparkContext(SPARK.session().sparkContext()), name);
    }

    @Test
    void aModelThatWasGivenBackIsLentAgain() {
        ModelBroadcast model = model("kernels/reference/pipeline.safetensors");
        Stego first;
        try (Loaned loaned = ExecutorModels.borrow(model, here)) {
            first = loaned.model();
        }

        // Another job with the same model broadcasts it anew.
        try (Loaned loaned = ExecutorModels.borrow(model("kernels/reference/pipeline.safetensors"), here)) {
            assertThat(loaned.model()).isSameAs(first);
        }
    }

    @Test
    void twoTasksHaveTwoModels() {
        ModelBroadcast model = model("demo");
        try (Loaned one = ExecutorModels.borrow(model, here);
                Loaned two = ExecutorModels.borrow(model, here)) {
            assertThat(one.model()).isNotSameAs(two.model());
        }

        assertThat(ExecutorModels.idle()).isEqualTo(2);
    }

    @Test
    void anotherModelTakesThePlaceOfThoseThatNobodyUses() {
        try (Loaned one = ExecutorModels.borrow(model("demo"), here);
                Loaned two = ExecutorModels.borrow(model("demo"), here)) {
            assertThat(ExecutorModels.idle()).isZero();
        }

        try (Loaned other = ExecutorModels.borrow(model("kernels/reference/pipeline.safetensors"), here)) {
            assertThat(ExecutorModels.idle()).isZero();
        }
    }

    @Test
    void aDeviceThatFailedIsNotLentAgain() {
        try (Loaned loaned = ExecutorModels.borrow(model("demo"), here)) {
            loaned.giveUp();
        }

        assertThat(ExecutorModels.idle()).isZero();
    }
}
