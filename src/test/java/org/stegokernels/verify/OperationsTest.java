package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.verify.Operation.Kind;

/** The table describes each operation of the devices, argument by argument. */
class OperationsTest {
    /** They prepare what a program is given with each call. */
    private static final Set<String> PREPARING = Set.of("packLinear", "allocateLattice");

    static Stream<Method> operations() {
        return Stream.of(Kernels.class, TrainingKernels.class)
                .flatMap(type -> Stream.of(type.getMethods()))
                .filter(method -> !PREPARING.contains(method.getName()));
    }

    /** Returns the kinds of the table's arguments that a method's are flattened to. */
    private static List<String> flattened(Method method) {
        List<String> kinds = new ArrayList<>();
        for (Class<?> type : method.getParameterTypes()) {
            if (type == Tensor.class || type == float[].class) {
                kinds.add("tensor");
            } else if (type == Kernels.LinearWeights.class) {
                kinds.addAll(List.of("tensor", "tensor"));
            } else if (type == Kernels.Lattice.class) {
                kinds.add("tensor");
            } else if (type == List.class) {
                kinds.add("list");
            } else if (type.isRecord()) {
                for (RecordComponent component : type.getRecordComponents()) {
                    kinds.add(component.getType() == boolean.class ? "flag" : "number");
                }
            } else {
                kinds.add(type.isEnum() ? "word" : type == int.class ? "integer" : "number");
            }
        }
        return kinds;
    }

    private static String kind(Operation.Argument argument) {
        boolean tensor = argument.kind().isTensor() && argument.kind() != Kind.LIST;
        return tensor ? "tensor" : argument.kind().name().toLowerCase(Locale.ROOT);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void describesEachArgument(Method method) {
        assertThat(Operations.named(method.getName()).arguments())
                .extracting(OperationsTest::kind)
                .isEqualTo(flattened(method));
    }

    @Test
    void bothPortsHaveEachOperation() throws IOException {
        String c = Files.readString(Path.of("kernels", "port", "c", "main.c"));
        StringBuilder python = new StringBuilder();
        try (Stream<Path> files = Files.list(Path.of("kernels", "port", "python"))) {
            for (Path file :
                    files.filter(name -> name.toString().endsWith(".py")).toList()) {
                python.append(Files.readString(file));
            }
        }
        assertThat(Operations.all()).allSatisfy(operation -> {
            assertThat(c).contains("IS (\"" + operation.name() + "\")");
            assertThat(python.toString()).containsPattern("def " + operation.name() + "_?\\(");
        });
    }

    @Test
    void aSumOfProductsIsComputed() {
        assertThat(Operation.value("2 * N * C + 3 * C", Map.of("N", 10.0, "C", 4.0)))
                .isEqualTo(92);
    }

    @Test
    void bytesCountEachTensorOnceAndTwiceWhatIsUpdated() {
        assertThat(Operations.named("clusterSums").bytes()).isEqualTo("4 * N * C + 4 * N + 8 * K * C + 8 * K");
        assertThat(Operations.named("swiGlu").bytes()).isEqualTo("4 * R * 2 * C + 4 * R * C");
    }

    @Test
    void jsonHasEveryOperation() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Verifier.describe(bytes);
        JsonNode json = new ObjectMapper().readTree(bytes.toByteArray());
        assertThat(json.get("protocol").asText()).isEqualTo("1");
        assertThat(json.get("operations")).hasSize(Operations.all().size());
        JsonNode softmax = Stream.iterate(0, i -> i + 1)
                .map(json.get("operations")::get)
                .filter(operation -> operation.get("name").asText().equals("softmax"))
                .findFirst()
                .orElseThrow();
        assertThat(softmax.at("/arguments/0/shape/1").asText()).isEqualTo("C");
        assertThat(softmax.at("/arguments/2/mayBe").asText()).isEqualTo("x");
        assertThat(softmax.get("flop").asText()).isEqualTo("5 * E");
    }
}
