package dev.remora.support;

import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.MappingSelection;
import dev.remora.PageFact;
import dev.remora.RemoteMemory;
import dev.remora.SyscallFailedException;
import dev.remora.UnsupportedKernelException;
import dev.remora.UseMark;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;
import java.util.List;
import java.util.stream.Stream;

/** What a process maps, and in which state its pages are. */
final class LookingFeatures {

    private LookingFeatures() {}

    static List<Feature> all() {
        return Stream.of(mappings(), facts(), marks()).flatMap(List::stream).toList();
    }

    private static List<Feature> mappings() {
        return List.of(
                new Feature("mappings, all and by an address", (_, memory) -> list(memory)),
                new Feature("build ids", (_, memory) -> buildId(memory)),
                new Feature("figures of mappings and of the process", (_, memory) -> figures(memory)),
                new Feature("pages of mappings by NUMA node", (_, memory) -> nodes(memory)),
                new Feature(
                        "parts of a JVM", (_, memory) -> worksIf(memory.jvm().isPresent())));
    }

    private static Answer worksIf(boolean itDid) {
        return itDid ? new Answer.Works() : new Answer.Failed("another answer than was expected");
    }

    private static Mapping program(RemoteMemory memory) {
        return memory.mappings().named("*/libjvm.so").matching().mappings().getFirst();
    }

    private static Answer list(RemoteMemory memory) {
        Mapping program = program(memory);
        return worksIf(memory.mappingAt(program.address()).orElseThrow().equals(program));
    }

    private static Answer buildId(RemoteMemory memory) {
        try {
            return worksIf(memory.buildIdAt(program(memory).address()).isPresent());
        } catch (UnsupportedKernelException old) {
            return new Answer.Unsupported("needs Linux 6.11");
        }
    }

    private static Answer figures(RemoteMemory memory) {
        MappingSelection all = memory.mappings().anonymous();
        return worksIf(
                memory.use().memory().residentBytes() > 0 && all.details().size() > 0);
    }

    private static Answer nodes(RemoteMemory memory) {
        return worksIf(!memory.mappings().anonymous().nodesOfMappings().isEmpty());
    }

    private static List<Feature> facts() {
        return Stream.of(PageFact.values())
                .map(fact -> new Feature("residency, " + fact, (child, memory) -> tells(fact, child, memory)))
                .toList();
    }

    private static Answer tells(PageFact fact, SandboxedProcess child, RemoteMemory memory) {
        MemoryRange range = child.map(MiB);
        child.touch(range);
        var residency = memory.ranges(range).residency();
        if (residency.unknown().contains(fact)) {
            return new Answer.Unsupported("this kernel does not tell it");
        }
        return worksIf(residency.presentBytes() == MiB && residency.bytes(fact).isPresent());
    }

    private static List<Feature> marks() {
        return List.of(
                new Feature("written since a mark", LookingFeatures::written),
                new Feature("cold since a mark", LookingFeatures::cold));
    }

    private static Answer written(SandboxedProcess child, RemoteMemory memory) {
        MemoryRange range = child.map(MiB);
        try {
            child.trackWrites(range);
        } catch (SyscallFailedException old) {
            return new Answer.Unsupported("the process cannot have its writes tracked (Linux 6.7)");
        }
        var mark = memory.ranges(range).mark();
        MemoryRange first = MemoryRange.of(range.address(), memory.pageSize());
        child.touch(first);
        return worksIf(
                memory.ranges(range).writtenSince(mark).written().getFirst().contains(first));
    }

    private static Answer cold(SandboxedProcess child, RemoteMemory memory) {
        MemoryRange range = child.map(MiB);
        child.touch(range);
        var mark = memory.markUse(UseMark.Pages.ANONYMOUS);
        return worksIf(!memory.ranges(range).whatIsCold(mark).mappings().isEmpty());
    }
}
