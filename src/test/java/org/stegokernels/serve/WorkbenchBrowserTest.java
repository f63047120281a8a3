package org.stegokernels.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.serve.Workbench.Photograph;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.stegokernels.cli.Main;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.ImageReader;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;

/** The page in a real browser: what a person does there, from dropping photographs to a saved model that `segment` takes. */
class WorkbenchBrowserTest {
    private static final Path TEMPLE = Path.of("examples/temple.jpg");
    private static final Path MEADOW = Path.of("examples/meadow.jpg");
    private static final Path MOUNTAINS = Path.of("examples/mountains.jpg");
    private static final double FRAME_MILLIS = 16;
    private static final double RANK_MILLIS = 100;
    private static final double TEACH_MILLIS = 1000;

    private static Browser browser;
    private static Device device;
    private static Stego model;

    @TempDir
    Path folder;

    private Workbench workbench;

    @BeforeAll
    static void openBrowser() {
        browser = Browser.open();
        device = Devices.choose("cpu").open(Device.Options.DEFAULT);
        model = Stego.demo(device);
    }

    @AfterAll
    static void closeBrowser() {
        if (browser != null) {
            browser.close();
            model.close();
            device.close();
        }
    }

    private void serve(Path... photographs) throws IOException {
        List<Photograph> given = Arrays.stream(photographs)
                .map(file -> new Photograph(file, file.getFileName()))
                .toList();
        serve(given, Segmenter.Options.DEFAULT.withSize(160));
    }

    private void serve(List<Photograph> photographs, Segmenter.Options options) throws IOException {
        workbench = Workbench.open(
                new Workbench.Settings(
                        "demo", photographs, folder.resolve("out"), 0, null, options, ImageReader.Limits.DEFAULT),
                model);
        browser.go(workbench.address());
        browser.await("document.body.classList.contains('loaded')");
    }

    @AfterEach
    void nothingWentWrong() {
        if (workbench != null) {
            List<String> complaints = browser.complaints();
            browser.go("about:blank");
            workbench.close();
            assertThat(complaints).isEmpty();
        }
    }

    private void openFirst() {
        browser.await("document.querySelector('#grid .painted')");
        browser.click("#grid .painted .tile");
        browser.await("document.querySelector('#overlay').width > 1");
    }

    private WebElement nameField(int index) {
        return browser.all("#class-list .name").get(index);
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        for (Object name : (List<?>)
                browser.get("[...document.querySelectorAll('#class-list .name')].map((each) => each.value)")) {
            names.add((String) name);
        }
        return names;
    }

    @Test
    void droppedPhotographsShowTheirMasks() throws IOException {
        serve();
        assertThat(browser.text("#empty")).contains("Drop some here");
        browser.drop(TEMPLE, MEADOW);
        browser.await("document.querySelectorAll('#grid .painted').length === 2");
        assertThat(browser.find("#empty").isDisplayed()).isFalse();
        assertThat(browser.text("#found")).isEqualTo("2 photographs");
        assertThat((Boolean) browser.get("""
                        [...document.querySelectorAll("#grid canvas")].every((canvas) => {
                          const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                          const colours = new Set();
                          for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] > 0) colours.add(pixels.slice(i, i + 3).join());
                          return canvas.width > 100 && colours.size >= 2;
                        })
                        """)).isTrue();
        assertThat(browser.find("#grid .tile").getAccessibleName())
                .contains("temple.jpg")
                .contains("%");
    }

    @Test
    void whatIsNoPhotographIsRefusedWithItsReason() throws IOException {
        serve(TEMPLE);
        Path text = Files.writeString(folder.resolve("letter.jpg"), "Dear photograph");
        browser.drop(text);
        browser.await("document.querySelector('.note.error, [data-state=failed]')");
        assertThat(browser.text("body")).contains("letter.jpg");
        // The browser itself reports the refusal in its console.
        browser.complaints();
    }

    @Test
    void anAnswerThatComesAfterLaterEventsTakesNothingBack() throws IOException {
        serve(TEMPLE);
        browser.run("""
                const ask = window.fetch;
                const shown = async () => { while (!document.querySelector("[data-state=failed]")) await new Promise(requestAnimationFrame); };
                window.fetch = async (path, options) => {
                  const answer = await ask(path, options);
                  if (options?.method === "POST") await shown();
                  return answer;
                };
                """);
        browser.drop(Files.writeString(folder.resolve("letter.jpg"), "Dear photograph"));
        browser.await("document.querySelector('#notes').textContent.includes('Added 1 photograph')");
        assertThat(browser.all("[data-state=failed]")).hasSize(1);
        browser.complaints();
    }

