package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;
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
}
