package org.stegokernels.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.verify.Verifier.Report;

/** Runs checks on one device and records how each ended. A check that throws fails with the message. */
final class Checks {
    private static final String WITHOUT_TRAINING =
            ". Checks of training run once the device returns its TrainingKernels from Device.training(), though they be few";

    private final Device device;
    private final Pattern only;
    private final boolean twice;
    private final Consumer<Report.Result> listener;
    private final List<Report.Result> results = new ArrayList<>();

    /** A check: computes on the device and compares. */
    @FunctionalInterface
    interface Body {
        Comparison run(CheckScope scope) throws Exception;
    }

    /** A check in several rounds, each in a {@link CheckScope#run} of its own. */
    @FunctionalInterface
    interface Rounds {
        Comparison run(Device device) throws Exception;
    }

    /**
     * @param only as {@link Verifier.Options#only()}
     * @param twice whether checks that are run twice are: files give the same again anyway
     * @param listener called with each result at once
     */
    Checks(Device device, String only, boolean twice, Consumer<Report.Result> listener) {
        this.device = device;
        this.twice = twice;
        this.only = Pattern.compile(
                Stream.of(plain(only).split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
        this.listener = listener;
    }

    /** Returns whether a check of this name is wanted. */
    boolean wanted(String name) {
        return only.matcher(plain(name)).find();
    }

    /**
     * Returns a name as it is compared: the reference vectors' {@code layer_norm} and {@code normalize.grad_x} are the
     * catalogue's {@code layerNorm} and {@code normalizeGradient}.
     */
    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("_", "").replace(".gradx", "gradient");
    }

    /** Runs a check, if it is wanted, with guard zones and inputs examined after it. */
    void check(String name, Body body) {
        checkRounds(name, opened -> CheckScope.run(opened, body));
    }

    /** Runs a check, if it is wanted, as {@link CheckScope#runTwice} does. */
    void checkTwice(String name, Body body) {
        checkRounds(name, opened -> run(opened, () -> body, true));
    }

    /**
     * Runs a check, or a round of one.
     *
     * @param again whether it is one that is run twice, to compare the bits
     */
    Comparison run(Device opened, Supplier<Body> body, boolean again) throws Exception {
        return again && twice ? CheckScope.runTwice(opened, body) : CheckScope.run(opened, body.get());
    }

    /** Runs a check, if it is wanted, that opens its scopes itself. */
    void checkRounds(String name, Rounds rounds) {
        if (!wanted(name)) {
            return;
        }
        Comparison comparison;
        try {
            comparison = rounds.run(device);
        } catch (Exception | LinkageError e) {
            add(name, isUnsupported(e) ? Report.Result.Status.UNSUPPORTED : Report.Result.Status.FAIL, e);
            return;
        }
        Report.Result.Status status = comparison.passed() ? Report.Result.Status.PASS : Report.Result.Status.FAIL;
        add(name, status, comparison.error(), comparison.tolerance(), comparison.detail());
    }

    /** Runs a check of what needs {@link Device#training()}; on a device without it, records that it is not covered. */
    void checkTraining(String name, Body body) {
        checkTrainingRounds(name, opened -> CheckScope.run(opened, body));
    }

    /** Adds, as {@link #checkTraining}, a check that is run twice. */
    void checkTrainingTwice(String name, Body body) {
        checkTrainingRounds(name, opened -> run(opened, () -> body, true));
    }

    /** Adds, as {@link #checkTraining}, the rounds of a check that opens its scopes itself. */
    void checkTrainingRounds(String name, Rounds rounds) {
        try {
            device.training();
        } catch (DeviceException e) {
            notCovered(name, e.getMessage() + WITHOUT_TRAINING);
            return;
        }
        checkRounds(name, rounds);
    }

    /** Records a failure, wanted or not: what it stands for could not even be listed. */
    void fail(String name, Throwable cause) {
        add(name, Report.Result.Status.FAIL, cause);
    }

    /** Returns whether an operation that the device lacks is at the bottom of a failure. */
    private static boolean isUnsupported(Throwable failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof UnsupportedOperationException)) {
            cause = cause.getCause();
        }
        return cause != null;
    }

    private void add(String name, Report.Result.Status status, Throwable cause) {
        String message = cause.getMessage();
        add(name, status, Double.NaN, Double.NaN, message == null || message.isBlank() ? cause.toString() : message);
    }

    /** Records that nothing can be said about something. */
    void notCovered(String name, String reason) {
        if (wanted(name)) {
            add(name, Report.Result.Status.NOT_COVERED, Double.NaN, Double.NaN, reason);
        }
    }

    List<Report.Result> results() {
        return List.copyOf(results);
    }

    private void add(String name, Report.Result.Status status, double error, double tolerance, String detail) {
        Report.Result result = new Report.Result(name, device.id(), status, error, tolerance, detail);
        results.add(result);
        listener.accept(result);
    }
}
