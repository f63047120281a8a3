package org.stegokernels.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BodyTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path folder;

    private int requested;
    private boolean cancelled;
    private final Flow.Subscription subscription = new Flow.Subscription() {
        @Override
        public void request(long count) {
            requested++;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    };

    private static List<ByteBuffer> buffer(int bytes) {
        return List.of(ByteBuffer.allocate(bytes));
    }

    @Test
    void endsBeforeTheDiskIsFull() throws IOException {
        Path file = folder.resolve("part");
        try (Body body = new Body(
                file, 0, Long.MAX_VALUE, () -> 100L * MIB - file.toFile().length())) {
            body.onSubscribe(subscription);
            for (int i = 0; i < 100 && !cancelled; i++) {
                body.onNext(buffer(MIB));
            }
            assertThat(cancelled).isTrue();
            assertThat(body.length()).isBetween(36L * MIB, 53L * MIB);
            assertThatThrownBy(() -> body.end().get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(Body.NoSpaceException.class);
        }
    }

    @Test
    void writesNothingBeyondItsLimit() throws IOException {
        Path file = folder.resolve("part");
        try (Body body = new Body(file, 0, 10, () -> Long.MAX_VALUE)) {
            body.onSubscribe(subscription);
            body.onNext(buffer(10));
            assertThat(requested).isEqualTo(2);
            body.onNext(buffer(1));
            body.onNext(buffer(1));
            assertThat(cancelled).isTrue();
            assertThatThrownBy(() -> body.end().get()).hasCauseInstanceOf(Body.TooLongException.class);
        }
        assertThat(file).hasSize(10);
    }
}
