package org.stegokernels;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.Tree.Kind;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** Every type and method that other programs can use says in a sentence what it is or does. */
class PublicApiTest {
    private static final Path SOURCES = Path.of("src/main/java");

    /** Returns the sources of the packages that have pages in the Javadoc. */
    private static List<Path> sources() throws IOException {
        Matcher excluded = Pattern.compile("<excludePackageNames>(.*?)</excludePackageNames>")
                .matcher(Files.readString(Path.of("pom.xml")));
        assertThat(excluded.find()).isTrue();
        Set<String> internal = Set.of(excluded.group(1).split(","));
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> internal.stream()
                            .noneMatch(SOURCES.relativize(file.getParent())
                                    .toString()
                                    .replaceAll("\\W", ".")::startsWith))
                    .toList();
        }
    }

    /** Collects what is public and lacks its sentence. */
    private static final class Scanner extends TreePathScanner<Void, Void> {
        private final DocTrees docs;
        private final List<String> faults = new ArrayList<>();
        private final Deque<ClassTree> around = new ArrayDeque<>();
        private int seen;

        Scanner(DocTrees docs) {
            this.docs = docs;
        }

        @Override
        public Void visitClass(ClassTree type, Void nothing) {
            boolean anonymous = type.getSimpleName().length() == 0;
            if (!anonymous && isPublic(type.getModifiers())) {
                check(type.getSimpleName().toString());
                around.push(type);
                super.visitClass(type, nothing);
                around.pop();
            }
            return null;
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            boolean inherits = method.getModifiers().getAnnotations().stream()
                    .anyMatch(each -> each.getAnnotationType().toString().equals("Override"));
            if (isPublic(method.getModifiers()) && !inherits) {
                check(around.peek().getSimpleName() + "." + method.getName());
            }
            return null;
        }

        private boolean isPublic(ModifiersTree modifiers) {
            Set<Modifier> flags = modifiers.getFlags();
            boolean ofInterface =
                    !around.isEmpty() && around.peek().getKind() == Kind.INTERFACE && !flags.contains(Modifier.PRIVATE);
            return ofInterface || flags.contains(Modifier.PUBLIC) || flags.contains(Modifier.PROTECTED);
        }

        private void check(String name) {
            seen++;
            DocCommentTree comment = docs.getDocCommentTree(getCurrentPath());
            String fault = comment == null ? "no comment" : fault(comment);
            if (fault != null) {
                Tree tree = getCurrentPath().getLeaf();
                CompilationUnitTree unit = getCurrentPath().getCompilationUnit();
                long line = unit.getLineMap()
                        .getLineNumber(docs.getSourcePositions().getStartPosition(unit, tree));
                faults.add(Path.of(unit.getSourceFile().getName()) + ":" + line + " " + name + ": " + fault);
            }
        }

        /** Returns what is wrong with a first sentence, or null. */
        private static String fault(DocCommentTree comment) {
            StringBuilder text = new StringBuilder();
            comment.getFirstSentence().forEach(text::append);
            String sentence = text.toString().strip();
            if (sentence.isEmpty()) {
                return "no sentence before the tags";
            }
            if (!sentence.matches("(?s)[\\p{Lu}\\p{N}{<\"(].*[.:]")) {
                return "no sentence: " + sentence;
            }
            return null;
        }
    }

    @Test
    void everyTypeAndMethodHasASentence() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources()));
            Scanner scanner = new Scanner(DocTrees.instance(task));
            for (CompilationUnitTree unit : task.parse()) {
                scanner.scan(unit, null);
            }
            assertThat(scanner.seen).isGreaterThan(500);
            assertThat(scanner.faults).isEmpty();
        }
    }
}
