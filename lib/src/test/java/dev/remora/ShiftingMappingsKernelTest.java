package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MappingQuery;
import dev.remora.specimen.Specimen;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Reading what a process maps that splits, joins, resizes, moves, unmaps and maps it all the time. */
@Tag("kernel")
final class ShiftingMappingsKernelTest {

    private static final int PAGES = 300;
    private static final int READINGS = 300;
    private static final long PAGE = 4096;

    /** It does not take as long; a machine that is busy reads less often in it. */
    private static final long DEADLINE = TimeUnit.SECONDS.toNanos(20);

    private static void requireStaying(AddressSpace space, List<Long> staying) {
        for (long address : staying) {
            Mapping mapping = space.at(address)
                    .orElseThrow(() -> new AssertionError("0x" + Long.toHexString(address) + " is missing"));
            assertThat(mapping.protection().executable()).as(mapping.toString()).isTrue();
            assertThat(mapping.byteSize()).isEqualTo(PAGE);
        }
    }

    /** An {@link AddressSpace} refuses what overlaps or is out of order. */
    @Test
    void whatStaysIsThereOnceInEveryReading() throws IOException {
        try (Specimen target = Specimen.start("shifting", PAGES);
                var memory = RemoteMemory.open(target.pid())) {
            List<Long> staying = target.numbers();
            assertThat(staying).hasSize(PAGES);
            Set<AddressSpace> layouts = new HashSet<>();
            long begin = System.nanoTime();
            for (int i = 0; (i < READINGS || layouts.size() <= 2) && System.nanoTime() - begin < DEADLINE; i++) {
                AddressSpace space = memory.addressSpace();
                requireStaying(space, staying);
                layouts.add(space);
            }
            assertThat(layouts).as("or else nothing changed meanwhile").hasSizeGreaterThan(2);
        }
    }

    @Test
    void figuresAreOfWhatStays() throws IOException {
        try (Specimen target = Specimen.start("shifting", PAGES);
                var memory = RemoteMemory.open(target.pid())) {
            List<Long> staying = target.numbers();
            for (int i = 0; i < 10; i++) {
                var details = memory.mappings().anonymous().details();
                var space = new AddressSpace(
                        details.stream().map(use -> use.mapping()).toList());
                requireStaying(space, staying);
            }
        }
    }

    @Test
    void whatStaysIsFoundByItsAddress() throws IOException {
        try (Specimen target = Specimen.start("shifting", PAGES);
                var memory = RemoteMemory.open(target.pid())) {
            List<Long> staying = target.numbers();
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i + 1 < PAGES; i++) {
                    long address = staying.get(i);
                    assertThat(memory.mappingAt(address)).map(Mapping::address).contains(address);
                    Optional<Mapping> next = memory.mappingFrom(
                            address + PAGE, MappingQuery.any().executable());
                    assertThat(next).map(Mapping::address).contains(staying.get(i + 1));
                }
            }
        }
    }
}
