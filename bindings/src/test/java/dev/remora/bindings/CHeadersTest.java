package dev.remora.bindings;

import static dev.remora.bindings.HeaderClass.LINUX;
import static dev.remora.bindings.HeaderClass.SYSCALLS_X86_64;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.remora.bindings.CCompiler.Verdict;
import dev.remora.bindings.SymbolList.Symbol;
import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Proves every generated constant, number and layout against the C headers of this machine. */
final class CHeadersTest {
    private static final boolean ON_X86_64 = System.getProperty("os.arch").equals("amd64");
    private static final List<String> LAYOUTS_OF_X86_64 = List.of("epoll_event", "user_regs_struct");
    private static final Pattern OWN_DECLARATION = Pattern.compile("#define REMORA_DECLARES_(\\w+) 1");

    private CCompiler compiler;

    @BeforeEach
    void findCompiler(@TempDir Path directory) {
        compiler = CCompiler.onThePath(directory)
                .orElseGet(() -> skip("no C compiler (cc, gcc or clang) on the PATH:"
                        + " layouts are not proven against the C headers here"));
    }

    @ParameterizedTest
    @EnumSource
    void generatedClassSaysWhatTheHeaderSays(HeaderClass headerClass) throws Exception {
        assumeHeaders(headerClass);
        Verdict verdict = compiler.check(everythingIn(headerClass));
        assertTrue(verdict.accepted(), verdict::output);
    }

    @Test
    void layoutsAreCheckedAgainstTheSystemWhereItHasThem() throws Exception {
        assumeHeaders(LINUX);
        Set<String> own = declaredByRemora();
        System.out.println("Layouts checked against the system's headers: " + typeNames(name -> !own.contains(name)));
        System.out.println("Layouts checked against kernel_newer.h only: " + typeNames(own::contains));
        System.out.println("Layouts checked on x86-64 only, whose layouts they are: " + LAYOUTS_OF_X86_64);
        assertTrue(typeNames(name -> true).containsAll(own), () -> "declared, but in no symbol list: " + own);
    }

    @Test
    void wrongValueIsFound() throws Exception {
        assumeHeaders(LINUX);
        assertRejected("ESRCH", linuxApi().assertConstant("ESRCH", Linux.ESRCH() + 1));
    }

    @Test
    void wrongWidthIsFound() throws Exception {
        assumeHeaders(LINUX);
        assertRejected("PROCMAP_QUERY", linuxApi().assertConstant("PROCMAP_QUERY", (int) Linux.PROCMAP_QUERY()));
    }

    @Test
    void wrongLayoutIsFound() throws Exception {
        assumeHeaders(LINUX);
        var swapped = MemoryLayout.structLayout(JAVA_LONG.withName("iov_len"), ADDRESS.withName("iov_base"));
        assertRejected("offsetof(struct iovec, iov_len) is not 0", linuxApi().assertLayout("struct iovec", swapped));
    }

    private void assertRejected(String reason, CSource source) throws Exception {
        Verdict verdict = compiler.check(source);
        assertFalse(verdict.accepted());
        assertTrue(verdict.output().contains(reason), verdict::output);
    }

    private void assumeHeaders(HeaderClass headerClass) throws Exception {
        if (!ON_X86_64 && headerClass == SYSCALLS_X86_64) {
            skip("only on x86-64 does <asm/unistd_64.h> have the numbers of x86-64: they are not proven here");
        }
        Verdict verdict = compiler.check(CSource.includingOnly(headerClass.systemHeaders()));
        if (!verdict.accepted()) {
            skip("the system's headers for %s are missing or incomplete: it is not proven here%n%s"
                    .formatted(headerClass.header(), verdict.output()));
        }
    }

    private static <T> T skip(String reason) {
        System.out.println("Skipped: " + reason);
        return Assumptions.abort(reason);
    }

    private static CSource linuxApi() {
        return CSource.including(LINUX.header());
    }

    private static CSource everythingIn(HeaderClass headerClass) throws IOException {
        SymbolList list = headerClass.symbols();
        CSource source = CSource.including(headerClass.header());
        for (Symbol constant : list.constants()) {
            source = source.assertConstant(constant.name(), headerClass.value(constant.name()));
        }
        for (Symbol type : typesOfThisMachine(list)) {
            source = source.assertLayout(type.typeInC(), HeaderClass.layout(type.name()));
        }
        return source;
    }

    private static List<Symbol> typesOfThisMachine(SymbolList list) {
        return list.types().stream()
                .filter(type -> ON_X86_64 || !LAYOUTS_OF_X86_64.contains(type.name()))
                .toList();
    }

    private Set<String> declaredByRemora() throws Exception {
        return compiler.macros(linuxApi()).stream()
                .map(OWN_DECLARATION::matcher)
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(1))
                .collect(Collectors.toSet());
    }

    private static List<String> typeNames(Predicate<String> wanted) throws IOException {
        return typesOfThisMachine(LINUX.symbols()).stream()
                .map(Symbol::name)
                .filter(wanted)
                .toList();
    }
}
