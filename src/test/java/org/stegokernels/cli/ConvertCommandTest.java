package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.convert.Checkpoints;

class ConvertCommandTest {
    @TempDir
    private Path folder;

    private static String file(String name) {
        return Checkpoints.file(name).toString();
    }

    @Test
    void aCheckpointIsConvertedAndTheSummarySaysWhatBecameOfIt() {
        Path out = folder.resolve("deit.safetensors");
        CommandLineRun run = CommandLineRun.of("convert", file("deit_f16.pth"), out.toString(), "--heads", "2");
        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(run.out())
                .contains("PyTorch zip", "2 blocks, 16 channels, 2 heads")
                .contains("left out model.head.weight, model.head.bias: classifier head")
                .contains("written  " + out);
        CommandLineRun inspected = CommandLineRun.of("convert", out.toString(), "--inspect");
        assertThat(inspected.out())
                .contains("num_heads = 2", "source_file = deit_f16.pth", "source_dropped = model.head.weight")
                .containsPattern("cls_token +F16 +\\[1, 1, 16] +[0-9a-f]{16}");
    }

    @Test
    void jsonIsForMachines() {
        Path out = folder.resolve("stego.safetensors");
        CommandLineRun run = CommandLineRun.of("convert", file("stego.ckpt"), out.toString(), "--heads", "2", "--json");
        assertThat(run.out()).contains("\"stego\" : true", "\"reason\" : \"decoder of the training\"", "\"sha256\"");
        CommandLineRun inspected = CommandLineRun.of("convert", file("stego.ckpt"), "--inspect", "--json");
        assertThat(inspected.out())
                .contains("\"cfg.dataset_name\" : \"cocostuff27\"", "\"name\" : \"state_dict.net.cluster1.0.weight\"");
    }

    @Test
    void whatCanNotBeConvertedIsABadModelAndLeavesNothing() throws IOException {
        Path out = folder.resolve("out.safetensors");
        Files.writeString(folder.resolve("text.pth"), "no checkpoint at all");
        for (String bad : new String[] {
            file("views_zip.pth"), file("dino.pth"), folder.resolve("text.pth").toString(), "missing.pth", file(".")
        }) {
            CommandLineRun run = CommandLineRun.of("convert", bad, out.toString());
            assertThat(run.exitCode()).as(bad).isEqualTo(ExitCode.BAD_MODEL);
            assertThat(run.err()).startsWith("error: " + bad);
        }
        assertThat(folder).isDirectoryNotContaining("glob:**/out*");
        assertThat(folder).isDirectoryNotContaining("glob:**/.out*");
    }

    @Test
    void onlyTheModelOfTheSameCheckpointIsReplaced() throws IOException {
        Path out = Files.writeString(folder.resolve("out.safetensors"), "a model of somebody else");
        assertUsage(
                "choose another name, or add --overwrite", "convert", file("dino.pth"), out.toString(), "--heads", "2");
        assertThat(out).hasContent("a model of somebody else");
        Files.delete(out);
        String[] convert = {"convert", file("deit_f16.pth"), out.toString(), "--heads", "2"};
        for (int times = 0; times < 2; times++) {
            assertThat(CommandLineRun.of((Object[]) convert).exitCode()).isEqualTo(ExitCode.DONE);
        }
        byte[] made = Files.readAllBytes(out);
        assertUsage("no result of an earlier run", "convert", file("stego.ckpt"), out.toString(), "--heads", "2");
        assertThat(out).hasBinaryContent(made);
        CommandLineRun run =
                CommandLineRun.of("convert", file("stego.ckpt"), out.toString(), "--heads", "2", "--overwrite");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void usageIsChecked() throws IOException {
        Path copy = folder.resolve("dino.pth");
        Files.copy(Checkpoints.file("dino.pth"), copy);
        assertUsage("say which file to write", "convert", file("dino.pth"));
        assertUsage("--inspect writes no file", "convert", file("dino.pth"), "out.safetensors", "--inspect");
        assertUsage("--heads must be 1 or more", "convert", file("dino.pth"), "out.safetensors", "--heads", "0");
        assertUsage("would overwrite the checkpoint", "convert", copy.toString(), copy.toString());
        assertUsage("--dtype", "convert", file("dino.pth"), "out.safetensors", "--dtype", "int8");
    }

    private static void assertUsage(String message, String... arguments) {
        CommandLineRun run = CommandLineRun.of(arguments);
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(message);
    }
}
