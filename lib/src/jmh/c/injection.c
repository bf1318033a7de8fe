/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a thread of another process call mbind(2), as a C program would, and says how long the thread stood still: what
 * Remora is compared with. x86-64 only.
 *
 *   injection PID TID|0 ADDRESS BYTES NODE COUNT RANGES
 *
 * COUNT times: seizes the thread (0: any, at any moment), stops it, has it bind RANGES pages, every second of the BYTES at the
 * hexadecimal ADDRESS to NODE, and lets it go. Prints the median and the maximum of the microseconds from the request to
 * stop until the thread was let go, first of the sessions, then for each range; and on a second line how often what
 * happened. Without RANGES (0) it only stops the thread and lets it go. Exits with 1 if a page was not bound.
 *
 * INJECTION_WITHOUT in the environment names precautions to leave out, to see what they are for:
 *   rseq    abort a restartable sequence       eintr   restart calls that a mere stop ends by EINTR
 *   signal  give back the registers before a signal is delivered
 * INJECTION_MASK=vdso takes the node mask from the bytes of the vDSO instead of writing it below the stack.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RSEQ_CONFIGURATION 0x420f
#define EVENT_STOP 128
#define RED_ZONE 128
#define PAGE 4096L
#define RESTART_UNLESS_HANDLED (-514L)
#define SYSCALL_STOP (SIGTRAP | 0x80)

enum stop { GONE, EVENT, CALL, SIGNAL };
enum result { DONE, AGAIN, REFUSED, LOST };

struct rseq_configuration {
    uint64_t area;
    uint32_t size, signature, flags, pad;
};

static pid_t process;
static unsigned long start, node;
static long bytes, instruction, constant_mask;
static int with_rseq, with_eintr, with_signal, mask_on_stack;
static struct { long done, signals, early_signals, sequences, restarts, groups, gone, refused, failed; } counted;
static int error_of_range;

struct session {
    pid_t thread;
    struct user_regs_struct original;
    unsigned long stack;
    long below;
    int pending;
    long next, ranges;
};