    @Test
    void movingOverThePictureShowsWhatIsAlike() throws IOException {
        serve(TEMPLE, MEADOW);
        openFirst();
        browser.press("c");
        browser.pointAt("#sheet", 0.5, 0.1);
        browser.await("document.querySelector('#sheet.heat')");
        browser.sweep("#sheet", 0.1, 0.2, 0.9, 0.7, 40);
        browser.pointAt("#sheet", 0.52, 0.12);
        browser.await("performance.getEntriesByName('hover').length > 30");
        browser.report("hover", FRAME_MILLIS);
        // The patch under the pointer is the most alike of all: none is brighter, and others are much darker.
        assertThat((Boolean) browser.get("""
                        (() => {
                          const canvas = document.querySelector("#overlay");
                          const { width, height } = canvas;
                          const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
                          const bright = Array.from({ length: width * height }, (_, at) => data[4 * at] + data[4 * at + 1]);
                          const most = Math.max(...bright);
                          const near = (at, wanted) => Math.abs(at + 0.5 - wanted) <= 1.5;
                          const here = bright.filter((_, at) => near(at % width, 0.52 * width) && near(Math.floor(at / width), 0.12 * height));
                          return Math.max(...here) === most && Math.min(...bright) < most / 3;
                        })()
                        """)).isTrue();
    }

    @Test
    void aClickRanksAHundredPhotographsAtOnce() throws IOException {
        List<Photograph> many = new ArrayList<>();
        for (int i = 0; i < 101; i++) {
            Path file = List.of(TEMPLE, MEADOW, MOUNTAINS).get(i % 3);
            many.add(new Photograph(file, Path.of("photograph" + i + ".jpg")));
        }
        serve(many, Segmenter.Options.DEFAULT.withFlip(false));
        browser.await("document.querySelector('#progress').getAttribute('aria-valuenow') === '101'");
        openFirst();
        browser.press("c");
        browser.await(
                "performance.getEntriesByType('resource').filter((each) => each.name.includes('/vectors')).length >= 101");
        for (int i = 0; i < 3; i++) {
            browser.clickAt("#sheet", 0.3 + 0.1 * i, 0.3);
        }
        browser.await("document.querySelectorAll('#match-list li').length > 10");
        browser.await("document.querySelector('#matches-said').textContent === 'in 100 other photographs'");
        browser.report("rank", RANK_MILLIS);
        List<?> scores = (List<?>)
                browser.get("[...document.querySelectorAll('#match-list b')].map((each) => Number(each.textContent))");
        List<Double> best =
                scores.stream().map(each -> ((Number) each).doubleValue()).toList();
        assertThat(best).isSortedAccordingTo((a, b) -> Double.compare(b, a));
        // Every third photograph is the same one.
        assertThat(best.get(0)).isGreaterThan(0.99);
        browser.click("#matches-grid");
        browser.await("document.querySelectorAll('#grid .heat.painted').length > 5");
        browser.click("#unrank");
        browser.await("document.querySelectorAll('#grid .heat').length === 0");
    }

    @Test
    void namesAreWrittenInPlaceClassesMergedAndAllOfItUndone() throws IOException {
        serve(TEMPLE);
        browser.await("document.querySelector('#grid .painted')");
        List<String> before = names();
        browser.write(nameField(0), "heaven");
        browser.await("document.querySelector('#undo').disabled === false");
        browser.await("document.querySelector('#undo').getAttribute('aria-label').includes(':')");
        List<String> renamed = new ArrayList<>(before);
        renamed.set(0, "heaven");
        assertThat(names()).isEqualTo(renamed);
        browser.press(Keys.ESCAPE);

        for (int i = 1; i <= 2; i++) {
            browser.all("#class-list input[type=checkbox]").get(i).click();
        }
        browser.run("document.querySelector('#merge-name').value = 'stuff'");
        browser.click("#merge");
        browser.await("document.querySelectorAll('#class-list > li').length === " + (before.size() - 1));
        assertThat(names()).contains("heaven", "stuff");

        browser.run("document.activeElement.blur()");
        browser.chord("z", Keys.CONTROL);
        browser.await("document.querySelectorAll('#class-list > li').length === " + before.size());
        assertThat(names()).isEqualTo(renamed);
        browser.chord("z", Keys.CONTROL);
        browser.await("document.querySelector('#undo').disabled");
        assertThat(names()).isEqualTo(before);
        browser.chord("z", Keys.CONTROL, Keys.SHIFT);
        browser.await("document.querySelector('#class-list .name').value === 'heaven'");
    }

    @Test
    void twoClassesOfOneNameBecomeOne() throws IOException {
        serve(TEMPLE);
        List<String> before = names();
        browser.write(nameField(0), before.get(1));
        browser.await("document.querySelectorAll('#class-list > li').length === " + (before.size() - 1));
    }

