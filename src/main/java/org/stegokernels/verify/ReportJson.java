package org.stegokernels.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/**
 * A report for machines: {@code device}, {@code description}, {@code seed}, {@code passed}, and {@code checks}, each
 * with {@code name}, {@code device}, {@code status} (pass, fail, not covered), {@code error} and {@code tolerance} (null
 * if there is none) and {@code detail}.
 */
public final class ReportJson {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ReportJson() {}

    public static String of(VerifyReport report) {
        ObjectNode root = JSON.createObjectNode();
        root.put("device", report.device());
        root.put("description", report.description());
        root.put("seed", report.seed());
        root.put("passed", report.passed());
        ArrayNode checks = root.putArray("checks");
        for (CheckResult result : report.results()) {
            ObjectNode check = checks.addObject();
            check.put("name", result.name());
            check.put("device", result.device());
            check.put("status", result.status().name().toLowerCase(Locale.ROOT).replace('_', ' '));
            put(check, "error", result.error());
            put(check, "tolerance", result.tolerance());
            check.put("detail", result.detail());
        }
        try {
            return JSON.writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of strings and numbers can always be written", e);
        }
    }

    /** JSON knows neither NaN nor infinity. */
    private static void put(ObjectNode node, String key, double value) {
        if (Double.isFinite(value)) {
            node.put(key, value);
        } else {
            node.putNull(key);
        }
    }
}
