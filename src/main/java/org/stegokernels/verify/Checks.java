package org.stegokernels.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.verify.Verifier.Report;

/** Runs checks on one device and records how each ended. A check that throws fails with the message. */
final class Checks {
    private final Device device;
    private final Pattern only;
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
     * @param listener called with each result at once
     */
    Checks(Device device, String only, Consumer<Report.Result> listener) {
        this.device = device;
        this.only = Pattern.compile(
                Stream.of(only.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
                Pattern.CASE_INSENSITIVE);
        this.listener = listener;
    }

    /** Returns whether a check of this name is wanted. */
    boolean wanted(String name) {
        return only.matcher(name).find();
    }

    /** Runs a check, if it is wanted, with guard zones and inputs examined after it. */
    void check(String name, Body body) {
        checkRounds(name, opened -> CheckScope.run(opened, body));
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
            fail(name, e);
            return;
        }
        Report.Result.Status status = comparison.passed() ? Report.Result.Status.PASS : Report.Result.Status.FAIL;
        add(name, status, comparison.error(), comparison.tolerance(), comparison.detail());
    }

    /** Runs a check of what needs {@link Device#training()}; on a device without it, records that it is not covered. */
    void checkTraining(String name, Body body) {
        checkTrainingRounds(name, opened -> CheckScope.run(opened, body));
    }

    /** Adds, as {@link #checkTraining}, the rounds of a check that opens its scopes itself. */
    void checkTrainingRounds(String name, Rounds rounds) {
        try {
            device.training();
        } catch (DeviceException e) {
            notCovered(name, e.getMessage());
            return;
        }
        checkRounds(name, rounds);
    }

    /** Records a failure, wanted or not: what it stands for could not even be listed. */
    void fail(String name, Throwable cause) {
        String message = cause.getMessage();
        add(
                name,
                Report.Result.Status.FAIL,
                Double.NaN,
                Double.NaN,
                message == null || message.isBlank() ? cause.toString() : message);
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
