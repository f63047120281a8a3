package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorFunctionTest {
    /** Values of mpmath at 30 digits. */
    @ParameterizedTest
    @CsvSource({
        "0,    0.0,                    1.0",
        "0.1,  0.1124629160182848984,  0.8875370839817151016",
        "0.5,  0.52049987781304653768, 0.47950012218695346232",
        "1,    0.84270079294971486934, 0.15729920705028513066",
        "2,    0.99532226501895273416, 0.0046777349810472658379",
        "2.99, 0.9999764743969193598,  0.0000235256030806401953",
        "3.5,  0.99999925690162765859, 7.4309837234141274552e-7",
        "5,    0.99999999999846254021, 1.5374597944280348502e-12",
    })
    void knownValues(double x, double erf, double erfc) {
        assertThat(ErrorFunction.erf(x)).isCloseTo(erf, within(1e-15));
        assertThat(ErrorFunction.erfc(x)).isCloseTo(erfc, within(1e-15));
    }

    @Test
    void oddAndComplementary() {
        for (double x = -7; x < 7; x += 0.013) {
            assertThat(ErrorFunction.erf(-x)).isEqualTo(-ErrorFunction.erf(x));
            assertThat(ErrorFunction.erf(x) + ErrorFunction.erfc(x)).isCloseTo(1, within(1e-15));
        }
    }

    @Test
    void bothMethodsAgreeWhereTheyMeet() {
        assertThat(ErrorFunction.erfc(3.0))
                .isCloseTo(ErrorFunction.erfc(Math.nextDown(3.0)), Percentage.withPercentage(1e-8));
    }

    @Test
    void farTailKeepsItsRelativeAccuracy() {
        assertThat(ErrorFunction.erfc(10)).isCloseTo(2.08848758376254475700e-45, Percentage.withPercentage(1e-11));
        assertThat(ErrorFunction.erfc(-10)).isEqualTo(2);
    }
}
