/* A device for `stego-kernels verify --device exec:./port`: answers requests until standard input ends. */
#include "kernels.h"
#include "message.h"
#include <stdio.h>
#include <string.h>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

static message *m;

static tensor in(const char *name) { return message_in(m, name); }

static tensor out(const char *name) { return message_out(m, name); }

static double number(const char *name) { return message_number(m, name); }

static int integer(const char *name) { return (int)message_number(m, name); }

static enum activation activation(void) {
    const char *word = message_word(m, "activation");
    return !strcmp(word, "GELU") ? GELU : !strcmp(word, "RELU") ? RELU : NONE;
}

static const char *run_mean_field(void) {
    tensor positions[16];
    char name[32];
    int kernels = (int)elements(in("weights"));
    if (kernels > 16) return "more than 16 kernels";
    for (int i = 0; i < kernels; i++) {
        sprintf(name, "positions.%d", i);
        positions[i] = in(name);
    }
    return mean_field(in("logits"), positions, in("weights"), integer("iterations"), out("out"));
}

static void run_correspondence(void) {
    correspondence_rule rule = {
        message_flag(m, "pointwise"), message_flag(m, "zeroClamp"), message_flag(m, "stabilize"), number("shift")};
    correspondence(
        in("features1"), in("features2"), in("code1"), in("code2"), rule, number("weight"), out("gradCode1"),
        out("gradCode2"), out("loss"));
}

static const char *run_crf_loss(void) {
    guidance_settings s = {
        number("alpha"), number("beta"), number("gamma"), number("w1"), number("w2"), number("shift")};
    return crf_loss(in("guidance"), in("code"), in("points"), s, number("weight"), out("gradCode"), out("loss"));
}

static void run_adam(void) {
    adam_settings s = {number("learningRate"), number("beta1"), number("beta2"), number("epsilon")};
    adam(out("parameter"), in("gradient"), out("mean"), out("square"), s, integer("step"));
}

/* Runs the operation of this name: 0 if there is none. *wrong says which index is out of range, if one is. */
static int run(const char *name, const char **wrong) {
#define IS(operation) (!strcmp(name, operation))
    if IS ("hello") return 1;
    if IS ("linear")
        linear(in("x"), in("weight"), in("bias"), activation(), in("residual"), out("out"));
    else if IS ("patchEmbed")
        patch_embed(
            in("image"), in("weight"), in("bias"), integer("patch"), in("prefix"), in("positions"), out("out"));
    else if IS ("bicubic")
        bicubic(in("x"), number("scaleY"), number("scaleX"), out("out"));
    else if IS ("layerNorm")
        layer_norm(in("x"), in("gamma"), in("beta"), number("epsilon"), out("out"));
    else if IS ("gelu")
        gelu(in("x"), out("out"));
    else if IS ("swiGlu")
        swi_glu(in("x"), out("out"));
    else if IS ("rope")
        rope(in("cos"), in("sin"), out("qkv"));
    else if IS ("attention")
        attention(in("qkv"), integer("heads"), out("out"));
    else if IS ("attentionWeights")
        attention_weights(in("qkv"), integer("heads"), out("out"));
    else if IS ("slice")
        slice(in("x"), integer("firstRow"), integer("firstChannel"), out("out"));
    else if IS ("normalize")
        normalize(in("x"), number("epsilon"), out("out"));
    else if IS ("bilinear")
        bilinear(in("x"), out("out"));
    else if IS ("softmax")
        softmax(in("x"), number("scale"), out("out"));
    else if IS ("logSoftmax")
        log_softmax(in("x"), number("scale"), out("out"));
    else if IS ("argmax")
        argmax(in("x"), out("out"));
    else if IS ("mirrorMean")
        mirror_mean(in("x"), out("out"));
    else if IS ("clusterSums")
        *wrong = cluster_sums(in("points"), in("labels"), out("sums"), out("counts"));
    else if IS ("buildLattice")
        *wrong = build_lattice(in("positions"), out("vertices"));
    else if IS ("latticeFilter")
        *wrong = lattice_filter(in("positions"), in("x"), out("out"));
    else if IS ("meanField")
        *wrong = run_mean_field();
    else if IS ("linearGradient")
        linear_gradient(
            in("x"), in("weight"), in("gradOut"), out("gradX"), out("gradWeight"), out("gradBias"));
    else if IS ("fill")
        fill(out("out"), number("value"));
    else if IS ("addScaled")
        add_scaled(in("x"), number("factor"), out("sum"));
    else if IS ("reluGradient")
        relu_gradient(in("y"), in("gradOut"), out("gradX"));
    else if IS ("scaleChannels")
        scale_channels(in("x"), in("factors"), out("out"));
    else if IS ("normalizeGradient")
        normalize_gradient(in("x"), number("epsilon"), in("gradOut"), out("gradX"));
    else if IS ("softmaxGradient")
        softmax_gradient(in("y"), number("scale"), in("gradOut"), out("gradX"));
    else if IS ("bilinearGradient")
        bilinear_gradient(in("gradOut"), out("gradX"));
    else if IS ("gridSample")
        *wrong = grid_sample(in("x"), in("images"), in("coords"), out("out"));
    else if IS ("gridSampleGradient")
        *wrong = grid_sample_gradient(in("gradOut"), in("images"), in("coords"), out("gradX"));
    else if IS ("correspondence")
        run_correspondence();
    else if IS ("crossEntropy")
        cross_entropy(
            in("logits"), in("labels"), in("classWeights"), number("weight"), out("gradLogits"), out("loss"));
    else if IS ("assignmentLoss")
        assignment_loss(in("cosines"), number("alpha"), number("weight"), out("gradCosines"), out("loss"));
    else if IS ("agreementLoss")
        agreement_loss(in("a"), in("b"), number("weight"), out("gradA"), out("loss"));
    else if IS ("crfLoss")
        *wrong = run_crf_loss();
    else if IS ("adam")
        run_adam();
    else if IS ("topK")
        top_k(in("queries"), in("keys"), out("similarities"), out("indices"));
    else if IS ("nearestCenters")
        *wrong = nearest_centers(
            in("points"), in("rows"), in("centers"), out("labels"), out("sums"), out("counts"));
    else if IS ("runningMeans")
        running_means(in("sums"), in("counts"), out("totals"), out("means"));
    else
        return 0;
    return 1;
}

int main(void) {
#ifdef _WIN32
    _setmode(_fileno(stdin), _O_BINARY);
    _setmode(_fileno(stdout), _O_BINARY);
#endif
    while ((m = message_read())) {
        const char *wrong = NULL;
        if (strcmp(message_word(m, "protocol"), "1") != 0) {
            message_refuse("error", "this program speaks protocol 1");
        } else if (!run(message_word(m, "operation"), &wrong)) {
            message_refuse("unsupported", "no such operation");
        } else if (wrong) {
            message_refuse("refused", wrong);
        } else {
            message_answer(m);
        }
        message_free(m);
    }
    return 0;
}
