package dev.remora;

import dev.remora.bindings.Linux;
import dev.remora.process.HeldNumber;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.MappedAccess;
import dev.remora.procfs.ProcDirectory;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.IoVectors;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.MemoryFile;
import dev.remora.syscall.ProcessVm;

/** One of the ways to have the kernel copy between this process and another one. */
interface CopyCall {

    /** The most bytes that one call is to copy. */
    long mostBytes(long pageSize);

    /** Says whether the next call will be for the process that was meant. */
    boolean ready();

    /**
     * Copies between a place here and ranges there, one after the other. Returns the bytes copied, or −errno: EFAULT if not
     * even the first was, ESRCH if the process is gone, and then what arrived here may be somebody else's.
     */
    long copy(IoVectors here, IoVectors there);

    /** What failures are named by. */
    String name();

    /** Reads by the number of the process; the answer counts only if the process lives afterwards. */
    record Reading(Kernel kernel, PinnedProcess process) implements CopyCall {

        @Override
        public long mostBytes(long pageSize) {
            return IoVectors.maxBytes(pageSize);
        }

        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public long copy(IoVectors here, IoVectors there) {
            if (process.exited()) {
                return -Linux.ESRCH();
            }
            long result = ProcessVm.read(kernel, process.pid(), here, there);
            return process.exited() ? -Linux.ESRCH() : result;
        }

        @Override
        public String name() {
            return ProcessVm.READING;
        }
    }

    /** Writes by the number of the process, which is held meanwhile. */
    record HeldWriting(Kernel kernel, PinnedProcess process, HeldNumber number) implements CopyCall {

        /** Some 20 ms, as long as a signal for the process may have to wait. */
        private static final long PORTION = 64L << 20;

        @Override
        public long mostBytes(long pageSize) {
            return PORTION;
        }

        @Override
        public boolean ready() {
            return number.still();
        }

        @Override
        public long copy(IoVectors here, IoVectors there) {
            long result = ProcessVm.write(kernel, process.pid(), here, there);
            return process.exited() ? -Linux.ESRCH() : result;
        }

        @Override
        public String name() {
            return ProcessVm.WRITING;
        }
    }

    /** Writes through a file that belongs to the memory, where the process itself may write. */
    record FileWriting(PinnedProcess process, MemoryFile file) implements CopyCall {

        private static final long PORTION = 4L << 20;

        @Override
        public long mostBytes(long pageSize) {
            return PORTION;
        }

        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public long copy(IoVectors here, IoVectors there) {
            long address = there.address(0);
            try {
                MappedAccess access = MappedAccess.read(process.directory(), MappedAccess.Access.WRITABLE);
                if (!access.granted(address)) {
                    return -Linux.EFAULT();
                }
                long byteSize = Math.min(there.byteSize(0), access.end(address) - address);
                return file.write(here.address(0), address, byteSize);
            } catch (ErrnoException failure) {
                return ProcDirectory.meansGone(failure) ? -Linux.ESRCH() : -failure.errno();
            }
        }

        @Override
        public String name() {
            return "pwrite64";
        }
    }
}
