package dev.remora.syscall;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.bindings.Linux;
import dev.remora.bindings.page_region;
import dev.remora.bindings.pm_scan_arg;
import dev.remora.preconditions.RequiresSwap;
import dev.remora.preconditions.Skip;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the kernel's own tests of {@code PAGEMAP_SCAN} ask ({@code tools/testing/selftests/mm/pagemap_ioctl.c}), asked again of
 * memory of this JVM. Where a kernel answers otherwise, Remora's idea of it is wrong.
 */
@Tag("kernel")
final class PagemapSelftestsKernelTest {

    private static final int PAGES = 64;
    private static final long WRITTEN = Linux.PAGE_IS_WRITTEN();
    private static final long PRESENT = Linux.PAGE_IS_PRESENT();
    private static final long PROTECT = Linux.PM_SCAN_WP_MATCHING() | Linux.PM_SCAN_CHECK_WPASYNC();
    private static final long CHECK = Linux.PM_SCAN_CHECK_WPASYNC();

    /** A region: its first page, the page behind it, and its categories. */
    private record Region(long from, long to, long categories) {}

    private final Kernel kernel = LinuxKernel.instance();
    private final MemoryMaps maps = new MemoryMaps(kernel);
    private final long page = PageSize.of(kernel);
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment argument = pm_scan_arg.allocate(arena);
    private final MemorySegment vector = arena.allocate(page_region.sizeof() * 1024, Long.BYTES);
    private final List<Runnable> undo = new ArrayList<>();
    private Descriptor pagemap;
    private long memory;

    @BeforeEach
    void open() {
        try (Descriptor self = OpenFiles.directory(kernel, "/proc/self")) {
            pagemap = OpenFiles.forReading(kernel, self, "pagemap", "/proc/self/pagemap");
        }
        undo.add(pagemap::close);
        memory = map(PAGES * page, page);
        reset(memory, PAGES);
        Skip.unless(scan() != -Linux.ENOTTY(), "this kernel has no PAGEMAP_SCAN (Linux 6.7)");
    }

    @AfterEach
    void close() {
        undo.reversed().forEach(Runnable::run);
        arena.close();
    }

    private long map(long byteSize, long alignment) {
        long reserved = maps.reserve(byteSize + alignment);
        long address = reserved + alignment - 1 & -alignment;
        maps.map(address, byteSize, MemoryMaps.Kind.PRIVATE_ANONYMOUS);
        undo.add(() -> maps.unmap(reserved, byteSize + alignment));
        return address;
    }

    private WriteTracking track(long address, long byteSize) {
        WriteTracking tracking = WriteTracking.open(kernel);
        undo.add(tracking::close);
        tracking.register(address, byteSize);
        return tracking;
    }

    @SuppressWarnings("restricted")
    private static void write(long address) {
        MemorySegment.ofAddress(address).reinterpret(1).set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    }

    @SuppressWarnings("restricted")
    private static byte read(long address) {
        return MemorySegment.ofAddress(address).reinterpret(1).get(ValueLayout.JAVA_BYTE, 0);
    }

    private void writeAll(long address, int pages) {
        for (int i = 0; i < pages; i++) {
            write(address + i * page);
        }
    }

    /** Asks for the present pages of a range. */
    private void reset(long address, long pages) {
        pm_scan_arg.size(argument, argument.byteSize());
        pm_scan_arg.flags(argument, 0);
        pm_scan_arg.start(argument, address);
        pm_scan_arg.end(argument, address + pages * page);
        pm_scan_arg.walk_end(argument, 0);
        pm_scan_arg.vec(argument, vector.address());
        pm_scan_arg.vec_len(argument, 1024);
        pm_scan_arg.max_pages(argument, 0);
        pm_scan_arg.category_inverted(argument, 0);
        pm_scan_arg.category_mask(argument, PRESENT);
        pm_scan_arg.category_anyof_mask(argument, 0);
        pm_scan_arg.return_mask(argument, PRESENT);
    }

    private long scan() {
        return kernel.call(Syscall.IOCTL, pagemap.number(), Linux.PAGEMAP_SCAN(), argument.address());
    }

