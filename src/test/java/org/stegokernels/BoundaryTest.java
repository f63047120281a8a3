package org.stegokernels;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The boundary between what other programs may use and what is internal: each {@code package-info} says it. */
@AnalyzeClasses(packages = "org.stegokernels", importOptions = ImportOption.DoNotIncludeTests.class)
class BoundaryTest {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final String API = "API: other programs may use it.";
    private static final String INTERNAL = "Internal: it may change with every version.";
    private static final Set<String> API_PACKAGES = packages(API);

    private static TreeMap<String, String> packageInfos() {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            TreeMap<String, String> infos = new TreeMap<>();
            for (Path file :
                    files.filter(file -> file.endsWith("package-info.java")).toList()) {
                String name = SOURCES.relativize(file.getParent()).toString().replace('/', '.');
                infos.put(name, Files.readString(file));
            }
            return infos;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Set<String> packages(String sentence) {
        Set<String> packages = new TreeSet<>();
        packageInfos().forEach((name, text) -> {
            if (text.contains(sentence)) {
                packages.add(name);
            }
        });
        return packages;
    }

    @Test
    void everyPackageSaysOnWhichSideItIs() {
        packageInfos()
                .forEach((name, text) -> assertThat(text.contains(API) ^ text.contains(INTERNAL))
                        .as("%s says \"%s\" or \"%s\"", name, API, INTERNAL)
                        .isTrue());
    }

    @Test
    void thePageOfTheLibraryNamesTheApi() throws IOException {
        String page = Files.readString(Path.of("src/doc/library.md"));
        for (String name : API_PACKAGES) {
            assertThat(page).contains('`' + name.replace("org.stegokernels.", "") + '`');
        }
    }

    @Test
    void itsPagesLeaveOutWhatIsInternal() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        String left = pom.split("</?excludePackageNames>")[1];
        assertThat(packageInfos().keySet())
                .allSatisfy(name -> assertThat(Stream.of(left.split(",")).anyMatch((name + '.')::startsWith))
                        .as(name)
                        .isEqualTo(!API_PACKAGES.contains(name)));
    }

    @ArchTest
    static final ArchRule noSignatureOfTheApiShowsAnInternalType = classes()
            .that()
            .resideInAnyPackage(API_PACKAGES.toArray(new String[0]))
            .should(new ArchCondition<>("show types of the API only") {
                @Override
                public void check(JavaClass api, ConditionEvents events) {
                    if (isVisible(api)) {
                        shown(api).forEach(shown -> {
                            if (!isForeign(shown) && !(isApi(shown) && isVisible(shown))) {
                                String message = api.getName() + " shows " + shown.getName();
                                events.add(SimpleConditionEvent.violated(api, message));
                            }
                        });
                    }
                }
            });

    private static boolean isForeign(JavaClass type) {
        return !type.getBaseComponentType().getPackageName().startsWith("org.stegokernels");
    }

    private static boolean isApi(JavaClass type) {
        return API_PACKAGES.contains(type.getBaseComponentType().getPackageName());
    }

    /** Returns true if the class and those around it are public. */
    private static boolean isVisible(JavaClass type) {
        JavaClass base = type.getBaseComponentType();
        return base.getModifiers().contains(JavaModifier.PUBLIC)
                && base.getEnclosingClass().map(BoundaryTest::isVisible).orElse(true);
    }

    private static boolean isVisible(Set<JavaModifier> modifiers) {
        return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
                && !modifiers.contains(JavaModifier.SYNTHETIC);
    }

    /** Returns all types that a caller or an heir of a class meets. */
    private static Set<JavaClass> shown(JavaClass type) {
        Set<JavaClass> shown = new HashSet<>();
        type.getSuperclass().ifPresent(parent -> shown.addAll(parent.getAllInvolvedRawTypes()));
        type.getInterfaces().forEach(parent -> shown.addAll(parent.getAllInvolvedRawTypes()));
        for (JavaField field : type.getFields()) {
            if (isVisible(field.getModifiers())) {
                shown.addAll(field.getType().getAllInvolvedRawTypes());
            }
        }
        for (JavaCodeUnit unit : type.getCodeUnits()) {
            if (isVisible(unit.getModifiers())) {
                shown.addAll(unit.getReturnType().getAllInvolvedRawTypes());
                List<JavaType> parameters = unit.getParameterTypes();
                parameters.forEach(parameter -> shown.addAll(parameter.getAllInvolvedRawTypes()));
                shown.addAll(unit.getExceptionTypes());
            }
        }
        return shown;
    }
}
