package dev.remora.house;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.members;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.base.HasDescription;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.properties.HasSourceCodeLocation;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("house")
final class ArchitectureTest {

    private static final String API = "dev.remora";
    private static final String ADDRESS_SPACE = "dev.remora.addressspace";
    private static final String BINDINGS = "dev.remora.bindings";
    private static final String NUMA = "dev.remora.numa";
    private static final String PROCESS = "dev.remora.process";
    private static final String PROCFS = "dev.remora.procfs";
    private static final String SANDBOX = "dev.remora.sandbox";
    private static final String SYSCALL = "dev.remora.syscall";
    private static final String TEXT = "dev.remora.text";

    /** The arrows of the house: each package, and those of ours it may use. */
    private static final Map<String, Set<String>> MAY_USE = Map.of(
            SANDBOX, Set.of(API, ADDRESS_SPACE, PROCESS, PROCFS, SYSCALL),
            API, Set.of(ADDRESS_SPACE, BINDINGS, NUMA, PROCESS, PROCFS, SYSCALL, TEXT),
            NUMA, Set.of(BINDINGS, PROCFS, SYSCALL, TEXT),
            PROCESS, Set.of(PROCFS, SYSCALL),
            PROCFS, Set.of(ADDRESS_SPACE, BINDINGS, SYSCALL),
            SYSCALL, Set.of(BINDINGS),
            ADDRESS_SPACE, Set.of(TEXT),
            TEXT, Set.of(),
            BINDINGS, Set.of());

    /** Packages that do nothing but describe, so that anybody can use them anywhere. */
    private static final Set<String> VALUES = Set.of(ADDRESS_SPACE, TEXT);

    private static final Set<String> ANNOTATIONS =
            Set.of("org.jspecify.annotations", "com.google.errorprone.annotations..");
    private static final Set<String> EVENTS = Set.of("org.apache.logging.log4j", "jdk.jfr");

    private static final JavaClasses HOUSE =
            new ClassFileImporter().importLocations(Set.of(location(House.LIBRARY), location(House.BINDINGS)));

    /** A module is a folder or, once it was packaged, a jar. */
    private static Location location(String module) {
        URI place = House.location(module).toUri();
        return Location.of(place.getPath().endsWith(".jar") ? URI.create("jar:" + place + "!/") : place);
    }

    @Test
    void bothModulesAreLookedAt() {
        assertThat(packages()).contains(API, BINDINGS);
    }

    static Stream<String> packages() {
        return HOUSE.stream().map(JavaClass::getPackageName).distinct().filter(name -> !name.isEmpty());
    }

    @ParameterizedTest
    @MethodSource("packages")
    void aPackageUsesOnlyWhatTheArrowsAllow(String name) {
        assertThat(MAY_USE.keySet())
                .as("packages that have a place in the house")
                .contains(name);
        String[] allowed = Stream.of(
                        Set.of("java..", name),
                        MAY_USE.get(name),
                        ANNOTATIONS,
                        VALUES.contains(name) ? Set.<String>of() : EVENTS)
                .flatMap(Collection::stream)
                .toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage(name)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .check(HOUSE);
    }

    @Test
    void packagesFormNoCycles() {
        slices().assignedFrom(onePerPackage()).should().beFreeOfCycles().check(HOUSE);
    }

    @Test
    void onlySyscallsCallRestrictedMethods() {
        noClasses()
                .that()
                .resideOutsideOfPackages(SYSCALL, BINDINGS)
                .should()
                .accessTargetWhere(describe("it is restricted", ArchitectureTest::isRestricted))
                .check(HOUSE);
    }

    @Test
    void restrictedMethodsAreRecognised() {
        assertThat(HOUSE.get("dev.remora.syscall.NativeAccess").getAccessesFromSelf())
                .anyMatch(ArchitectureTest::isRestricted);
    }

