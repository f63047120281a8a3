package org.stegokernels.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.RgbImage;
import org.stegokernels.serve.Workbench.Photograph;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;

/** Takes the documentation's picture of the workbench, where {@code -Dstego.write=picture} asks for it: the temple is clicked. */
@EnabledIfSystemProperty(named = "stego.write", matches = "picture")
class WorkbenchPictureTest {
    private static final Path PICTURE = Path.of("target/workbench.png");

    @TempDir
    Path folder;

    @Test
    void thePictureShowsWhatIsLikeTheTemple() throws IOException {
        List<Photograph> photographs = Stream.of("temple.jpg", "mountains.jpg", "meadow.jpg")
                .map(name -> new Photograph(Path.of("examples", name), Path.of(name)))
                .toList();
        Workbench.Settings settings = new Workbench.Settings(
                "demo",
                photographs,
                folder.resolve("out"),
                0,
                null,
                Segmenter.Options.DEFAULT,
                ImageReader.Limits.DEFAULT);
        try (Browser browser = Browser.open();
                Device device = Devices.choose("cpu").open(Device.Options.DEFAULT);
                Stego model = Stego.demo(device);
                Workbench workbench = Workbench.open(settings, model)) {
            browser.go(workbench.address());
            browser.await("document.body.classList.contains('loaded')");
            browser.await("document.querySelector('#progress').getAttribute('aria-valuenow') === '3'");
            browser.await("document.querySelectorAll('#grid .painted').length === 3");
            browser.run(
                    "[...document.querySelectorAll('#grid .tile')].find((each) => each.textContent.includes('temple')"
                            + " || each.getAttribute('aria-label')?.includes('temple')).click()");
            browser.await("document.querySelector('#overlay').width > 1");
            browser.press("c");
            browser.clickAt("#sheet", 0.49, 0.44);
            browser.await("document.querySelectorAll('#match-list li').length === 2");
            browser.await("document.querySelector('#matches-said').textContent === 'in 2 other photographs'");
            browser.run("document.activeElement.blur()");
            browser.screenshot(PICTURE);
            assertThat(browser.complaints()).isEmpty();
        }
        RgbImage picture = ImageReader.read(PICTURE);
        assertThat(picture.width()).isEqualTo(1280);
        assertThat(Files.size(PICTURE)).isPositive();
    }
}
