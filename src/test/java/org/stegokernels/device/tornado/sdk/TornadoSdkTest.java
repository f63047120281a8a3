package org.stegokernels.device.tornado.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.device.DeviceProvider;
import org.stegokernels.device.Devices;

/** Finding an SDK and its flags, on files made up here. */
class TornadoSdkTest {
    @TempDir
    Path home;

    private void install(String argumentFile, String jar) throws IOException {
        Files.writeString(home.resolve(argumentFile), "--enable-preview\n");
        Path jars = Files.createDirectories(home.resolve(Path.of("share", "java", "tornado")));
        Files.createFile(jars.resolve(jar));
    }

    private String obstacle() {
        return TornadoSdk.obstacle(true, 25, home.toString());
    }

    @Test
    void aCompleteSdkIsNoObstacle() throws IOException {
        install("tornado-argfile", "tornado-api-5.2.0-jdk25.jar");
        assertThat(obstacle()).isEmpty();
    }

    @Test
    void theTemplateOfTheFlagsWillDo() throws IOException {
        install("tornado-argfile.template", "tornado-api-5.2.0-jdk25.jar");
        assertThat(obstacle()).isEmpty();
    }

    @Test
    void whatIsMissingIsNamedWithWhatToDo() throws IOException {
        assertThat(TornadoSdk.obstacle(false, 25, home.toString())).contains("no TornadoVM kernels", "build it");
        assertThat(TornadoSdk.obstacle(true, 17, home.toString())).contains("JDK 25", "this is 17");
        assertThat(TornadoSdk.obstacle(true, 25, null)).contains("TORNADOVM_HOME is not set", "sdk install");
        assertThat(TornadoSdk.obstacle(true, 25, " ")).contains("TORNADOVM_HOME is not set");
        assertThat(obstacle()).contains(home.toString(), "tornado-argfile", "sdk install");
        install("tornado-argfile", "tornado-api-5.2.0-jdk21.jar");
        assertThat(obstacle()).contains(home.toString(), "not for JDK 25");
    }

    @Test
    void flagsAreTheWordsOfTheArgumentFile() {
        String file = String.join(
                "\n",
                "# === JVM mode ===",
                "-server",
                "-XX:+EnableJVMCI",
                "-XX:+UseParallelGC",
                "",
                "--module-path ." + File.pathSeparator + "${TORNADOVM_HOME}/share/java/tornado",
                "  --add-modules ALL-SYSTEM,tornado.runtime",
                "--add-exports=a/b=c,d");
        assertThat(TornadoSdk.flags(file, "/opt/tornado"))
                .containsExactly(
                        "-server",
                        "-XX:+EnableJVMCI",
                        "--module-path",
                        "/opt/tornado/share/java/tornado",
                        "--add-modules",
                        "ALL-SYSTEM,tornado.runtime",
                        "--add-exports=a/b=c,d");
    }

    /** A module's classes come before those of the class path, whichever version they are. */
    @Test
    void librariesThatWouldHideOursAreNotOnTheModulePath() throws IOException {
        install("tornado-argfile", "tornado-api-5.2.0-jdk25.jar");
        Path jars = home.resolve(Path.of("share", "java", "tornado"));
        for (String jar : List.of("ejml-core-0.38.jar", "jmh-core-1.29.jar", "jopt-simple-4.6.jar", "asm-9.9.jar")) {
            Files.createFile(jars.resolve(jar));
        }
        assertThat(TornadoSdk.flags(
                        "--module-path ." + File.pathSeparator + "${TORNADOVM_HOME}/share/java/tornado",
                        home.toString()))
                .containsExactly(
                        "--module-path",
                        jars.resolve("asm-9.9.jar") + File.pathSeparator + jars.resolve("tornado-api-5.2.0-jdk25.jar"));
    }

    /** Whatever is missing here, the provider says so and does not throw; and it never wins by rank. */
    @Test
    void theProviderIsThereInEveryBuild() {
        DeviceProvider provider = Devices.providers().stream()
                .filter(each -> each.name().equals("tornado"))
                .findFirst()
                .orElseThrow();
        assertThat(provider.absence().isEmpty()).isEqualTo(!provider.devices().isEmpty());
        assertThat(Devices.choose("auto").info().rank()).isGreaterThan(provider.highestRank());
    }
}
