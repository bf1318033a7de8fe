package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.lang.foreign.Arena;

/**
 * System calls with arguments with which they cannot do anything: no process, no descriptor, no memory. The answer tells
 * whether the kernel has the call, and whether a seccomp filter refuses it, for that comes before the kernel looks at
 * arguments or rights.
 */
public enum HarmlessCall {
    PIDFD_OPEN(Syscall.PIDFD_OPEN, HarmlessCall.NOBODY, 0),
    PIDFD_SEND_SIGNAL(Syscall.PIDFD_SEND_SIGNAL, HarmlessCall.NOBODY, 0),
    PROCESS_MADVISE(Syscall.PROCESS_MADVISE, HarmlessCall.NOBODY, Linux.MADV_COLD()),
    PROCESS_MRELEASE(Syscall.PROCESS_MRELEASE, HarmlessCall.NOBODY, 0),
    MOVE_PAGES(Syscall.MOVE_PAGES, HarmlessCall.NOBODY, 0),
    MIGRATE_PAGES(Syscall.MIGRATE_PAGES, HarmlessCall.NOBODY, 0),
    PROCESS_VM_READV(Syscall.PROCESS_VM_READV, HarmlessCall.NOBODY, 0),
    PROCESS_VM_WRITEV(Syscall.PROCESS_VM_WRITEV, HarmlessCall.NOBODY, 0),
    MBIND(Syscall.MBIND, 0, 0),
    SET_MEMPOLICY_HOME_NODE(Syscall.SET_MEMPOLICY_HOME_NODE, 0, 0),
    PTRACE(Syscall.PTRACE, Linux.PTRACE_SEIZE(), 0) {
        @Override
        public long answer(Kernel kernel) {
            return kernel.call(Syscall.PTRACE, Linux.PTRACE_SEIZE(), HarmlessCall.NOBODY, 0, 0);
        }
    },
    /** Each advice for no range of this process: EINVAL says that the kernel does not know it. */
    ADVICE_COLD(Syscall.PROCESS_MADVISE, 0, Linux.MADV_COLD()) {
        @Override
        public long answer(Kernel kernel) {
            return forNothing(kernel, Linux.MADV_COLD());
        }
    },
    ADVICE_PAGEOUT(Syscall.PROCESS_MADVISE, 0, Linux.MADV_PAGEOUT()) {
        @Override
        public long answer(Kernel kernel) {
            return forNothing(kernel, Linux.MADV_PAGEOUT());
        }
    },
    ADVICE_WILLNEED(Syscall.PROCESS_MADVISE, 0, Linux.MADV_WILLNEED()) {
        @Override
        public long answer(Kernel kernel) {
            return forNothing(kernel, Linux.MADV_WILLNEED());
        }
    },
    ADVICE_COLLAPSE(Syscall.PROCESS_MADVISE, 0, Linux.MADV_COLLAPSE()) {
        @Override
        public long answer(Kernel kernel) {
            return forNothing(kernel, Linux.MADV_COLLAPSE());
        }
    },
    /** Requests to files of this process, without an argument: ENOTTY says that the file does not know it. */
    PROCMAP_QUERY(Syscall.IOCTL, 0, 0) {
        @Override
        public long answer(Kernel kernel) {
            return request(kernel, "maps", Linux.PROCMAP_QUERY());
        }
    },
    PAGEMAP_SCAN(Syscall.IOCTL, 0, 0) {
        @Override
        public long answer(Kernel kernel) {
            return request(kernel, "pagemap", Linux.PAGEMAP_SCAN());
        }
    },
    PIDFD_GET_INFO(Syscall.IOCTL, 0, 0) {
        @Override
        public long answer(Kernel kernel) {
            try (Descriptor self = PidFds.open(kernel, new OwnProcess(kernel).pid())) {
                return ProcessInfo.of(kernel, self).isPresent() ? 0 : -Linux.ENOTTY();
            } catch (ErrnoException failure) {
                return -failure.errno();
            }
        }
    };

    private static final long NOBODY = -1;

    private final Syscall call;
    private final long first;
    private final long fourth;

    HarmlessCall(Syscall call, long first, long fourth) {
        this.call = call;
        this.first = first;
        this.fourth = fourth;
    }

    /** Returns what the kernel, or a filter before it, says to it: a result, or −errno. */
    public long answer(Kernel kernel) {
        return kernel.call(call, first, 0, 0, fourth, 0, 0);
    }

    private static long forNothing(Kernel kernel, int advice) {
        try (Descriptor self = PidFds.open(kernel, new OwnProcess(kernel).pid());
                Arena arena = Arena.ofConfined()) {
            return ProcessMadvise.call(kernel, self, new IoVectors(arena, 1), advice);
        } catch (ErrnoException failure) {
            return -failure.errno();
        }
    }

    private static long request(Kernel kernel, String name, long number) {
        String path = "/proc/self";
        try (Descriptor self = OpenFiles.directory(kernel, path);
                Descriptor file = OpenFiles.forReading(kernel, self, name, path + "/" + name)) {
            return kernel.call(Syscall.IOCTL, file.number(), number, 0);
        } catch (ErrnoException failure) {
            return -failure.errno();
        }
    }

    /** Says whether an answer is that the kernel does not have what was asked for. */
    public boolean meansAbsent(long answer) {
        boolean advice = name().startsWith("ADVICE_") && answer == -Linux.EINVAL();
        boolean request = call == Syscall.IOCTL && answer == -Linux.ENOTTY();
        return advice || request || answer == -Linux.ENOSYS();
    }

    /** Says whether an answer is one of those of a kernel that has looked at the arguments. */
    public static boolean meansPresent(long answer) {
        return answer >= 0
                || answer == -Linux.EBADF()
                || answer == -Linux.EFAULT()
                || answer == -Linux.EINVAL()
                || answer == -Linux.ESRCH();
    }

    /** Says whether an answer is a refusal by rights. */
    public static boolean meansDenied(long answer) {
        return answer == -Linux.EPERM() || answer == -Linux.EACCES();
    }

    /** Says whether a filter refuses this call as if rights were missing, for which the kernel itself does not get to ask. */
    public boolean refused(Kernel kernel) {
        return meansDenied(answer(kernel));
    }
}
