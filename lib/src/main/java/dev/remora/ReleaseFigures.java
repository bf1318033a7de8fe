package dev.remora;

import dev.remora.addressspace.ByteSize;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * How much memory a process had in RAM when its end was decided and when its outcome was known, and how long each step
 * took. All times count from the decision: the call of {@code kill}, {@code killAndRelease} or {@code terminate}.
 *
 * <p>Bytes are those of {@code /proc/PID/statm}: private and shared pages in RAM, counted by the kernel with an error of
 * some hundred kilobytes. A process that has given up its memory shows 0; one whose memory another process uses on, what
 * that one shows if it could be found, else what was there before. Where too many files are open to ask, it is 0.
 *
 * @param residentBytesBefore bytes in RAM before the kill
 * @param residentBytesAfter bytes in RAM when the outcome was known
 * @param timeToKill until SIGKILL was sent; empty if it was not needed, or there was nothing left to send it to
 * @param timeToReap until {@code process_mrelease} had freed the memory; empty if it did not
 * @param timeToExit until the process was seen to have ended; empty if it had not, see {@link RemoteMemory#onExit()}
 */
public record ReleaseFigures(
        long residentBytesBefore,
        long residentBytesAfter,
        Optional<Duration> timeToKill,
        Optional<Duration> timeToReap,
        Optional<Duration> timeToExit) {

    /** {@return the figures in one line} */
    @Override
    public String toString() {
        var text = new StringBuilder(ByteSize.format(residentBytesBefore) + " resident before, "
                + ByteSize.format(residentBytesAfter) + " after");
        timeToKill.ifPresent(time -> text.append("; killed after ").append(milliseconds(time)));
        timeToReap.ifPresent(time -> text.append("; reaped after ").append(milliseconds(time)));
        timeToExit.ifPresent(time -> text.append("; ended after ").append(milliseconds(time)));
        return text.toString();
    }

    private static String milliseconds(Duration time) {
        return String.format(Locale.ROOT, "%.2f ms", time.toNanos() / 1e6);
    }
}
