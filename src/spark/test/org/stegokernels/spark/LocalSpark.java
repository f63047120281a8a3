package org.stegokernels.spark;

import java.io.IOException;
import java.nio.file.Files;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A session in the process of the tests, with some slots for tasks. */
final class LocalSpark implements BeforeAllCallback, AfterAllCallback {
    private final int slots;
    private SparkSession session;

    LocalSpark(int slots) {
        this.slots = slots;
    }

    SparkSession session() {
        return session;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        session = SparkSession.builder()
                .master("local[" + slots + "]")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "localhost")
                .config("spark.sql.shuffle.partitions", 2)
                .config(
                        "spark.sql.warehouse.dir",
                        Files.createTempDirectory("warehouse").toString())
                .getOrCreate();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        session.stop();
        ExecutorModels.closeIdle();
    }
}
