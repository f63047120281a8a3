package org.stegokernels.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the digest of "abc" in FIPS 180-4. */
class Sha256Test {
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void everyWayInGivesTheSameDigest(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("abc"), "abc");
        Sha256 stream = new Sha256();
        stream.write('a');
        stream.write(new byte[] {'x', 'b', 'x'}, 1, 1);

        assertThat(stream.add("c").hex()).isEqualTo(ABC);
        assertThat(Sha256.hex("abc")).isEqualTo(ABC);
        assertThat(Sha256.hex(file)).isEqualTo(ABC);
        assertThat(Sha256.of(new byte[] {'a', 'b', 'c'}))
                .hasSize(Sha256.BYTES)
                .isEqualTo(HexFormat.of().parseHex(ABC));
    }
}
