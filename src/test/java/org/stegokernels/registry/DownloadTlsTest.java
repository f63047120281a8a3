package org.stegokernels.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.registry.ModelRegistry.ModelStore.DownloadException;
import org.stegokernels.registry.ModelRegistry.ModelStore.PullListener;
import org.stegokernels.testing.FaultyServer;

/** Over TLS, with a certificate made for the purpose. */
@Timeout(180)
class DownloadTlsTest {
    private static final char[] PASSWORD = "secret".toCharArray();
    private static final PullListener IGNORING = new PullListener() {
        @Override
        public void says(String line) {}

        @Override
        public void progress(long done, long total) {}
    };

    @TempDir
    static Path folder;

    private static KeyStore keys;

    private SSLContext usual;
    private HttpsServer server;
    private String location;

    @BeforeEach
    void start() throws Exception {
        if (keys == null) {
            keys = keys();
        }
        usual = SSLContext.getDefault();
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        SSLContext serverContext = SSLContext.getInstance("TLS");
        serverContext.init(own.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(serverContext));
        server.createContext("/file", exchange -> {
            exchange.sendResponseHeaders(200, 4);
            exchange.getResponseBody().write(new byte[] {1, 2, 3, 4});
            exchange.close();
        });
        server.createContext("/moved", exchange -> {
            exchange.getResponseHeaders().add("Location", location);
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        SSLContext.setDefault(usual);
    }

    private static KeyStore keys() throws Exception {
        Path file = folder.resolve("keys.p12");
        String[] command = {
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            "test",
            "-keyalg",
            "EC",
            "-dname",
            "CN=localhost",
            "-ext",
            "san=ip:127.0.0.1",
            "-keystore",
            file.toString(),
            "-storepass",
            new String(PASSWORD)
        };
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        return keys;
    }

    private static void trust() throws Exception {
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trusted.getTrustManagers(), null);
        SSLContext.setDefault(context);
    }

    private Path download(String path) throws IOException {
        Path target = folder.resolve("model.pth");
        Files.deleteIfExists(target);
        URI address = URI.create("https://127.0.0.1:" + server.getAddress().getPort() + path);
        new Download(address, target, null, Long.MAX_VALUE, Download.Patience.DEFAULT, IGNORING).run();
        return target;
    }

    @Test
    void aTrustedServerIsBelieved() throws Exception {
        trust();
        assertThat(download("/file")).hasBinaryContent(new byte[] {1, 2, 3, 4});
        location = "/file";
        assertThat(download("/moved")).hasBinaryContent(new byte[] {1, 2, 3, 4});
    }

    @Test
    void anUnknownCertificateIsNotBelieved() {
        assertThatThrownBy(() -> download("/file"))
                .isInstanceOf(DownloadException.class)
                .hasMessageContaining("no safe connection to 127.0.0.1");
    }

    @Test
    void nobodyIsSentFromHttpsToHttp() throws Exception {
        trust();
        try (FaultyServer plain =
                new FaultyServer((request, out) -> FaultyServer.send(request, out, new byte[9], "\"v\""))) {
            location = plain.address("/model.pth").toString();
            assertThatThrownBy(() -> download("/moved")).hasMessageContaining("unsafe address, at last to " + location);
            assertThat(plain.requests()).isEmpty();
        }
    }
}
