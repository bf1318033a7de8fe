package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.Verdict.Tally;
import dev.remora.addressspace.MemoryRange;
import dev.remora.procfs.RangeList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RangeLedgerTest {

    private record Word(Tally tally, String word) implements Verdict<String> {
        @Override
        public String of(MemoryRange range) {
            return word + " " + range;
        }
    }

    private static final Word DONE = new Word(Tally.DONE, "done");
    private static final Word SKIPPED = new Word(Tally.SKIPPED, "skipped");

    private final RangeLedger<String> ledger = new RangeLedger<>();

    RangeLedgerTest() {
        var request = new RangeList(3);
        request.add(0x1000, 0x2000);
        request.add(0x3000, 0x1000);
        request.add(0x8000, 0x2000);
        ledger.expect(request);
    }

    @Test
    void isEmptyBeforeAnythingIsAdded() {
        assertThat(ledger.isEmpty()).isTrue();
        assertThat(ledger.parts()).isEmpty();
    }

    @Test
    void keepsNeighbouringRangesApartThoughAllWereDone() {
        add(0x1000, 0x2000, DONE);
        add(0x3000, 0x1000, DONE);
        add(0x8000, 0x2000, DONE);

        assertParts("done 0x1000-0x3000", "done 0x3000-0x4000", "done 0x8000-0xa000");
        assertThat(ledger.bytes(Tally.DONE)).isEqualTo(0x5000);
    }

    @Test
    void joinsPiecesOfOneRange() {
        add(0x1000, 0x1000, DONE);
        ledger.add(0x2000, 0x1000, DONE);

        assertParts("done 0x1000-0x3000");
    }

    @Test
    void tellsOfRangeThatWasBegun() {
        add(0x1000, 0x2000, DONE);
        add(0x3000, 0x1000, DONE);
        add(0x8000, 0x1000, DONE);

        assertParts("done 0x1000-0x3000", "done 0x3000-0x4000", "done 0x8000-0x9000");
    }

    @Test
    void tellsWhatWasDoneBeforeAnotherVerdict() {
        add(0x1000, 0x2000, DONE);
        add(0x3000, 0x1000, SKIPPED);
        add(0x8000, 0x2000, DONE);

        assertParts("done 0x1000-0x3000", "skipped 0x3000-0x4000", "done 0x8000-0xa000");
        assertThat(ledger.bytes(Tally.SKIPPED)).isEqualTo(0x1000);
    }

    @Test
    void cutsRangeAtAnotherVerdictAndJoinsWhatFollows() {
        add(0x1000, 0x1000, DONE);
        ledger.add(0x2000, 0x800, SKIPPED);
        ledger.add(0x2800, 0x800, SKIPPED);
        add(0x3000, 0x1000, SKIPPED);

        assertParts("done 0x1000-0x2000", "skipped 0x2000-0x3000", "skipped 0x3000-0x4000");
    }

    @Test
    void takesRequestThatWasNotAnnounced() {
        var unannounced = new RangeLedger<String>();
        unannounced.add(0x1000, 0x1000, DONE);
        unannounced.add(0x2000, 0x1000, DONE);

        assertThat(unannounced.parts()).isEqualTo(List.of("done 0x1000-0x3000"));
    }

    private void add(long address, long byteSize, Word verdict) {
        ledger.beginRange();
        ledger.add(address, byteSize, verdict);
    }

    private void assertParts(String... parts) {
        assertThat(ledger.parts()).isEqualTo(List.of(parts));
    }
}