    @Test
    void aClassIsSplitAndItsTypicalPatchesAreShown() throws IOException {
        serve(TEMPLE, MEADOW);
        browser.await("document.querySelectorAll('#grid .painted').length === 2");
        int before = names().size();
        browser.await(
                "[...document.querySelectorAll('.class .share')].some((each) => parseInt(each.textContent) > 20)");
        browser.run("[...document.querySelectorAll('.class')]"
                + ".find((each) => parseInt(each.querySelector('.share').textContent) > 20)"
                + ".querySelector('input[type=checkbox]').click()");
        browser.click("#split");
        browser.await("document.querySelectorAll('#class-list > li').length === " + (before + 1));
        browser.await("[...document.querySelectorAll('.class .share')].some((each) => parseInt(each.textContent) > 5)");
        browser.run(
                "[...document.querySelectorAll('.class')]"
                        + ".find((each) => parseInt(each.querySelector('.share').textContent) > 5).querySelector('.bare').click()");
        browser.await("document.querySelectorAll('.atlas button').length > 3");
        browser.await("""
                [...document.querySelectorAll(".atlas canvas")].every(
                  (canvas) => canvas.getContext("2d").getImageData(0, 0, 1, 1).data[3] === 255)
                """.strip());
        browser.click(".atlas button");
        browser.await("!document.querySelector('#picture').hidden");
    }

    @Test
    void thePageFitsSmallAndLargeScreens() throws IOException {
        serve(TEMPLE, MEADOW);
        browser.await("document.querySelectorAll('#grid .painted').length === 2");
        try {
            for (int width : new int[] {400, 760, 1100, 3840}) {
                browser.resize(width, 900);
                assertThat(browser.get("innerWidth")).isEqualTo((long) width);
                for (String state : List.of("grid", "c", "t")) {
                    if (state.equals("c")) {
                        openFirst();
                    }
                    if (!state.equals("grid")) {
                        browser.press(state);
                    }
                    assertThat((List<?>) browser.get("""
                                    [...document.querySelectorAll("#top button, .tools, .tools button, #stage, #matches header > *")]
                                      .filter((each) => each.offsetWidth > 0)
                                      .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
                                      .map((each) => each.id || each.className)
                                    """))
                            .as("out of sight at %d pixels, %s", width, state)
                            .isEmpty();
                }
                browser.press("v", Keys.ESCAPE);
                browser.await("document.querySelector('#picture').hidden");
            }
        } finally {
            browser.resize(1280, 900);
        }
    }

    @Test
    void moreAndFewerClustersAreFoundAtOnce() throws IOException {
        serve(TEMPLE, MEADOW);
        browser.await("document.querySelectorAll('#grid .painted').length === 2");
        browser.write(browser.find("#clusters"), "5");
        browser.await("document.querySelectorAll('#class-list > li').length === 5");
        browser.click("#more");
        browser.await("document.querySelectorAll('#class-list > li').length === 6");
        browser.await("document.querySelectorAll('#grid .painted').length === 2");
    }

    @Test
    void threeStrokesTeachAClass() throws IOException {
        serve(TEMPLE, MEADOW);
        openFirst();
        browser.press("t");
        browser.run(
                "const list = document.querySelector('#teach-class'); list.value = 'new'; list.dispatchEvent(new Event('change'))");
        browser.press("heaven");
        browser.stroke("#sheet", 0.2, 0.08, 0.8, 0.08);
        browser.await("performance.getEntriesByName('teach').length === 1");
        browser.stroke("#sheet", 0.3, 0.2, 0.6, 0.15);
        browser.await("performance.getEntriesByName('teach').length === 2");
        browser.press("x");
        browser.stroke("#sheet", 0.2, 0.9, 0.8, 0.9);
        browser.await("performance.getEntriesByName('teach').length === 3");
        assertThat(browser.text("#notes")).isEmpty();
        browser.report("teach", TEACH_MILLIS);
        assertThat(names()).contains("heaven");
        int index = names().indexOf("heaven");
        browser.await("document.querySelectorAll('#class-list .share')[" + index + "].textContent !== '0%'");
        browser.press("v");
        browser.pointAt("#sheet", 0.5, 0.08);
        browser.await("document.querySelector('#tag b').textContent === 'heaven'");
    }

