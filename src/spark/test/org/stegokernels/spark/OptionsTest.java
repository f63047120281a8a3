package org.stegokernels.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.stegokernels.spark.Photographs.Run;

class OptionsTest {
    private static final Pattern OPTION = Pattern.compile("(?m)^ {2,6}(?:-\\w, +)?(--[^\\s=]+)");
    /** Options that the command line has no need of. */
    private static final Set<String> OWN = Set.of("--export-files", "--images", "--parts", "--region");

    private static Set<String> options(String help) {
        Set<String> options = new TreeSet<>();
        Matcher matcher = OPTION.matcher(help);
        while (matcher.find()) {
            options.add(matcher.group(1));
        }
        return options;
    }

    @Test
    void everyOptionIsOneOfTheCommandLine() {
        for (Job job : Main.jobs(new Console(System.out, System.err))) {
            String name = job.getClass()
                    .getAnnotation(picocli.CommandLine.Command.class)
                    .name();
            Set<String> known = options(Run.commandLine(name, "--help").out());

            Set<String> own = options(Run.job(name, "--help").out());

            assertThat(own).hasSizeGreaterThan(5);
            own.removeAll(OWN);
            assertThat(known).as(name).containsAll(own);
        }
    }

    @Test
    void wrongUseIsSaidBeforeSparkStarts() {
        assertThat(Run.job().exitCode()).isEqualTo(2);
        assertThat(Run.job("segment", "photos").err()).contains("Missing required option: '--out=DIR'");
        assertThat(Run.job("segment", "photos", "-o", "out", "--size", 7).err()).contains("--size must be between 16");
        assertThat(Run.job("segment", "photos", "-o", "out", "--threads", 0).exitCode())
                .isEqualTo(2);
        assertThat(Run.job("segment", "photos", "-o", "out", "--max-pixels", "many")
                        .exitCode())
                .isEqualTo(2);
    }
}
