package org.stegokernels.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.remote.RemoteWebDriver;
import org.openqa.selenium.remote.service.DriverCommandExecutor;
import org.stegokernels.testing.TestDevices;

/**
 * Chromium without a window, driven as a person would. Browser and driver are the system's, at the places where Debian
 * puts them; nothing is downloaded. Where they are missing, tests are skipped with a line, or fail if
 * {@code -Dstego.require=chromium} asks for them.
 */
final class Browser implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Duration PATIENCE = Duration.ofSeconds(180);
    private static final int POLL_MILLIS = 20;
    private static final Duration MOVE = Duration.ofMillis(20);
    /** Kept, since a logger that nothing holds forgets its level. */
    private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

    private final RemoteWebDriver driver;

    private Browser(RemoteWebDriver driver) {
        this.driver = driver;
    }

    /** Opens a browser, or skips the tests. */
    static Browser open() {
        String absence = absence();
        TestDevices.requireIfAskedFor("chromium", absence);
        Assumptions.assumeTrue(absence.isEmpty(), absence);
        SELENIUM.setLevel(Level.OFF);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM.toFile());
        // Without a sandbox, since CI runs as root in a container, where Chromium refuses to have one.
        options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .usingAnyFreePort()
                .withEnvironment(Map.of("LD_PRELOAD", ""))
                .build();
        // Unlike ChromeDriver, it doesn't look for Selenium's manager, which would download what it doesn't find.
        RemoteWebDriver driver = new RemoteWebDriver(new DriverCommandExecutor(service), options);
        Browser browser = new Browser(driver);
        browser.resize(1280, 900);
        return browser;
    }

    private static String absence() {
        for (Path needed : List.of(CHROMIUM, DRIVER)) {
            if (!Files.isExecutable(needed)) {
                return needed + " is missing (Debian: apt install chromium chromium-driver)";
            }
        }
        return "";
    }

    void resize(int width, int height) {
        driver.manage().window().setSize(new Dimension(width, height));
    }

    void go(String address) {
        driver.get(address);
    }

    /** Returns what a script returns. */
    Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** Returns what an expression of JavaScript is worth. */
    Object get(String expression) {
        return run("return " + expression);
    }

    String text(String css) {
        return find(css).getText();
    }

    WebElement find(String css) {
        return driver.findElement(By.cssSelector(css));
    }

    List<WebElement> all(String css) {
        return driver.findElements(By.cssSelector(css));
    }

    void click(String css) {
        find(css).click();
    }

    /** Waits until an expression of JavaScript is true. */
    void await(String expression) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!Boolean.TRUE.equals(get("Boolean(" + expression + ")"))) {
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        "still not so: " + expression + "; notes: " + text("#notes") + "; console: " + complaints());
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    /** Presses keys, one after the other, wherever the focus is. */
    void press(CharSequence... keys) {
        new Actions(driver).sendKeys(keys).perform();
    }

    /** Presses a key while others are held. */
    void chord(CharSequence key, Keys... held) {
        Actions actions = new Actions(driver);
        for (Keys each : held) {
            actions.keyDown(each);
        }
        actions.sendKeys(key);
        for (Keys each : held) {
            actions.keyUp(each);
        }
        actions.perform();
    }

    /** Writes over what a field holds and leaves it by Enter. */
    void write(WebElement field, String text) {
        field.click();
        new Actions(driver)
                .keyDown(Keys.CONTROL)
                .sendKeys("a")
                .keyUp(Keys.CONTROL)
                .sendKeys(text, Keys.ENTER)
                .perform();
    }

    /** Moves the pointer to a place within an element, both from 0 to 1. */
    void pointAt(String css, double u, double v) {
        pointing(css, u, v).perform();
    }

    /** Moves the pointer from one place within an element to another, in steps. */
    void sweep(String css, double fromU, double fromV, double toU, double toV, int steps) {
        int[] from = place(css, fromU, fromV);
        int[] to = place(css, toU, toV);
        Actions actions = new Actions(driver, MOVE);
        for (int i = 0; i <= steps; i++) {
            actions.moveToLocation(from[0] + (to[0] - from[0]) * i / steps, from[1] + (to[1] - from[1]) * i / steps);
        }
        actions.perform();
    }

    void clickAt(String css, double u, double v) {
        pointing(css, u, v).click().perform();
    }

    /** Draws a stroke from one place within an element to another. */
    void stroke(String css, double fromU, double fromV, double toU, double toV) {
        int[] from = place(css, fromU, fromV);
        int[] to = place(css, toU, toV);
        new Actions(driver, MOVE)
                .moveToLocation(from[0], from[1])
                .clickAndHold()
                .moveToLocation(to[0], to[1])
                .release()
                .perform();
    }

    private Actions pointing(String css, double u, double v) {
        int[] place = place(css, u, v);
        return new Actions(driver, MOVE).moveToLocation(place[0], place[1]);
    }

    /** Returns where in the window a place within an element is; the driver itself leaves out what CSS scales. */
    private int[] place(String css, double u, double v) {
        List<?> place = (List<?>) run("""
                const box = document.querySelector(arguments[0]).getBoundingClientRect();
                return [box.left + arguments[1] * box.width, box.top + arguments[2] * box.height].map(Math.round);
                """, css, u, v);
        return place.stream().mapToInt(each -> ((Number) each).intValue()).toArray();
    }

    /** Drops files onto the page, as a file manager would. */
    void drop(Path... files) throws IOException {
        List<List<String>> dropped = new ArrayList<>();
        for (Path file : files) {
            dropped.add(List.of(
                    file.getFileName().toString(), Base64.getEncoder().encodeToString(Files.readAllBytes(file))));
        }
        run("""
                const transfer = new DataTransfer();
                for (const [name, text] of arguments[0]) {
                  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
                  transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
                }
                for (const type of ["dragenter", "dragover", "drop"]) {
                  document.body.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
                }
                """, dropped);
    }

    /**
     * Prints the median of what the page measured under a name beside its aim. It is held to the aim only if
     * {@code -Dstego.require=quiet} says that nothing else runs on this machine.
     */
    void report(String name, double aimMillis) {
        List<?> found = (List<?>) run(
                "return performance.getEntriesByName(arguments[0], 'measure').map((entry) => entry.duration + 0.0001)",
                name);
        double[] sorted = found.stream()
                .mapToDouble(each -> ((Number) each).doubleValue())
                .sorted()
                .toArray();
        double median = sorted[sorted.length / 2];
        System.out.printf(
                Locale.ROOT, "page: %s takes %.1f ms (of %d; aim %.0f)%n", name, median, sorted.length, aimMillis);
        if (TestDevices.isAskedFor("quiet")) {
            assertThat(median).as("median of %s", name).isLessThan(aimMillis);
        }
    }

    /** Returns errors of scripts and of the content security policy since the last call. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                // Tests read pixels back, pages don't.
                .filter(message -> !message.contains("willReadFrequently"))
                // Labels of classes that have changed meanwhile: the page asks for newer ones.
                .filter(message -> !(message.contains("/labels?generation=") && message.contains("409")))
                .toList();
    }

    void screenshot(Path file) throws IOException {
        Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
    }

    @Override
    public void close() {
        driver.quit();
    }
}