    @Test
    void aSavedModelShowsNamesAndColoursWhenSegmentTakesIt() throws IOException {
        serve(TEMPLE);
        browser.await("document.querySelector('#grid .painted')");
        browser.write(nameField(0), "heaven");
        browser.await("!document.querySelector('#undo').disabled");
        browser.run("const colour = document.querySelector('#class-list input[type=color]');"
                + "colour.value = '#123456'; colour.dispatchEvent(new Event('change'))");
        browser.await("document.querySelector('#undo').title.toLowerCase().includes('colo')");
        browser.press(Keys.ESCAPE);
        browser.click("#save");
        WebElement name = browser.find("#save-name");
        browser.write(name, "named.safetensors");
        browser.await("document.querySelector('#save-written code')");
        Path saved = folder.resolve("out/named.safetensors").toAbsolutePath();
        assertThat(browser.text("#save-written")).contains(saved.toString(), "stego-kernels segment");
        assertThat(saved).isRegularFile();

        Path masks = folder.resolve("masks");
        String[] command = {
            "segment", TEMPLE.toString(), "-m", saved.toString(), "-o", masks.toString(), "--size", "160"
        };
        PrintStream silent = new PrintStream(PrintStream.nullOutputStream());
        assertThat(Main.run(command, silent, silent)).isZero();
        JsonNode summary =
                new ObjectMapper().readTree(masks.resolve("summary.json").toFile());
        Map<String, String> colours = new HashMap<>();
        summary.get("classes")
                .forEach(each ->
                        colours.put(each.get("name").asText(), each.get("color").asText()));
        assertThat(colours).containsEntry("heaven", "#123456");
    }

    @Test
    void exportsAreWrittenBelowTheGivenFolder() throws IOException {
        serve(TEMPLE);
        browser.await("document.querySelector('#grid .painted')");
        browser.press("e");
        browser.click("#export-now");
        browser.await("document.querySelector('#export-written code')");
        Path written = Path.of(browser.text("#export-written code"));
        assertThat(written.toAbsolutePath())
                .startsWith(folder.resolve("out").toAbsolutePath())
                .exists();
    }

    @Test
    void namesNeverAct() throws IOException {
        String evil = "<img src=x onerror=document.acted=1>\"'<b>";
        serve();
        browser.drop(Files.copy(TEMPLE, folder.resolve("<b onmouseover=document.acted=1>x.jpg")));
        browser.await("document.querySelector('#grid .painted')");
        browser.write(nameField(0), evil);
        browser.await("!document.querySelector('#undo').disabled");
        browser.press(Keys.ESCAPE, "1");
        browser.await("document.querySelector('.atlas button, .atlas .hint')");
        openFirst();
        browser.press("t");
        browser.pointAt("#sheet", 0.5, 0.5);
        assertThat(names()).contains(evil);
        assertThat(browser.text("#picture-name")).startsWith("<b onmouseover");
        assertThat(browser.get("document.acted")).isNull();
        assertThat(browser.all("main b[onmouseover], main img[src=x]")).isEmpty();
    }

    @Test
    void everythingCanBeDoneFromTheKeyboard() throws IOException {
        serve(TEMPLE, MEADOW);
        browser.await("document.querySelectorAll('#grid .painted').length === 2");
        browser.run("document.querySelector('#grid [tabindex=\"0\"]').focus()");
        browser.press(Keys.ARROW_RIGHT);
        browser.press(Keys.ENTER);
        browser.await("document.querySelector('#picture-name').textContent === 'meadow.jpg'");
        browser.press(Keys.ARROW_DOWN);
        browser.await("document.querySelector('#live').textContent.includes('sure')");
        browser.press("+");
        browser.await("document.querySelector('#zoom').value !== '100%'");
        browser.press("0");
        browser.await("document.querySelector('#zoom').value === '100%'");
        browser.press(" ");
        assertThat(browser.get("getComputedStyle(document.querySelector('#overlay')).opacity"))
                .isEqualTo("0");
        browser.press(" ", "p");
        browser.await("document.querySelector('#picture-name').textContent === 'temple.jpg'");
        browser.press("c");
        browser.press(Keys.ARROW_UP);
        browser.await("document.querySelector('#live').textContent.includes('alike')");
        browser.press(Keys.ENTER);
        browser.await("document.querySelectorAll('#match-list li').length === 1");
        assertThat(browser.find("#pin").isDisplayed()).isTrue();
        browser.press("v");
        assertThat(browser.find("#pin").isDisplayed()).isFalse();
        browser.press(Keys.ESCAPE);
        browser.await("document.querySelector('#picture').hidden");
        assertThat(browser.get("document.activeElement.className")).isEqualTo("tile");
        browser.press("?");
        assertThat(browser.find("#keys-dialog").isDisplayed()).isTrue();
        browser.press(Keys.ESCAPE);
    }

    @Test
    void everyControlHasANameForScreenReaders() throws IOException {
        serve(TEMPLE);
        browser.await("document.querySelector('#grid .painted')");
        browser.press("1");
        browser.await("document.querySelector('.atlas button, .atlas .hint')");
        browser.press(Keys.ESCAPE);
        openFirst();
        for (String mode : List.of("c", "t")) {
            browser.press(mode);
            for (WebElement control : browser.all("button, input, select, a, [role=application], section[id]")) {
                if (control.isDisplayed()) {
                    assertThat(control.getAccessibleName())
                            .as("%s", control.getDomProperty("outerHTML"))
                            .isNotBlank();
                }
            }
        }
    }
}
