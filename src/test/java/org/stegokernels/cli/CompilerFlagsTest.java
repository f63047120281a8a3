package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class CompilerFlagsTest {
    /** The virtual machine says nothing of a name that it does not find. */
    @ParameterizedTest
    @FieldSource("org.stegokernels.cli.CompilerFlags#COMPILED_ONCE")
    void namesKernelsThatTakeAndGiveNoVector(String method) throws Exception {
        String[] parts = method.split("::");
        List<Method> named = Stream.of(
                        Class.forName(CompilerFlags.CPU_KERNELS + parts[0]).getDeclaredMethods())
                .filter(each -> parts[1].equals("*") || parts[1].equals(each.getName()))
                .toList();
        assertThat(named)
                .isNotEmpty()
                .allSatisfy(each -> assertThat(each.toGenericString()).doesNotContain("jdk.incubator.vector"));
    }

    /** From there jbang and {@code scripts/app-image} have them. */
    @Test
    void launchersMadeElsewhereGiveTheSameFlags() throws IOException {
        List<String> wanted = new ArrayList<>(
                List.of("--add-modules=" + Launcher.VECTOR_MODULE, "--enable-native-access=ALL-UNNAMED"));
        wanted.addAll(Launcher.HEAP);
        wanted.addAll(CompilerFlags.onEveryMachine());
        JsonNode catalog =
                new ObjectMapper().readTree(Path.of("jbang-catalog.json").toFile());
        assertThat(catalog.at("/aliases/stego-kernels/java-options"))
                .map(JsonNode::asText)
                .isEqualTo(wanted);
    }
}
