package dev.remora;

import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.AddressSpaceUse;
import dev.remora.addressspace.BuildId;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MappingNodes;
import dev.remora.addressspace.MappingQuery;
import dev.remora.addressspace.MappingUse;
import dev.remora.addressspace.ProcessUse;
import dev.remora.procfs.MappingLookup;
import dev.remora.procfs.MappingUses;
import dev.remora.procfs.MapsCursor;
import dev.remora.procfs.NumaMaps;
import dev.remora.procfs.ProcDirectory;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Answers questions about what a process maps, each by the reader that is quickest for it, or throws {@link ErrnoException}. */
final class Looking {

    private final Kernel kernel;
    private final ProcDirectory process;

    Looking(Kernel kernel, ProcDirectory process) {
        this.kernel = kernel;
        this.process = process;
    }

    /** All of it: by text. */
    AddressSpace addressSpace(MappingSelection selection) {
        Predicate<MapsCursor> selects = selection.selector();
        List<Mapping> mappings = MapsCursor.collect(process, ArrayList::new, (collected, cursor) -> {
            if (selects.test(cursor)) {
                collected.add(cursor.mapping());
            }
        });
        return new AddressSpace(mappings);
    }

    /** The same, but a mapping that crosses a border of the selection is there as a whole. */
    private List<Mapping> wholeMappings(MappingSelection selection) {
        Predicate<MapsCursor> selects = selection.selector();
        return MapsCursor.collect(process, ArrayList::new, (collected, cursor) -> {
            Mapping whole = cursor.mapping();
            if (selects.test(cursor)) {
                collected.add(whole);
            }
        });
    }

    /** One of it: by ioctl where there is one. */
    Optional<Mapping> at(long address) {
        return new MappingLookup(kernel, process).at(address);
    }

    Optional<Mapping> from(long address, MappingQuery query) {
        return new MappingLookup(kernel, process).from(address, query);
    }

    Optional<BuildId> buildIdAt(long address) {
        return new MappingLookup(kernel, process).buildIdAt(address);
    }

    AddressSpaceUse details(MappingSelection selection) {
        List<MappingUse> uses = MappingUses.read(process, selection.selector());
        return new AddressSpaceUse(uses);
    }

    ProcessUse use() {
        return MappingUses.ofProcess(process);
    }

    /** Both files are read one after the other; what begins elsewhere by then has no pages. */
    List<MappingNodes> nodes(MappingSelection selection) {
        List<Mapping> selected = wholeMappings(selection);
        NumaMaps numaMaps = NumaMaps.read(process);
        return selected.stream()
                .map(mapping -> new MappingNodes(
                        mapping,
                        numaMaps.policyAt(mapping.address()).orElse(""),
                        numaMaps.bytesOfNodes(mapping.address(), mapping.end())))
                .toList();
    }
}
