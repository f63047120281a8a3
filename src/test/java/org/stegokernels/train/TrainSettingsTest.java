package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.stegokernels.data.Dataset.CropKind;
import org.stegokernels.train.TrainSettings.Source;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.vit.Backbone.FeatureKind;

/** Settings come from four places, later ones win, and whatever is wrong is said in the words of the file. */
class TrainSettingsTest {
    @TempDir
    Path folder;

    @Test
    void defaultsAreThePublishedOnes() {
        TrainSettings settings = Source.defaults().settings();
        assertThat(settings.schedule().steps()).isEqualTo(5000);
        assertThat(settings.data().batch()).isEqualTo(16);
        assertThat(settings.optimizer().headRate()).isEqualTo(5e-4);
        assertThat(settings.model().feature()).isEqualTo(FeatureKind.FEAT);
        assertThat(settings.correspondence().loss())
                .isEqualTo(new CorrespondenceLoss.Settings(
                        new CorrespondenceLoss.TermSettings(0.67, 0.18),
                        new CorrespondenceLoss.TermSettings(0.25, 0.12),
                        new CorrespondenceLoss.TermSettings(0.63, 0.46),
                        true,
                        true,
                        false));
    }

    @Test
    void laterPlacesWin() throws Exception {
        Path file = folder.resolve("mine.yml");
        Files.writeString(file, "max_steps: 7\ndim: 12\ncrop_type: ~\n");
        TrainSettings settings = Source.defaults()
                .preset("cocostuff27_vit_base")
                .file(file)
                .set("dim=13")
                .set("dino_feat_type=KK")
                .set("lr=1e-3")
                .settings();
        assertThat(settings.schedule().steps()).isEqualTo(7);
        assertThat(settings.model().code()).isEqualTo(13);
        assertThat(settings.optimizer().headRate()).isEqualTo(1e-3);
        assertThat(settings.model().feature()).isEqualTo(FeatureKind.KK);
        assertThat(settings.data().crop()).isEqualTo(CropKind.NONE);
        assertThat(settings.correspondence().terms().negative().shift()).isEqualTo(1);
        assertThat(settings.correspondence().terms().intra().weight()).isEqualTo(0.1);
    }

    @ParameterizedTest
    @FieldSource("org.stegokernels.train.TrainSettings$Source#PRESETS")
    void everyPresetIsThere(String name) {
        assertThat(Source.defaults().preset(name).settings())
                .isNotEqualTo(Source.defaults().settings());
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        TrainSettings settings = Source.defaults().preset("cityscapes_vit_base").settings();
        assertThat(Source.defaults().text("written", Source.yaml(settings)).settings())
                .isEqualTo(settings);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "neg_inter_shfit=1|neg_inter_shfit|the nearest is neg_inter_shift",
                "batchsize=1|batchsize|the nearest is batch_size",
                "num_workers=3|num_workers|use --threads",
                "max_steps=many|max_steps must be a whole number|many",
                "max_steps=1.5|max_steps|1.5",
                "max_steps=0|max_steps must be at least 1|not 0",
                "max_steps=~|max_steps must|null",
                "lr=-1|lr must be above 0|-1.0",
                "lr=.nan|lr=.nan|line 1",
                "zero_clamp=maybe|zero_clamp must be true or false|maybe",
                "crop_type=six|crop_type must be one of|FIVE",
                "dim=[3]|dim must be|[3]",
                "dim|not of the form key=value: write dim=70|dim",
                "=70|not of the form key=value|=70",
                "learning_rate|learning_rate is no setting|use lr",
                "learning_rate=1e-3|learning_rate is no setting|use lr",
                "foo=1|there is no setting \"foo\"|there are objective, max_steps, batch_size,",
                "objective=dino|objective must be one of|SMOOSEG",
                "teacher_temperature=0|teacher_temperature must be above 0|0.0",
                "teacher_momentum=1|teacher_momentum must be|1.0",
                "dropout_rate=1|dropout_rate must be at least 0|1.0",
                "feature_samples=65|feature_samples must be in 1..64|65",
                "res=4097|res must be in 1..4096|4097",
            })
    void mistakesAreNamed(String assignment, String first, String second) {
        assertThatThrownBy(() -> Source.defaults().set(assignment))
                .isInstanceOf(TrainingException.BadSettings.class)
                .hasMessageContaining(first)
                .hasMessageContaining(second);
    }

    @Test
    void lossesOfAnotherObjectiveAreRefused() {
        Source smooseg = Source.defaults().set("objective=smooseg");
        assertThatThrownBy(() -> smooseg.set("rec_weight=0.5"))
                .isInstanceOf(TrainingException.BadSettings.class)
                .hasMessageContaining("rec_weight=0.5: ")
                .hasMessageContaining("belong to objective stego, not to SMOOSEG");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dim: 1\\ndim: 2|dim",
                "dim: 1\\n---\\ndim: 2|mine.yml",
                "- dim|key: value",
                "dim: {|mine.yml",
                "5|key: value",
            })
    void filesThatAreNoSettingsAreRefused(String content, String expected) throws Exception {
        Path file = folder.resolve("mine.yml");
        Files.writeString(file, content.replace("\\n", "\n"));
        assertThatThrownBy(() -> Source.defaults().file(file))
                .isInstanceOf(TrainingException.BadSettings.class)
                .hasMessageContaining("mine.yml: ")
                .hasMessageContaining(expected);
    }

    @Test
    void anEmptyFileChangesNothing() throws Exception {
        Path file = folder.resolve("mine.yml");
        Files.writeString(file, "# nothing\n");
        assertThat(Source.defaults().file(file).settings())
                .isEqualTo(Source.defaults().settings());
        assertThatThrownBy(() -> Source.defaults().file(folder.resolve("none.yml")))
                .isInstanceOf(TrainingException.BadSettings.class)
                .hasMessageContaining("no such file");
    }
}