    private List<Region> regions() {
        long count = scan();
        assertThat(count).isNotNegative();
        List<Region> regions = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            MemorySegment region = page_region.asSlice(vector, i);
            regions.add(new Region(
                    (page_region.start(region) - memory) / page,
                    (page_region.end(region) - memory) / page,
                    page_region.categories(region)));
        }
        return regions;
    }

    private long end() {
        return (pm_scan_arg.walk_end(argument) - memory) / page;
    }

    private void askForWritten(long address, long pages, long flags) {
        reset(address, pages);
        pm_scan_arg.flags(argument, flags);
        pm_scan_arg.category_mask(argument, WRITTEN);
        pm_scan_arg.return_mask(argument, WRITTEN);
    }

    // Arguments.

    @Test
    void aWrongSizeIsInvalid() {
        for (long size : new long[] {0, argument.byteSize() - 8, argument.byteSize() + 8}) {
            pm_scan_arg.size(argument, size);
            assertThat(scan()).isEqualTo(-Linux.EINVAL());
        }
    }

    @Test
    void unknownFlagsAndCategoriesAreInvalid() {
        pm_scan_arg.flags(argument, 1 << 7);
        assertThat(scan()).isEqualTo(-Linux.EINVAL());
        reset(memory, PAGES);
        pm_scan_arg.category_mask(argument, 1L << 40);
        assertThat(scan()).isEqualTo(-Linux.EINVAL());
        reset(memory, PAGES);
        pm_scan_arg.category_anyof_mask(argument, 1L << 40);
        assertThat(scan()).isEqualTo(-Linux.EINVAL());
        reset(memory, PAGES);
        pm_scan_arg.category_inverted(argument, 1L << 40);
        assertThat(scan()).isEqualTo(-Linux.EINVAL());
        reset(memory, PAGES);
        pm_scan_arg.return_mask(argument, 1L << 40);
        assertThat(scan()).isEqualTo(-Linux.EINVAL());
    }

    @Test
    void aStartInTheMiddleOfAPageIsInvalid() {
        pm_scan_arg.start(argument, memory + 8);
        assertThat(scan()).isEqualTo(-Linux.EINVAL());
    }

    @Test
    void anEndBeforeTheStartIsABadAddress() {
        pm_scan_arg.end(argument, memory - page);
        assertThat(scan()).isEqualTo(-Linux.EFAULT());
    }

    @Test
    void aMissingVectorIsRefused() {
        pm_scan_arg.vec(argument, 0);
        assertThat(scan()).as("nowhere to put regions").isNegative();
        reset(memory, PAGES);
        pm_scan_arg.vec(argument, page);
        writeAll(memory, 1);
        assertThat(scan()).as("nothing is mapped there").isEqualTo(-Linux.EFAULT());
    }

    @Test
    void withoutRoomNothingIsTold() {
        writeAll(memory, 1);
        pm_scan_arg.vec_len(argument, 0);
        assertThat(scan()).isZero();
        assertThat(end()).isEqualTo(PAGES);
    }

    @Test
    void anEmptyRangeHasNoRegions() {
        reset(memory, 0);
        assertThat(regions()).isEmpty();
    }

    // Patterns, room for regions, and a limit on pages.

    @Test
    void everyOtherPageIsARegionOfItsOwn() {
        for (int i = 0; i < PAGES; i += 2) {
            write(memory + i * page);
        }
        List<Region> found = regions();
        assertThat(found).hasSize(PAGES / 2);
        for (int i = 0; i < PAGES / 2; i++) {
            assertThat(found.get(i)).isEqualTo(new Region(2L * i, 2L * i + 1, PRESENT));
        }
        assertThat(end()).isEqualTo(PAGES);
    }

    @Test
    void aScanWithoutRoomIsContinuedFromWhereItEnded() {
        for (int i = 0; i < PAGES; i += 2) {
            write(memory + i * page);
        }
        List<Region> all = new ArrayList<>();
        long position = 0;
        int scans = 0;
        while (position < PAGES) {
            reset(memory + position * page, PAGES - position);
            pm_scan_arg.vec_len(argument, 5);
            List<Region> some = regions();
            assertThat(some).hasSizeLessThanOrEqualTo(5);
            all.addAll(some);
            assertThat(end()).isGreaterThan(position);
            position = end();
            scans++;
        }
        assertThat(all).hasSize(PAGES / 2).doesNotHaveDuplicates();
        assertThat(scans).isBetween(7, 8);
    }

    @Test
    void aLimitOnPagesCutsARegionAndSaysWhere() {
        writeAll(memory, PAGES);
        pm_scan_arg.max_pages(argument, 10);
        assertThat(regions()).containsExactly(new Region(0, 10, PRESENT));
        assertThat(end()).isEqualTo(10);
        reset(memory + 10 * page, PAGES - 10);
        pm_scan_arg.max_pages(argument, 1000);
        assertThat(regions()).containsExactly(new Region(10, PAGES, PRESENT));
        assertThat(end()).isEqualTo(PAGES);
    }

    @Test
    void twoRegionsApartAreTwo() {
        write(memory);
        write(memory + (PAGES - 1) * page);
        assertThat(regions()).containsExactly(new Region(0, 1, PRESENT), new Region(PAGES - 1, PAGES, PRESENT));
    }

    @Test
    void partsOfARangeAreScannedAlone() {
        writeAll(memory, PAGES);
        reset(memory + 16 * page, 16);
        assertThat(regions()).containsExactly(new Region(16, 32, PRESENT));
    }

    @Test
    void holesAreNoPages() {
        writeAll(memory, PAGES);
        maps.unmap(memory + 8 * page, 8 * page);
        assertThat(regions()).containsExactly(new Region(0, 8, PRESENT), new Region(16, PAGES, PRESENT));
        reset(memory + 8 * page, 8);
        assertThat(regions()).isEmpty();
        assertThat(end()).isEqualTo(16);
    }

    // Masks.

    @Test
    void invertedCategoriesAreThoseThatDoNotHold() {
        writeAll(memory, 4);
        pm_scan_arg.category_inverted(argument, PRESENT);
        pm_scan_arg.return_mask(argument, PRESENT);
        assertThat(regions()).containsExactly(new Region(4, PAGES, 0));
    }

    @Test
    void allOfAMaskMustHoldAndOneOfTheOther() {
        writeAll(memory, 4);
        pm_scan_arg.category_mask(argument, PRESENT | Linux.PAGE_IS_FILE());
        assertThat(regions()).as("nothing of a file").isEmpty();
        reset(memory, PAGES);
        pm_scan_arg.category_mask(argument, 0);
        pm_scan_arg.category_anyof_mask(argument, PRESENT | Linux.PAGE_IS_FILE());
        assertThat(regions()).containsExactly(new Region(0, 4, PRESENT));
    }

    @Test
    void onlyWhatIsAskedForIsReturned() {
        writeAll(memory, 4);
        pm_scan_arg.return_mask(argument, Linux.PAGE_IS_FILE());
        assertThat(regions()).containsExactly(new Region(0, 4, 0));
    }

    // Kinds of pages.

    @Test
    void aPageThatWasOnlyReadIsThePageOfZeros() {
        assertThat(read(memory + 3 * page)).isZero();
        write(memory + 4 * page);
        pm_scan_arg.return_mask(argument, PRESENT | Linux.PAGE_IS_PFNZERO());
        assertThat(regions())
                .containsExactly(new Region(3, 4, PRESENT | Linux.PAGE_IS_PFNZERO()), new Region(4, 5, PRESENT));
    }

    @Test
    void aHugePageIsOneAndCanBeCutByALimit() {
        long huge = map(4 * MiB, 2 * MiB);
        assertThat(kernel.call(Syscall.MADVISE, huge, 4 * MiB, Linux.MADV_HUGEPAGE()))
                .isZero();
        write(huge);
        memory = huge;
        int pages = (int) (2 * MiB / page);
        long both = PRESENT | Linux.PAGE_IS_HUGE();
        reset(huge, 2L * pages);
        pm_scan_arg.return_mask(argument, both);
        List<Region> found = regions();
        Skip.unless(found.contains(new Region(0, pages, both)), "no huge page was to be had: " + found);
        assertThat(found).hasSize(1);
        reset(huge, 2L * pages);
        pm_scan_arg.return_mask(argument, both);
        pm_scan_arg.max_pages(argument, 10);
        assertThat(regions()).containsExactly(new Region(0, 10, both));
    }

    @Test
    @RequiresSwap
    void aPageInSwapIsSwapped() {
        writeAll(memory, 8);
        long swapped = Linux.PAGE_IS_SWAPPED();
        for (int i = 0; i < 100; i++) {
            assertThat(kernel.call(Syscall.MADVISE, memory, 8 * page, Linux.MADV_PAGEOUT()))
                    .isZero();
            reset(memory, PAGES);
            pm_scan_arg.category_mask(argument, swapped);
            pm_scan_arg.return_mask(argument, PRESENT | swapped);
            if (regions().equals(List.of(new Region(0, 8, swapped)))) {
                assertThat(read(memory)).isEqualTo((byte) 1);
                reset(memory, 1);
                assertThat(regions()).containsExactly(new Region(0, 1, PRESENT));
                return;
            }
        }
        throw Skip.because("the kernel did not page out: " + regions());
    }

    @Test
    void aGuardIsToldOf() {
        Skip.unless(
                kernel.call(Syscall.MADVISE, memory + page, page, Linux.MADV_GUARD_INSTALL()) == 0,
                "this kernel has no guards (Linux 6.13)");
        pm_scan_arg.category_mask(argument, Linux.PAGE_IS_GUARD());
        pm_scan_arg.return_mask(argument, Linux.PAGE_IS_GUARD());
        Skip.unless(scan() != -Linux.EINVAL(), "this kernel does not tell of guards (Linux 6.16)");
        assertThat(regions()).containsExactly(new Region(1, 2, Linux.PAGE_IS_GUARD()));
    }

    // Tracked writes.

    @Test
    void memoryThatIsNotTrackedCannotBeMarked() {
        writeAll(memory, PAGES);
        askForWritten(memory, PAGES, PROTECT);
        assertThat(scan()).isEqualTo(-Linux.EPERM());
        askForWritten(memory, PAGES, CHECK);
        assertThat(scan()).isEqualTo(-Linux.EPERM());
    }

    @Test
    void newPagesAreWrittenAndMarkedOnesAreNot() {
        var _ = track(memory, PAGES * page);
        writeAll(memory, PAGES);
        askForWritten(memory, PAGES, PROTECT);
        assertThat(regions()).as("all, told of and marked at once").containsExactly(new Region(0, PAGES, WRITTEN));
        askForWritten(memory, PAGES, CHECK);
        assertThat(regions()).isEmpty();
    }

    @Test
    void whatIsWrittenAfterTheMarkIsToldOf() {
        var _ = track(memory, PAGES * page);
        writeAll(memory, PAGES);
        for (int[] pattern : new int[][] {{0}, {PAGES - 1}, {0, PAGES - 1}, {5, 6, 7}}) {
            askForWritten(memory, PAGES, PROTECT);
            pm_scan_arg.vec(argument, 0);
            pm_scan_arg.vec_len(argument, 0);
            assertThat(scan()).as("marked without being told of").isZero();
            for (int each : pattern) {
                write(memory + each * page);
            }
            askForWritten(memory, PAGES, CHECK);
            assertThat(regions().stream()
                            .mapToLong(each -> each.to() - each.from())
                            .sum())
                    .isEqualTo(pattern.length);
            askForWritten(memory, PAGES, CHECK);
            assertThat(regions().getFirst().from()).isEqualTo(pattern[0]);
        }
    }

    @Test
    void readingAMarkedPageDoesNotWriteIt() {
        var _ = track(memory, PAGES * page);
        askForWritten(memory, PAGES, PROTECT);
        assertThat(scan()).isNotNegative();
        assertThat(read(memory)).isZero();
        askForWritten(memory, PAGES, CHECK);
        assertThat(regions()).isEmpty();
    }

    @Test
    void aLimitOnPagesMarksOnlySoMany() {
        var _ = track(memory, PAGES * page);
        writeAll(memory, PAGES);
        askForWritten(memory, PAGES, PROTECT);
        pm_scan_arg.max_pages(argument, 16);
        assertThat(regions()).containsExactly(new Region(0, 16, WRITTEN));
        assertThat(end()).isEqualTo(16);
        askForWritten(memory, PAGES, CHECK);
        assertThat(regions()).containsExactly(new Region(16, PAGES, WRITTEN));
    }

    @Test
    void aChangeOfProtectionKeepsTheMarks() {
        var _ = track(memory, PAGES * page);
        writeAll(memory, PAGES);
        askForWritten(memory, PAGES, PROTECT);
        assertThat(scan()).isEqualTo(1);
        write(memory + 9 * page);
        maps.protect(memory, PAGES * page, true, false, false);
        maps.protect(memory, PAGES * page, true, true, false);
        askForWritten(memory, PAGES, CHECK);
        assertThat(regions()).containsExactly(new Region(9, 10, WRITTEN));
    }
}
