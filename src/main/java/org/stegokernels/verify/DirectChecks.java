package org.stegokernels.verify;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.verify.Operation.Argument;
import org.stegokernels.verify.Operation.Kind;
import org.stegokernels.weights.TypedTensor.DType;

/**
 * {@code direct}: calls of single operations, named in the metadata. Tensors are called by the table of {@link Operations},
 * so a case needs no code of its own.
 */
final class DirectChecks implements ReferenceFamily {
    /** Ends the name of a tensor's values after the call, where there are some before. */
    private static final String AFTER = ".after";

    @Override
    public Set<String> required() {
        return Set.of("direct");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile("\\w+\\.\\w+\\.\\w+(\\.after)?");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        new TreeMap<>(file.safetensors().metadata()).forEach((name, call) -> {
            if (name.contains(".")) {
                Case one = Case.of(file, name, call);
                if (one.method.getDeclaringClass() == TrainingKernels.class) {
                    checks.checkTraining("direct/" + name, one::run);
                } else {
                    checks.check("direct/" + name, one::run);
                }
            }
        });
    }

    /**
     * One call.
     *
     * @param parameters as text
     */
    private record Case(
            ReferenceFile file, String name, Operation operation, Method method, Map<String, String> parameters) {
        /** @param call operation and parameters: {@code softmax scale=2.5} */
        static Case of(ReferenceFile file, String name, String call) {
            String[] words = call.split(" ");
            Map<String, String> parameters = new HashMap<>();
            for (int i = 1; i < words.length; i++) {
                String[] parameter = words[i].split("=", 2);
                parameters.put(parameter[0], parameter[1]);
            }
            Method method = Stream.of(Kernels.class, TrainingKernels.class)
                    .flatMap(type -> Stream.of(type.getMethods()))
                    .filter(candidate -> candidate.getName().equals(words[0]))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(name + ": no operation is called " + words[0]));
            return new Case(file, name, Operations.named(words[0]), method, parameters);
        }

        Comparison run(CheckScope scope) throws Exception {
            Map<String, Tensor> written = new LinkedHashMap<>();
            List<Object> arguments = new ArrayList<>();
            for (Argument argument : operation.arguments()) {
                Class<?> type = method.getParameterTypes()[arguments.size()];
                arguments.add(
                        argument.kind().isTensor()
                                ? tensor(argument, type, scope, written)
                                : parameter(parameters.get(argument.name()), type));
            }
            try {
                boolean training = method.getDeclaringClass() == TrainingKernels.class;
                method.invoke(training ? scope.training() : scope.kernels(), arguments.toArray());
            } catch (InvocationTargetException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
            List<Comparison> comparisons = new ArrayList<>();
            written.forEach((tensor, values) -> comparisons.add(compared(scope, tensor, values)));
            return comparisons.size() == 1
                    ? comparisons.get(0)
                    : Comparison.worstOf(comparisons.toArray(Comparison[]::new));
        }

        private static Object parameter(String text, Class<?> type) {
            if (type == int.class) {
                return Integer.valueOf(text);
            }
            return type == float.class ? (Object) Float.valueOf(text) : Double.valueOf(text);
        }

        private Object tensor(Argument argument, Class<?> type, CheckScope scope, Map<String, Tensor> written) {
            String tensor = name + "." + argument.name();
            int[] dims = file.safetensors().entry(tensor).shape().dims();
            boolean isFloat = file.safetensors().entry(tensor).type() == DType.F32;
            if (argument.kind() == Kind.IN) {
                Tensor in = isFloat ? scope.input(file.floats(tensor), dims) : scope.input(file.ints(tensor), dims);
                return type == Kernels.Lattice.class ? lattice(in, scope) : in;
            }
            Tensor out;
            if (argument.kind() == Kind.OUT) {
                out = isFloat ? scope.output(dims) : scope.intOutput(dims);
            } else {
                out = isFloat ? scope.inOut(file.floats(tensor), dims) : scope.inOut(file.ints(tensor), dims);
            }
            written.put(argument.kind() == Kind.OUT ? tensor : tensor + AFTER, out);
            return out;
        }

        private static Kernels.Lattice lattice(Tensor positions, CheckScope scope) {
            Shape shape = positions.shape();
            Kernels.Lattice lattice = scope.owned(scope.kernels().allocateLattice(shape.dim(0), shape.dim(1)));
            scope.kernels().buildLattice(positions, lattice);
            return lattice;
        }

        private Comparison compared(CheckScope scope, String expected, Tensor actual) {
            if (file.safetensors().entry(expected).type() == DType.F32) {
                return Comparison.relative(scope.device().floats(actual), file.floats(expected), Comparison.FORWARD);
            }
            return Comparison.labels(scope.device().ints(actual), file.ints(expected), Comparison.EXACT);
        }
    }
}
