package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.stegokernels.verify.Verifier.Report;
import org.stegokernels.verify.Verifier.Report.Result.Status;

class VerifyReportTest {
    private static final Report.Result PASS = new Report.Result("ops/linear", "cpu", Status.PASS, 1.54e-7, 1e-5, "");
    private static final Report.Result FAIL = new Report.Result(
            "ops/gelu", "cpu", Status.FAIL, Double.NaN, Double.NaN, "no such\n\u001b[31mtensor \"gelu.x\"");
    private static final Report.Result NOT_COVERED =
            new Report.Result("knn", "cpu", Status.NOT_COVERED, Double.NaN, Double.NaN, "not built yet");

    private static Report report(Report.Result... results) {
        return new Report("cpu", "a processor", 42, List.of(results));
    }

    @Test
    void passedMeansSomethingPassedAndNothingFailed() {
        assertThat(report(PASS, NOT_COVERED).passed()).isTrue();
        assertThat(report(PASS, FAIL).passed()).isFalse();
        assertThat(report(NOT_COVERED).passed()).isFalse();
        assertThat(report().passed()).isFalse();
    }

    @Test
    void linesAreAligned() {
        assertThat(PASS.line()).contains("ops/linear", "1.5e-07", "1.0e-05", "PASS");
        int column = Report.header().indexOf("result");
        assertThat(PASS.line().indexOf("PASS")).isEqualTo(column);
        assertThat(FAIL.line().indexOf("FAIL")).isEqualTo(column);
        assertThat(NOT_COVERED.line().indexOf("NOT COVERED")).isEqualTo(column);
    }

    @Test
    void aDetailStaysOnItsLineWithoutControlCharacters() {
        assertThat(FAIL.line()).endsWith("no such [31mtensor \"gelu.x\"").doesNotContain("\n", "\u001b");
    }

    @Test
    void theSummaryCounts() {
        assertThat(report(PASS, PASS, FAIL, NOT_COVERED).summary())
                .isEqualTo("cpu (a processor): 2 passed, 1 failed, 1 not covered");
    }

    @Test
    void nothingCheckedIsSaid() {
        assertThat(report().summary()).isEqualTo("no check has such a name");
    }

    @Test
    void jsonHoldsEveryCheck() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        report(PASS, FAIL, NOT_COVERED).writeJson(bytes);
        JsonNode json = new ObjectMapper().readTree(bytes.toByteArray());
        assertThat(json.get("device").asText()).isEqualTo("cpu");
        assertThat(json.get("seed").asLong()).isEqualTo(42);
        assertThat(json.get("passed").asBoolean()).isFalse();
        assertThat(json.get("checks")).hasSize(3);
        assertThat(json.at("/checks/0/error").asDouble()).isEqualTo(1.54e-7);
        assertThat(json.at("/checks/1/error").isNull()).isTrue();
        assertThat(json.at("/checks/1/detail").asText()).contains("gelu.x");
        assertThat(json.at("/checks/2/status").asText()).isEqualTo("not covered");
    }
}
