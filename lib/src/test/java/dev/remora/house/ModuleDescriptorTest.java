package dev.remora.house;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleDescriptor.Opens;
import java.lang.module.ModuleDescriptor.Provides;
import java.lang.module.ModuleDescriptor.Requires;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("house")
final class ModuleDescriptorTest {

    private static final Repair REPAIR = new Repair(ModuleDescriptorTest.class, "remora.golden");

    @Test
    void modulesRequireAndExportWhatWasAgreed() throws IOException {
        var facts = new TreeSet<String>();
        for (String module : Set.of(House.LIBRARY, House.BINDINGS)) {
            facts(House.descriptor(module)).forEach(fact -> facts.add(module + " " + fact));
        }
        Golden.named("modules.txt", REPAIR).isStill(facts);
    }

    @ParameterizedTest
    @ValueSource(strings = {House.LIBRARY, House.BINDINGS})
    void nothingIsOpenedAndNoServiceIsUsedOrProvided(String module) throws IOException {
        var descriptor = House.descriptor(module);
        assertThat(descriptor.modifiers()).isEmpty();
        assertThat(descriptor.opens()).isEmpty();
        assertThat(descriptor.uses()).isEmpty();
        assertThat(descriptor.provides()).isEmpty();
    }

    @Test
    void publicApiIsWhatWasAgreed() throws IOException {
        Golden.named("public-api.txt", REPAIR).isStill(PublicApi.lines());
    }

    private static Stream<String> facts(ModuleDescriptor descriptor) {
        return Stream.of(
                        descriptor.requires().stream().map(ModuleDescriptorTest::fact),
                        descriptor.exports().stream().map(ModuleDescriptorTest::fact),
                        descriptor.opens().stream().map(ModuleDescriptorTest::fact),
                        descriptor.uses().stream().map(service -> "uses " + service),
                        descriptor.provides().stream().map(ModuleDescriptorTest::fact))
                .flatMap(facts -> facts);
    }

    /** Leaves out the version the compiler saw, which differs from one JDK to the next. */
    private static String fact(Requires required) {
        return "requires " + words(required.modifiers()) + required.name();
    }

    private static String fact(Exports exported) {
        return "exports " + words(exported.modifiers()) + exported.source() + to(exported.targets());
    }

    private static String fact(Opens opened) {
        return "opens " + words(opened.modifiers()) + opened.source() + to(opened.targets());
    }

    private static String fact(Provides provided) {
        return "provides " + provided.service() + " with " + String.join(", ", provided.providers());
    }

    private static String words(Collection<? extends Enum<?>> modifiers) {
        return modifiers.stream()
                .map(modifier -> modifier.name().toLowerCase(Locale.ROOT) + " ")
                .sorted()
                .collect(joining());
    }

    private static String to(Set<String> targets) {
        return targets.isEmpty() ? "" : " to " + String.join(", ", new TreeSet<>(targets));
    }
}
