package org.stegokernels.verify;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;

/** {@code transformer}: the operations of DINOv3's blocks that DINO's don't have. */
final class TransformerChecks implements ReferenceFamily {
    private static final Pattern ROPE = Pattern.compile("rope\\.(\\d+x\\d+)\\..+");

    @Override
    public Set<String> required() {
        return Set.of();
    }

    @Override
    public boolean reads(String file) {
        return file.equals("transformer");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile("rope\\.\\d+x\\d+\\.(qkv|cos|sin|y)|swi_glu\\.[xy]");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        for (String heads : file.cases(ROPE)) {
            checks.check(file.name() + "/rope." + heads, scope -> rope(file, "rope." + heads + ".", scope));
        }
        checks.check(file.name() + "/swi_glu", scope -> swiGlu(file, scope));
    }

    private static Comparison rope(ReferenceFile file, String name, CheckScope scope) {
        HostTensor qkv = file.tensor(name + "qkv", 3);
        Tensor turned = scope.inOut(qkv.values(), qkv.shape().dims());
        Tensor cos = scope.input(file.tensor(name + "cos", 2));
        scope.kernels().rope(cos, scope.input(file.tensor(name + "sin", 2)), turned);
        return Comparison.relative(scope.device().floats(turned), file.floats(name + "y"), Comparison.FORWARD);
    }

    private static Comparison swiGlu(ReferenceFile file, CheckScope scope) {
        HostTensor expected = file.tensor("swi_glu.y", 2);
        Tensor out = scope.output(expected.shape().dims());
        scope.kernels().swiGlu(scope.input(file.tensor("swi_glu.x", 2)), out);
        return Comparison.relative(scope.device().floats(out), expected.values(), Comparison.FORWARD);
    }
}
