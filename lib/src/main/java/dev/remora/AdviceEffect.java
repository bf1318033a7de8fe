package dev.remora;

import dev.remora.addressspace.ByteSize;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * What could be seen of the effect of advice: {@link AdviceRequest#measured()}. It is about the whole of each mapping that
 * the request touched, and about all that happened there meanwhile: the process itself goes on to use its memory.
 *
 * {@snippet file="Measuring.java" region="measured"}
 *
 * @param before where the memory was before
 * @param after where it was afterwards
 * @param swapUsedBytes how much less swap of the host was free afterwards, which others use too; empty where the host does
 *     not tell
 * @param zramBytes how much more RAM the zram devices of the host took afterwards; empty without such a device
 * @param elapsed how long the kernel took, with pauses of a pace, and without measuring
 * @param cpuTime how much CPU time of the threads that asked it took: the kernel's work is done by them
 */
public record AdviceEffect(
        MemoryUse before,
        MemoryUse after,
        OptionalLong swapUsedBytes,
        OptionalLong zramBytes,
        Duration elapsed,
        Duration cpuTime) {

    /** {@return how much less is in RAM afterwards; negative if it is more} */
    public long leftRamBytes() {
        return before.residentBytes() - after.residentBytes();
    }

    /** {@return how much more of the mappings is in swap afterwards} */
    public long swappedOutBytes() {
        return after.swappedBytes() - before.swappedBytes();
    }

    /** {@return how much more is in RAM afterwards, at least 0} */
    public long growthBytes() {
        return Math.max(0, -leftRamBytes());
    }

    /** {@return how much RAM was gained: what left it, without what zram took for it} */
    public long gainedBytes() {
        return leftRamBytes() - zramBytes.orElse(0);
    }

    /** {@return all of it in one line, to be logged} */
    @Override
    public String toString() {
        String moved = leftRamBytes() < 0
                ? "grew by " + ByteSize.format(growthBytes())
                : ByteSize.format(leftRamBytes()) + " left RAM";
        return moved + ", " + ByteSize.format(swappedOutBytes()) + " more in swap"
                + (zramBytes.isPresent() ? ", zram took " + ByteSize.format(zramBytes.getAsLong()) : "")
                + "; before " + before + "; after " + after
                + "; took " + milliseconds(elapsed) + " ms, " + milliseconds(cpuTime) + " ms of CPU";
    }

    private static long milliseconds(Duration time) {
        return TimeUnit.MILLISECONDS.convert(time);
    }
}
