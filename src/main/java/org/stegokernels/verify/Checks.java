package org.stegokernels.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;

/** Runs checks on one device and records how each ended. A check that throws fails with the message. */
public final class Checks {
    private final Device device;
    private final Pattern only;
    private final Consumer<CheckResult> listener;
    private final List<CheckResult> results = new ArrayList<>();

    /** What a check does: computes on the device and compares. */
    @FunctionalInterface
    public interface Body {
        Comparison run(CheckScope scope) throws Exception;
    }

    /** A check in several rounds, each in a {@link CheckScope#run} of its own. */
    @FunctionalInterface
    public interface Rounds {
        Comparison run(Device device) throws Exception;
    }

    /**
     * @param only as {@link VerifyOptions#only()}
     * @param listener hears each result at once
     */
    Checks(Device device, String only, Consumer<CheckResult> listener) {
        this.device = device;
        this.only = Pattern.compile(
                Stream.of(only.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
                Pattern.CASE_INSENSITIVE);
        this.listener = listener;
    }

    /** Returns whether a check of this name is wanted. */
    public boolean wanted(String name) {
        return only.matcher(name).find();
    }

    /** Runs a check, if it is wanted, with guard zones and inputs examined behind it. */
    public void check(String name, Body body) {
        checkRounds(name, opened -> CheckScope.run(opened, body));
    }

    /** Runs a check, if it is wanted, that opens its scopes itself. */
    public void checkRounds(String name, Rounds rounds) {
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
        CheckResult.Status status = comparison.passed() ? CheckResult.Status.PASS : CheckResult.Status.FAIL;
        add(name, status, comparison.error(), comparison.tolerance(), comparison.detail());
    }

    /** Runs a check of what needs {@link Device#training()}; on a device without it, records that it is not covered. */
    public void checkTraining(String name, Body body) {
        checkTrainingRounds(name, opened -> CheckScope.run(opened, body));
    }

    /** {@link #checkTraining} of a check that opens its scopes itself. */
    public void checkTrainingRounds(String name, Rounds rounds) {
        try {
            device.training();
        } catch (DeviceException e) {
            notCovered(name, e.getMessage());
            return;
        }
        checkRounds(name, rounds);
    }

    /** Records a failure, wanted or not: what it stands for could not even be listed. */
    public void fail(String name, Throwable cause) {
        String message = cause.getMessage();
        add(
                name,
                CheckResult.Status.FAIL,
                Double.NaN,
                Double.NaN,
                message == null || message.isBlank() ? cause.toString() : message);
    }

    /** Records that nothing can be said about something. */
    public void notCovered(String name, String reason) {
        if (wanted(name)) {
            add(name, CheckResult.Status.NOT_COVERED, Double.NaN, Double.NaN, reason);
        }
    }

    List<CheckResult> results() {
        return List.copyOf(results);
    }

    private void add(String name, CheckResult.Status status, double error, double tolerance, String detail) {
        CheckResult result = new CheckResult(name, device.id(), status, error, tolerance, detail);
        results.add(result);
        listener.accept(result);
    }
}