    @Test
    void nobodyLogsPastTheLog4jApi() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.logging..", "org.apache.logging.log4j.core..")
                .check(HOUSE);
    }

    @Test
    void nobodyPrints() {
        noClasses()
                .that()
                .resideOutsideOfPackage(BINDINGS)
                .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
                .check(HOUSE);
    }

    @Test
    void theApiNamesOnlyTypesOfTheApi() {
        members()
                .that()
                .areDeclaredInClassesThat(belongToTheApi())
                .and(describe("are for others", ArchitectureTest::isForOthers))
                .should(have("types that callers can name", ArchitectureTest::namesOnlyTypesForOthers))
                .check(HOUSE);
    }

    @Test
    void typesOfTheApiHaveNoHiddenParents() {
        classes()
                .that(belongToTheApi())
                .should(have(
                        "parents that callers can name", type -> parents(type).allMatch(ArchitectureTest::isNameable)))
                .check(HOUSE);
    }

    @Test
    void nobodyElseExtendsTheClassesOfTheApi() {
        classes()
                .that(belongToTheApi())
                .should(have("no subclasses but those they name", type -> isClosed(type.reflect())))
                .check(HOUSE);
    }

    @ParameterizedTest
    @MethodSource("packages")
    void whatMayBeNullIsSaid(String name) {
        if (!name.equals(BINDINGS)) {
            assertThat(HOUSE.getPackage(name).isAnnotatedWith("org.jspecify.annotations.NullMarked"))
                    .as("%s is @NullMarked", name)
                    .isTrue();
        }
    }

    @Test
    void namesSayWhatAThingIs() {
        noClasses()
                .should()
                .haveNameMatching(".*(Impl|Util|Utils|Manager|Helper)(\\$.*)?")
                .check(HOUSE);
    }

    private static SliceAssignment onePerPackage() {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                return SliceIdentifier.of(type.getPackageName());
            }

            @Override
            public String getDescription() {
                return "the packages of the house";
            }
        };
    }

    /** Loading a library is restricted from JDK 24 on, and meant here on older ones too. */
    private static boolean isRestricted(JavaAccess<?> access) {
        return access.getTarget().isAnnotatedWith("jdk.internal.javac.Restricted")
                || access.getTarget().getFullName().matches("java\\.lang\\.(System|Runtime)\\.load(Library)?\\(.*");
    }

    private static DescribedPredicate<JavaClass> belongToTheApi() {
        return describe("belong to the API", type -> isOurs(type) && PublicApi.contains(type.reflect()));
    }

    private static boolean isOurs(JavaClass type) {
        return MAY_USE.containsKey(type.getPackageName());
    }

    private static boolean isNameable(JavaClass type) {
        JavaClass named = type.getBaseComponentType();
        return !isOurs(named) || PublicApi.contains(named.reflect());
    }

    private static boolean isForOthers(JavaMember member) {
        return !member.getModifiers().contains(JavaModifier.SYNTHETIC)
                && (member.getModifiers().contains(JavaModifier.PUBLIC)
                        || member.getModifiers().contains(JavaModifier.PROTECTED));
    }

    private static boolean namesOnlyTypesForOthers(JavaMember member) {
        List<JavaClass> thrown = member instanceof JavaCodeUnit unit ? unit.getExceptionTypes() : List.of();
        return Stream.concat(member.getAllInvolvedRawTypes().stream(), thrown.stream())
                .allMatch(ArchitectureTest::isNameable);
    }

    private static Stream<JavaClass> parents(JavaClass type) {
        return Stream.concat(type.getRawSuperclass().stream(), type.getRawInterfaces().stream());
    }

    private static boolean isClosed(Class<?> type) {
        return Modifier.isFinal(type.getModifiers()) || type.isSealed() || type.isInterface();
    }

    private static <T extends HasDescription & HasSourceCodeLocation> ArchCondition<T> have(
            String what, Predicate<T> test) {
        return new ArchCondition<>("have " + what) {
            @Override
            public void check(T item, ConditionEvents events) {
                boolean satisfied = test.test(item);
                String verdict = item.getDescription() + (satisfied ? " has " : " does not have ") + what;
                events.add(new SimpleConditionEvent(item, satisfied, verdict + " in " + item.getSourceCodeLocation()));
            }
        };
    }
}
