package org.stegokernels.convert;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.stegokernels.stego.ModelFile;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.stego.Stego;
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.HuggingFaceConfig;
import org.stegokernels.vit.OtherArchitecture;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TensorIndex;
import org.stegokernels.weights.TensorIndex.TensorSource;
import org.stegokernels.weights.TypedTensor;

/**
 * The tensors that go from a file into a new one, judged by names and shapes, before any value is read.
 *
 * @param names whose names the tensors have, for people
 * @param tensors what goes into the new file
 * @param metadata of the new file
 * @param stego whether that is a STEGO model
 */
record ConversionPlan(
        String names,
        Architecture backbone,
        Map<String, TypedTensor> tensors,
        Map<String, String> metadata,
        boolean stego,
        List<CheckpointConverter.Report.Dropped> dropped,
        List<String> notes) {

    /**
     * @param heads of the attention, whatever else says
     * @param config what stands beside the file; what the file says itself counts more
     * @throws ModelException if there is no model in it that this program knows
     */
    static ConversionPlan of(OpenedCheckpoint checkpoint, OptionalInt heads, Optional<HuggingFaceConfig> config) {
        TensorSource source = UnwrappedNames.of(checkpoint.tensors());
        try {
            return of(checkpoint, source, heads, config);
        } catch (ModelException e) {
            throw OtherArchitecture.explain(source, e);
        }
    }

    private static ConversionPlan of(
            OpenedCheckpoint checkpoint, TensorSource source, OptionalInt heads, Optional<HuggingFaceConfig> config) {
        TransformerNames.Found found = TransformerNames.find(source);
        Optional<StegoNames> stego = StegoNames.find(source, found.prefix());
        String prefix = stego.isPresent() ? ModelFile.BACKBONE : "";
        List<String> notes = new ArrayList<>();

        Map<String, String> known = new HashMap<>();
        config.ifPresent(settings -> known.putAll(settings.metadata()));
        known.putAll(source.metadata());
        known.keySet().retainAll(Set.of(Architecture.HEADS_KEY, Architecture.EPSILON_KEY));
        heads.ifPresent(count -> known.put(Architecture.HEADS_KEY, Integer.toString(count)));
        RenamedTensors transformer = new RenamedTensors(source, known);
        found.rename(source, prefix, transformer);
        boolean withoutBias = transformer.addZeroBiases();
        if (withoutBias) {
            notes.add("queries, keys and values have no bias: zeros were written");
        }
        if (transformer.masked()) {
            notes.add("the bias of the keys is masked: zeros were written");
        }
        if (found.names() == TransformerNames.HUGGING_FACE_DINOV3) {
            float base = config.map(HuggingFaceConfig::rotationBase).orElse(HuggingFaceConfig.ROTATION_BASE);
            transformer.compute(prefix + Architecture.PERIODS, RotationPeriods.of(transformer, prefix, base));
            notes.add("the periods of the rotations were computed from their base, " + base);
        }
        Architecture backbone = Architecture.of(transformer, prefix);
        config.ifPresent(settings -> settings.check(backbone, !withoutBias));

        Map<String, String> metadata = stego.map(
                        names -> info(names, checkpoint, source, notes).metadata(backbone))
                .orElseGet(backbone::metadata);
        Map<String, TypedTensor> tensors = new LinkedHashMap<>();
        Set<String> taken = new HashSet<>();
        stego.ifPresent(names -> names.parts().forEach((name, original) -> {
            tensors.put(name, source.typed(original));
            taken.add(original);
        }));
        for (String name : backbone.tensors().keySet()) {
            tensors.put(prefix + name, transformer.typed(prefix + name));
            taken.addAll(transformer.originals(prefix + name));
        }
        Stego.check(new TensorTable(source.name(), metadata, tensors));
        if (found.names() != TransformerNames.DINO) {
            notes.add("queries, keys and values were joined");
        }
        return new ConversionPlan(
                label(found, stego, backbone),
                backbone,
                tensors,
                metadata,
                stego.isPresent(),
                dropped(source, found, taken),
                notes);
    }

    private static ModelInfo info(
            StegoNames names, OpenedCheckpoint checkpoint, TensorSource source, List<String> notes) {
        return names.lightning()
                ? names.info(source, checkpoint.settings().apply("hyper_parameters"), notes)
                : ModelInfo.of(source);
    }

    private static String label(TransformerNames.Found found, Optional<StegoNames> stego, Architecture backbone) {
        if (stego.isPresent()) {
            return stego.get().lightning() ? "STEGO's (Lightning)" : "a STEGO model's";
        }
        if (found.names() != TransformerNames.DINO) {
            return "Hugging Face's";
        }
        return backbone.rotates() ? "DINOv3's" : "DINO's, timm's or DeiT's";
    }

    private static List<CheckpointConverter.Report.Dropped> dropped(
            TensorSource source, TransformerNames.Found found, Set<String> taken) {
        Map<String, List<String>> byReason = new LinkedHashMap<>();
        for (String name : source.names()) {
            if (!taken.contains(name)) {
                String reason = found.owns(name) ? within(found.local(name)) : beside(name);
                byReason.computeIfAbsent(reason, key -> new ArrayList<>()).add(name);
            }
        }
        return byReason.entrySet().stream()
                .map(entry -> new CheckpointConverter.Report.Dropped(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static String within(String local) {
        if (local.equals("mask_token")) {
            return "token for masked patches, of training only";
        }
        if (local.startsWith("local_cls_norm.")) {
            return "norm of small crops, of training only";
        }
        boolean classifier = Stream.of("head", "fc_norm.", "pre_logits.", "classifier.", "pooler.")
                .anyMatch(local::startsWith);
        return classifier ? "classifier head" : "not used for features";
    }

    private static String beside(String name) {
        String dotted = "." + name;
        if (dotted.contains(".student.")) {
            return "student network";
        }
        if (dotted.contains(".teacher.")) {
            return "projection head";
        }
        if (dotted.contains(".train_cluster_probe.")) {
            return "cluster probe that nothing uses";
        }
        if (dotted.contains(".decoder.")) {
            return "decoder of the training";
        }
        if (dotted.contains("classifier.") || dotted.contains(".head.")) {
            return "classifier head";
        }
        return "not part of the model";
    }

    /**
     * Tensors by name, whose values are read when they are written somewhere.
     *
     * @param name of the file they come from, for messages
     * @param metadata what the file says about itself
     */
    private record TensorTable(String name, Map<String, String> metadata, Map<String, TypedTensor> tensors)
            implements TensorIndex {
        @Override
        public Set<String> names() {
            return tensors.keySet();
        }

        @Override
        public Entry entry(String tensor) {
            TypedTensor found = tensors.get(tensor);
            if (found == null) {
                throw missing(tensor);
            }
            return new Entry(tensor, found.type(), found.shape());
        }
    }
}
