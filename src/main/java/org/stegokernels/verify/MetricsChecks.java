package org.stegokernels.verify;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.stegokernels.eval.ConfusionMatrix;
import org.stegokernels.eval.Scores;
import org.stegokernels.tensor.Shape;

/**
 * {@code metrics}: confusion counts, matching, mean IoU and accuracy; with extra clusters as the published code counts.
 */
final class MetricsChecks implements ReferenceFamily {
    private static final Pattern CASE = Pattern.compile("([^.]+)\\.(?:label|pred|stats|miou|accuracy)");
    private static final float PERCENT = 100;

    @Override
    public Set<String> required() {
        return Set.of("metrics");
    }

    @Override
    public Pattern covered() {
        return Pattern.compile("[^.]+\\.(label|pred|stats|miou|accuracy|assignment)");
    }

    @Override
    public List<Uncovered> uncovered() {
        return List.of();
    }

    @Override
    public void check(ReferenceFile file, Checks checks) {
        for (String name : file.cases(CASE)) {
            checks.check("metrics/" + name + ".stats", scope -> stats(file, name));
            for (String part : new String[] {"miou", "accuracy"}) {
                checks.check("metrics/" + name + "." + part, scope -> metric(file, name, part));
            }
            Shape shape = file.shape(name + ".stats", 2);
            if (shape.dim(0) == shape.dim(1)) {
                checks.check("metrics/" + name + ".assignment", scope -> assignment(file, name));
            }
        }
    }

    private static ConfusionMatrix counted(ReferenceFile file, String name) {
        Shape shape = file.shape(name + ".stats", 2);
        ConfusionMatrix matrix = new ConfusionMatrix(shape.dim(0), shape.dim(1));
        matrix.addAsPublished(file.ints(name + ".pred"), file.ints(name + ".label"));
        return matrix;
    }

    private static Comparison stats(ReferenceFile file, String name) {
        ConfusionMatrix matrix = counted(file, name);
        int[] counts = new int[matrix.predictions() * matrix.classes()];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = (int) matrix.count(i / matrix.classes(), i % matrix.classes());
        }
        return Comparison.labels(counts, file.ints(name + ".stats"), Comparison.EXACT);
    }

    private static Comparison metric(ReferenceFile file, String name, String part) {
        ConfusionMatrix matrix = counted(file, name);
        Scores scores = Scores.asPublished(matrix, Scores.Matching.hungarian(matrix));
        double share = part.equals("miou") ? scores.meanIou() : scores.accuracy();
        return Comparison.relative(
                new float[] {(float) (PERCENT * share)}, file.floats(name + "." + part), Comparison.FORWARD);
    }

    /** Compares matchings. Another matching that makes as many pixels right is as good. */
    private static Comparison assignment(ReferenceFile file, String name) {
        ConfusionMatrix matrix = counted(file, name);
        int[] expected = file.ints(name + ".assignment");
        int[] actual = Scores.Matching.hungarian(matrix).classOf();
        boolean tie = right(matrix, actual) == right(matrix, expected);
        return Comparison.labels(tie ? expected : actual, expected, Comparison.EXACT);
    }

    private static long right(ConfusionMatrix matrix, int[] classOf) {
        long right = 0;
        for (int prediction = 0; prediction < classOf.length; prediction++) {
            right += classOf[prediction] == Scores.Matching.NONE ? 0 : matrix.count(prediction, classOf[prediction]);
        }
        return right;
    }
}
