package org.stegokernels.verify;

import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.stegokernels.crf.DenseCrf;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;

/**
 * {@code dense_crf}: marginals and labels after some numbers of iterations. A case that has marginals has them for every
 * number in the metadata; one that has none must have labels for the largest.
 */
final class DenseCrfChecks implements ReferenceFamily {
    private static final Pattern CASE = Pattern.compile("(\\d+x\\d+x\\d+)\\..+");
    private static final Pattern RESULT = Pattern.compile("(.+)\\.(q|argmax)\\.(\\d{1,9})");

    @Override
    public Set<String> required() {
        return Set.of("dense_crf");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile("\\d+x\\d+x\\d+\\.(image|logits|(q|argmax)\\.\\d{1,9})");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        SortedSet<Integer> listed = new TreeSet<>(file.metadataInts("iterations"));
        for (String size : file.cases(CASE)) {
            SortedSet<Integer> iterations = new TreeSet<>(Set.of(listed.last()));
            boolean marginals = false;
            for (String tensor : file.names()) {
                Matcher result = RESULT.matcher(tensor);
                if (result.matches() && result.group(1).equals(size)) {
                    iterations.add(Integer.parseInt(result.group(3)));
                    marginals |= result.group(2).equals("q");
                }
            }
            if (marginals) {
                iterations.addAll(listed);
            }
            for (int count : iterations) {
                check(new Case(file, size, count), marginals, checks);
            }
        }
    }

    private static void check(Case one, boolean marginals, Checks checks) {
        String name = "dense_crf/" + one.size + "/";
        if (marginals) {
            checks.check(name + "q." + one.iterations, one::marginals);
        }
        checks.check(name + "argmax." + one.iterations, one::labels);
    }

    /**
     * One image after one number of iterations.
     *
     * @param size height, width and classes, as tensors are named
     */
    private record Case(ReferenceFile file, String size, int iterations) {
        Comparison marginals(CheckScope scope) {
            HostTensor expected = file.pixels(size + ".q." + iterations);
            return Comparison.largest(scope.device().floats(infer(scope)), expected.values(), Comparison.MARGINALS);
        }

        Comparison labels(CheckScope scope) {
            int[] expected = file.ints(size + ".argmax." + iterations);
            Tensor labels = scope.intOutput(expected.length);
            scope.kernels().argmax(infer(scope), labels);
            return Comparison.labels(scope.device().ints(labels), expected, Comparison.LABELS);
        }

        private Tensor infer(CheckScope scope) {
            HostTensor logits = file.pixels(size + ".logits");
            Shape image = file.shape(size + ".image", 3);
            DenseCrf.Settings settings = new DenseCrf.Settings(
                    iterations,
                    (float) file.metadataDouble("pos_w"),
                    (float) file.metadataDouble("pos_xy_std"),
                    (float) file.metadataDouble("bi_w"),
                    (float) file.metadataDouble("bi_xy_std"),
                    (float) file.metadataDouble("bi_rgb_std"));
            Tensor out = scope.output(logits.shape().dims());
            scope.owned(new DenseCrf(scope.device(), settings))
                    .infer(scope.input(logits), file.bytes(size + ".image"), image.dim(1), image.dim(0), out);
            return out;
        }
    }
}