static void require(int holds, const char *what) {
    if (!holds) {
        perror(what);
        exit(2);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static enum stop wait_for_stop(struct session *session) {
    int status;
    while (waitpid(session->thread, &status, __WALL) < 0) {
        if (errno != EINTR) {
            return GONE;
        }
    }
    if (!WIFSTOPPED(status)) {
        return GONE;
    }
    session->pending = WSTOPSIG(status);
    if (status >> 16 == EVENT_STOP) {
        counted.groups += session->pending != SIGTRAP;
        return EVENT;
    }
    return session->pending == SYSCALL_STOP ? CALL : SIGNAL;
}

static int go_on(struct session *session, int how, long signal) {
    return ptrace(how, session->thread, 0, signal) == 0;
}

static long peek(struct session *session, unsigned long address) {
    errno = 0;
    return ptrace(PTRACE_PEEKDATA, session->thread, address, 0);
}

/*
 * The stop has already ended a restartable sequence: the kernel sends the thread to its abort handler on the way to user
 * mode, but only if it finds the thread in the sequence then, which it does not after it was sent to the vDSO. So the
 * thread is sent to the handler here. Returns 0 if what it finds is not a sequence.
 */
static int abort_sequence(struct session *session) {
    struct rseq_configuration rseq = {0};
    if (ptrace(RSEQ_CONFIGURATION, session->thread, sizeof rseq, &rseq) <= 0 || rseq.area == 0) {
        return 1;
    }
    unsigned long section = peek(session, rseq.area + 8);
    if (errno != 0 || section == 0) {
        return 1;
    }
    unsigned long first = peek(session, section + 8), length = peek(session, section + 16);
    if (session->original.rip - first >= length) {
        return 1;
    }
    unsigned long handler = peek(session, section + 24);
    if ((uint32_t)peek(session, handler - 4) != rseq.signature) {
        return 0;
    }
    counted.sequences++;
    session->original.rip = handler;
    return 1;
}

static int is_socket(struct session *session) {
    char path[64], target[16] = {0};
    snprintf(path, sizeof path, "/proc/%d/fd/%d", session->thread, (int)session->original.rdi);
    return readlink(path, target, sizeof target - 1) > 0 && strncmp(target, "socket:", 7) == 0;
}

/*
 * Whether a call that did nothing yet may be made again; its timeout then begins again. Those of a socket end like this
 * only if it has a timeout: without, the kernel makes them again by itself.
 */
static int ends_by_stop(struct session *session) {
    switch (session->original.orig_rax) {
        case SYS_epoll_wait:
        case SYS_epoll_pwait:
        case 441: /* epoll_pwait2 */
        case SYS_semop:
        case SYS_semtimedop:
        case SYS_rt_sigtimedwait:
        case SYS_io_getevents:
        case 333: /* io_pgetevents */
        case 426: /* io_uring_enter, which has submitted nothing if it ends like this */
            return 1;
        case SYS_read:
        case SYS_readv:
        case SYS_write:
        case SYS_writev:
        case SYS_recvfrom:
        case SYS_recvmsg:
        case SYS_recvmmsg:
        case SYS_sendto:
        case SYS_sendmsg:
        case SYS_sendmmsg:
        case SYS_connect:
        case SYS_accept:
        case SYS_accept4:
            return is_socket(session);
        default:
            return 0;
    }
}

static int give_back(struct session *session) {
    if (mask_on_stack && ptrace(PTRACE_POKEDATA, session->thread, session->stack, session->below) != 0) {
        return 0;
    }
    return ptrace(PTRACE_SETREGS, session->thread, 0, &session->original) == 0;
}

/* A signal is delivered to the thread as it was, and the thread stops again behind that. */
static enum result deliver(struct session *session, enum result result) {
    siginfo_t info = {0};
    struct user_regs_struct registers;
    counted.signals++;
    if (session->pending == SIGSYS && ptrace(PTRACE_GETSIGINFO, session->thread, 0, &info) == 0
        && ptrace(PTRACE_GETREGS, session->thread, 0, &registers) == 0
        && registers.rip == (unsigned long)instruction + 2) {
        /* The call itself was not allowed (seccomp, or system calls dispatched to the user): this signal is ours. */
        session->pending = 0;
        result = REFUSED;
    }
    if (with_signal && !give_back(session)) {
        return LOST;
    }
    if (ptrace(PTRACE_INTERRUPT, session->thread, 0, 0) != 0 || !go_on(session, PTRACE_CONT, session->pending)) {
        return LOST;
    }
    return result;
}

static enum result bind_page(struct session *session) {
    struct user_regs_struct registers = session->original;
    registers.rip = instruction;
    registers.rax = SYS_mbind;
    registers.orig_rax = -1;
    registers.rdi = start + 2 * session->next * PAGE % bytes;
    registers.rsi = PAGE;
    registers.rdx = MPOL_BIND;
    registers.r10 = mask_on_stack ? session->stack : (unsigned long)constant_mask;
    registers.r8 = mask_on_stack ? 65 : node + 2;
    registers.r9 = 0;
    if (ptrace(PTRACE_SETREGS, session->thread, 0, &registers) != 0) {
        return LOST;
    }
    for (int i = 0; i < 2; i++) {
        if (!go_on(session, PTRACE_SYSCALL, 0)) {
            return LOST;
        }
        switch (wait_for_stop(session)) {
            case CALL:
                break;
            case SIGNAL:
                return deliver(session, AGAIN);
            case EVENT:
                /* A group stop or a second request: nothing has run. */
                return give_back(session) && ptrace(PTRACE_INTERRUPT, session->thread, 0, 0) == 0
                               && go_on(session, PTRACE_CONT, 0)
                           ? AGAIN
                           : LOST;
            default:
                return LOST;
        }
    }
    if (ptrace(PTRACE_GETREGS, session->thread, 0, &registers) != 0) {
        return LOST;
    }
    if ((long)registers.rax > 0) {
        /* A filter answered with SIGSYS, which comes first now unless a stop is asked for. */
        return go_on(session, PTRACE_CONT, 0) && wait_for_stop(session) == SIGNAL ? deliver(session, AGAIN) : LOST;
    }
    session->next++;
    if ((long)registers.rax < 0) {
        counted.failed++;
        error_of_range = -(long)registers.rax;
    }
    return DONE;
}

/* The thread is in a stop inside the kernel's delivery of signals, where its call may still be restarted. */
static enum result bind_all(struct session *session) {
    if (ptrace(PTRACE_GETREGS, session->thread, 0, &session->original) != 0) {
        return LOST;
    }
    struct user_regs_struct *original = &session->original;
    if (original->cs != 0x33 || (peek(session, instruction) & 0xffff) != 0x050f) {
        return REFUSED;
    }
    if (with_rseq && !abort_sequence(session)) {
        return REFUSED;
    }
    if (with_eintr && (long)original->rax == -EINTR && ends_by_stop(session)) {
        counted.restarts++;
        original->rax = RESTART_UNLESS_HANDLED;
        if (ptrace(PTRACE_SETREGS, session->thread, 0, original) != 0) {
            return LOST;
        }
    }
    session->stack = (original->rsp - RED_ZONE - 64) & ~15UL;
    if (mask_on_stack) {
        session->below = peek(session, session->stack);
        if (errno != 0 || ptrace(PTRACE_POKEDATA, session->thread, session->stack, 1UL << node) != 0) {
            return REFUSED;
        }
    }
    while (session->next < session->ranges) {
        enum result result = bind_page(session);
        if (result != DONE) {
            return result;
        }
    }
    if (ptrace(PTRACE_INTERRUPT, session->thread, 0, 0) != 0 || !go_on(session, PTRACE_CONT, 0)) {
        return LOST;
    }
    for (;;) {
        switch (wait_for_stop(session)) {
            case EVENT:
                return give_back(session) ? DONE : LOST;
            case SIGNAL:
                return deliver(session, AGAIN);
            default:
                return LOST;
        }
    }
}

static enum result run(struct session *session) {
    for (;;) {
        enum stop stop = wait_for_stop(session);
        if (stop == GONE) {
            return LOST;
        }
        if (stop != EVENT) {
            /* Any stop uses up the request for the next one. */
            counted.early_signals++;
            if (ptrace(PTRACE_INTERRUPT, session->thread, 0, 0) != 0
                || !go_on(session, PTRACE_CONT, stop == SIGNAL ? session->pending : 0)) {
                return LOST;
            }
            continue;
        }
        if (session->next == session->ranges) {
            return DONE;
        }
        enum result result = bind_all(session);
        if (result == REFUSED && session->pending == 0) {
            wait_for_stop(session);
            return REFUSED;
        } else if (result != AGAIN) {
            return result;
        }
    }
}

static pid_t any_thread(void) {
    char path[64];
    pid_t thread = 0;
    int seen = 0;
    snprintf(path, sizeof path, "/proc/%d/task", process);
    DIR *tasks = opendir(path);
    require(tasks != NULL, path);
    for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
        if (entry->d_name[0] != '.' && rand() % ++seen == 0) {
            thread = atoi(entry->d_name);
        }
    }
    closedir(tasks);
    return thread;
}

static int is_named(const char *variable, const char *name) {
    const char *value = getenv(variable);
    return value != NULL && strstr(value, name) != NULL;
}

/* Finds a system call instruction, and bytes that are the mask when only its first bits are looked at. */
static void look_into_vdso(void) {
    char line[512], path[64];
    unsigned long from = 0, to = 0;
    snprintf(path, sizeof path, "/proc/%d/maps", process);
    FILE *maps = fopen(path, "r");
    require(maps != NULL, path);
    while (fgets(line, sizeof line, maps) != NULL && strstr(line, "[vdso]") == NULL) {
    }
    require(sscanf(line, "%lx-%lx", &from, &to) == 2, "[vdso]");
    fclose(maps);
    unsigned char *image = malloc(to - from);
    struct iovec here = {image, to - from}, there = {(void *)from, to - from};
    require(process_vm_readv(process, &here, 1, &there, 1, 0) == (ssize_t)(to - from), "process_vm_readv");
    for (unsigned long i = 0; i + 8 < to - from; i++) {
        unsigned long value;
        memcpy(&value, image + i, 8);
        if (instruction == 0 && (value & 0xffff) == 0x050f) {
            instruction = from + i;
        }
        if (constant_mask == 0 && (value & ((2UL << node) - 1)) == 1UL << node) {
            constant_mask = from + i;
        }
    }
    free(image);
    require(instruction != 0, "a system call instruction in the vDSO");
    require(mask_on_stack || constant_mask != 0, "a mask in the vDSO");
}

static int compare(const void *one, const void *other) {
    double first = *(const double *)one, second = *(const double *)other;
    return (first > second) - (first < second);
}

int main(int count, char **arguments) {
    if (count != 8) {
        fputs("injection PID TID|0 ADDRESS BYTES NODE COUNT RANGES\n", stderr);
        return 2;
    }
    process = atoi(arguments[1]);
    pid_t chosen = atoi(arguments[2]);
    start = strtoul(arguments[3], NULL, 16);
    bytes = atol(arguments[4]);
    node = strtoul(arguments[5], NULL, 10);
    long sessions = atol(arguments[6]), ranges = atol(arguments[7]);
    require(node < 62 && sessions > 0 && ranges >= 0, "NODE, COUNT or RANGES");
    with_rseq = !is_named("INJECTION_WITHOUT", "rseq");
    with_eintr = !is_named("INJECTION_WITHOUT", "eintr");
    with_signal = !is_named("INJECTION_WITHOUT", "signal");
    mask_on_stack = !is_named("INJECTION_MASK", "vdso");
    srand(time(NULL) ^ getpid());
    look_into_vdso();
    double *times = calloc(sessions, sizeof *times);
    require(times != NULL, "calloc");
    for (long i = 0; i < sessions; i++) {
        struct session session = {.thread = chosen, .ranges = ranges};
        if (chosen == 0) {
            usleep(rand() % 500);
            session.thread = any_thread();
        }
        if (ptrace(PTRACE_SEIZE, session.thread, 0, PTRACE_O_TRACESYSGOOD) != 0) {
            require(errno == ESRCH || errno == EPERM, "PTRACE_SEIZE");
            counted.gone++;
            continue;
        }
        double begin = now();
        enum result result = ptrace(PTRACE_INTERRUPT, session.thread, 0, 0) == 0 ? run(&session) : LOST;
        int let_go = ptrace(PTRACE_DETACH, session.thread, 0, 0) == 0;
        double end = now();
        if (result == DONE && let_go) {
            times[counted.done++] = end - begin;
        } else if (result == REFUSED) {
            counted.refused++;
        } else {
            counted.gone++;
            waitpid(session.thread, NULL, __WALL | WNOHANG);
        }
    }
    qsort(times, counted.done, sizeof *times, compare);
    if (counted.done > 0) {
        double median = times[counted.done / 2], maximum = times[counted.done - 1];
        printf("%.1f %.1f %.2f %.2f\n", median, maximum, median / (ranges + !ranges), maximum / (ranges + !ranges));
    }
    printf("sessions %ld signals %ld before %ld sequences %ld restarts %ld groups %ld gone %ld refused %ld failed %ld %s\n",
           counted.done, counted.signals, counted.early_signals, counted.sequences, counted.restarts, counted.groups,
           counted.gone, counted.refused, counted.failed, counted.failed == 0 ? "" : strerror(error_of_range));
    return counted.failed != 0 || counted.done == 0;
}
