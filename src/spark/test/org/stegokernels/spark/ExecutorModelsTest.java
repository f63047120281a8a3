package org.stegokernels.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.image.ImageReader;
import org.stegokernels.spark.ExecutorModels.Loaned;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;

class ExecutorModelsTest {
    @RegisterExtension
    static final LocalSpark SPARK = new LocalSpark(2);

    @TempDir
    Path folder;

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

    @Test
    void aCancelledJobStopsAtTheNextPicture() throws Exception {
        SparkContext context = SPARK.session().sparkContext();
        Progress progress = Progress.of(context);
        Segmenting segmenting = new Segmenting(
                new PictureWork(model("demo"), ImageReader.Limits.DEFAULT, here, progress),
                Segmenter.Options.DEFAULT.withSize(64));
        byte[] photograph = Photographs.bytes(Photographs.write(folder.resolve("a.jpg"), 1));
        List<Integer> many = Collections.nCopies(100_000, 0);
        JavaFutureAction<Long> job = new JavaSparkContext(context)
                .parallelize(many, 2)
                .map(any -> segmenting.segment(photograph).size())
                .countAsync();
        // Accumulators of tasks that run are heard of with their heartbeats; that models are lent shows at once.
        while (ExecutorModels.lent() < 2) {
            Thread.sleep(10);
        }

        job.cancel(true);

        int unused = 0;
        // Between two pictures of a task nothing is lent for a moment.
        for (int look = 0; look < 6000 && unused < 50; look++) {
            unused = ExecutorModels.lent() == 0 ? unused + 1 : 0;
            Thread.sleep(10);
        }
        assertThat(unused).isEqualTo(50);
        assertThat(ExecutorModels.idle()).isEqualTo(2);
    }
}
