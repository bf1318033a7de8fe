/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes that a JVM cannot be: each prints the numbers a test needs on one line, and lives until it is killed or its
 * standard input ends; the second one of those that share their memory, a minute at most.
 *
 *   sharing BYTES      two processes with one memory (CLONE_VM); prints the number of the second
 *   starting BYTES     a child that shares its memory (vfork) until 20 ms after its end; prints nothing
 *   locked BYTES       its memory is locked; prints nothing
 *   leaderless BYTES   its main thread has ended, another one lives; prints nothing
 *   crowd NUMBER       so many children; prints their numbers
 *   orphanage          a child whose exit status is never collected; prints its number
 *   chaining NUMBER    a child with so many threads more that each start another one and end; prints its number and where they
 *                      count
 *   executing WHO      a child of three threads, of which the first (0) or another (2) runs another program, which counts, once
 *                      it gets SIGUSR1; or (1) of one that does when the first has ended; or (3) of three of which the
 *                      first ends; prints its number and that thread's
 *   executed           counts
 *   trapped            a child for which a SIGTRAP is pending; prints its number
 *   counting NUMBER    a child with so many threads more that count; prints its number and where the counters are
 *   tracing PID        traces another process; prints nothing
 *   tracing-aside PID  traces another process by a second thread; prints nothing
 *   testator BYTES     untouched memory; prints the number of the process that has it and the address; for a byte of input,
 *                      that process has a child, and both touch the memory
 *   twins BYTES        memory that may be merged, all pages alike; prints its address
 *   fenced             a child with a thread whose stack has a mark for a guard (MADV_GUARD_INSTALL); prints its number and
 *                      that of the thread, or 0 0
 *   undumpable         a process that is not dumpable; prints nothing
 *   filtering NUMBER ERRNO PROGRAM ...
 *                      runs a program with a seccomp filter that answers this call with this errno, or kills for 0
 *   shifting NUMBER    so many pages that stay, and memory between them that is split, joined, resized, moved, unmapped and
 *                      mapped all the time; prints the addresses of the pages
 *   empty              a child that has unmapped all of its memory; prints its number, 0 if that cannot be
 *   spawning           children that are replaced by their own children all the time; prints nothing
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[1 << 16];

static void wait_for_end_of_input(void) {
    char byte;
    while (read(0, &byte, 1) > 0) {
    }
}

static void live_until_input_ends(void) {
    wait_for_end_of_input();
    _exit(0);
}

static int live_a_minute(void *unused) {
    (void)unused;
    alarm(60);
    while (pause() < 0) {
    }
    return 0;
}

static void *live_in_a_thread(void *unused) {
    live_until_input_ends();
    return unused;
}

static void sleep_for_ever(void) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        pause();
    }
}

static char *map(long size) {
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void touch(const char *bytes) {
    long size = atol(bytes);
    memset(map(size), 1, size);
}

static void sharing(const char *bytes) {
    touch(bytes);
    /* The second one outlives the first, whose input Java closes when the first ends. */
    int pid = clone(live_a_minute, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
    printf("%d\n", pid);
}

static void starting(const char *bytes) {
    touch(bytes);
    puts("");
    fflush(stdout);
    int parent = getpid();
    if (vfork() == 0) {
        for (int i = 0; i < 60000 && getppid() == parent; i++) {
            usleep(1000);
        }
        usleep(20000);
        _exit(0);
    }
}

static void locked(const char *bytes) {
    touch(bytes);
    puts(mlockall(MCL_CURRENT) == 0 ? "" : "not locked");
}

static void leaderless(const char *bytes) {
    touch(bytes);
    pthread_t thread;
    pthread_create(&thread, NULL, live_in_a_thread, NULL);
    puts("");
    fflush(stdout);
    syscall(SYS_exit, 0);
}

static void crowd(int number) {
    for (int i = 0; i < number; i++) {
        int pid = fork();
        if (pid == 0) {
            sleep_for_ever();
        }
        printf("%d ", pid);
    }
    puts("");
}

static void orphanage(void) {
    int pid = fork();
    if (pid == 0) {
        sleep_for_ever();
    }
    printf("%d\n", pid);
}

static volatile long counters[64];

static void *count(void *counter) {
    for (;;) {
        ++*(volatile long *)counter;
    }
}

static void counting(int number) {
    int pid = fork();
    if (pid == 0) {
        pthread_t thread;
        for (int i = 0; i < number; i++) {
            pthread_create(&thread, NULL, count, (void *)&counters[i]);
        }
        sleep_for_ever();
    }
    printf("%d %ld\n", pid, (long)counters);
}

static void *start_another(void *attributes) {
    pthread_t thread;
    ++*counters;
    while (pthread_create(&thread, attributes, start_another, attributes) != 0) {
    }
    return NULL;
}

static void chaining(int number) {
    int pid = fork();
    if (pid == 0) {
        static pthread_attr_t attributes;
        pthread_t thread;
        pthread_attr_init(&attributes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        pthread_attr_setstacksize(&attributes, sizeof stack);
        for (int i = 0; i < number; i++) {
            pthread_create(&thread, &attributes, start_another, &attributes);
        }
        sleep_for_ever();
    }
    printf("%d %ld\n", pid, (long)counters);
}

static void *count_here(void *unused) {
    (void)unused;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return count((void *)counters);
}

static void wait_until_told(volatile int *number) {
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGUSR1);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    *number = (int)syscall(SYS_gettid);
    sigwaitinfo(&awaited, NULL);
}

static void *execute_when_told(void *number) {
    wait_until_told(number);
    execl("/proc/thread-self/exe", "specimens", "executed", NULL);
    _exit(1);
}

static void executing(int who) {
    volatile int *number = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int pid = fork();
    if (pid == 0) {
        pthread_t thread;
        sigset_t told;
        sigemptyset(&told);
        sigaddset(&told, SIGUSR1);
        sigprocmask(SIG_BLOCK, &told, NULL);
        if (who != 1) {
            pthread_create(&thread, NULL, count_here, NULL);
        }
        pthread_create(&thread, NULL, who % 3 == 0 ? count_here : execute_when_told, (void *)number);
        if (who == 0) {
            execute_when_told((void *)number);
        } else if (who == 3) {
            wait_until_told(number);
            syscall(SYS_exit, 0);
        } else if (who == 1) {
            syscall(SYS_exit, 0);
        }
        sleep_for_ever();
    }
    while (*number == 0) {
        usleep(1000);
    }
    printf("%d %d\n", pid, *number);
}

static void trapped(void) {
    int done[2];
    char none;
    if (pipe(done) != 0) {
        return;
    }
    int pid = fork();
    if (pid == 0) {
        sigset_t trap;
        sigemptyset(&trap);
        sigaddset(&trap, SIGTRAP);
        sigprocmask(SIG_BLOCK, &trap, NULL);
        raise(SIGTRAP);
        close(done[1]);
        close(done[0]);
        sleep_for_ever();
    }
    close(done[1]);
    while (read(done[0], &none, 1) > 0) {
    }
    printf("%d\n", pid);
}

static void tracing(int pid) {
    puts(ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 ? "" : "not traced");
}

static void *trace_aside(void *pid) {
    tracing(atoi(pid));
    fflush(stdout);
    return live_in_a_thread(pid);
}

static void tracing_aside(char *pid) {
    pthread_t thread;
    pthread_create(&thread, NULL, trace_aside, pid);
    pthread_join(thread, NULL);
}

static void testator(const char *bytes) {
    long size = atol(bytes);
    int pid = fork();
    if (pid != 0) {
        waitpid(pid, NULL, 0);
        _exit(0);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char *memory = map(size);
    printf("%d %ld\n", getpid(), (long)memory);
    fflush(stdout);
    char byte;
    if (read(0, &byte, 1) == 1) {
        int heir = fork();
        memset(memory, 1, size);
        if (heir == 0) {
            sleep_for_ever();
        }
    }
}

static void twins(const char *bytes) {
    long size = atol(bytes);
    char *memory = map(size);
    if (madvise(memory, size, MADV_MERGEABLE) != 0) {
        puts("0");
        return;
    }
    memset(memory, 1, size);
    printf("%ld\n", (long)memory);
}

static void *tell_your_number(void *numbers) {
    ((volatile int *)numbers)[1] = (int)syscall(SYS_gettid);
    sleep_for_ever();
    return numbers;
}

static void fenced(void) {
    const size_t size = 1 << 20;
    const int guard_install = 102;
    volatile int *numbers = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int pid = fork();
    if (pid == 0) {
        pthread_t thread;
        pthread_attr_t attributes;
        /* What lies below is accessible, so that the mark is the only guard. */
        char *room = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        int marked = madvise(room + size, 4096, guard_install) == 0;
        pthread_attr_init(&attributes);
        pthread_attr_setstack(&attributes, room + size, size);
        if (marked && pthread_create(&thread, &attributes, tell_your_number, (void *)numbers) == 0) {
            while (numbers[1] == 0) {
                usleep(1000);
            }
        }
        numbers[0] = 1;
        sleep_for_ever();
    }
    while (numbers[0] == 0) {
        usleep(1000);
    }
    printf("%d %d\n", numbers[1] == 0 ? 0 : pid, numbers[1]);
}

static void replace_yourself(int times) {
    for (int i = 0; i < times; i++) {
        if (fork() != 0) {
            _exit(0);
        }
        usleep(200);
    }
    _exit(0);
}

static void spawning(void) {
    puts("");
    fflush(stdout);
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 4; i++) {
        if (fork() == 0) {
            replace_yourself(30000);
        }
    }
}

/* Pages that stay are executable and their neighbours are not, so that they stay mappings of their own. */
static void shift(char *room, long unit, long count) {
    const long page = 4096;
    for (unsigned long round = 0;; round++) {
        char *area = room + (round % count) * unit + page;
        /* Split in three and join again. */
        mprotect(area + 2 * page, page, PROT_READ);
        mprotect(area + 2 * page, page, PROT_READ | PROT_WRITE);
        /* Shrink and grow. */
        if (mremap(area, 6 * page, 3 * page, 0) == area) {
            mremap(area, 3 * page, 6 * page, 0);
        }
        /* Move elsewhere and back; what is left behind is mapped anew. */
        char *elsewhere = mremap(area + 4 * page, 2 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, area + 8 * page);
        if (elsewhere != MAP_FAILED) {
            mremap(elsewhere, 2 * page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, area + 4 * page);
        }
        /* Unmap and map. */
        munmap(area, 6 * page);
        mmap(area, 6 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    }
}

static void *shift_thread(void *arguments) {
    long *numbers = arguments;
    shift((char *)numbers[0], numbers[1], numbers[2]);
    return arguments;
}

static void shifting(long count) {
    const long page = 4096, unit = 16 * page;
    static long numbers[3];
    char *room = mmap(NULL, count * unit, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    munmap(room, count * unit);
    for (long i = 0; i < count; i++) {
        mmap(room + i * unit, page, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        mmap(room + i * unit + page, 6 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        printf("%ld ", (long)(room + i * unit));
    }
    puts("");
    fflush(stdout);
    numbers[0] = (long)room;
    numbers[1] = unit;
    numbers[2] = count;
    pthread_t thread;
    pthread_create(&thread, NULL, shift_thread, numbers);
}

/* It is stopped by the signal that follows, as nothing is left that it could execute; and never gets it. */
static void empty(void) {
    int pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        munmap(NULL, (1UL << 47) - 4096);
        _exit(1);
    }
    int status;
    waitpid(pid, &status, 0);
    printf("%d\n", WIFSTOPPED(status) ? pid : 0);
}

static void undumpable(void) {
    puts(prctl(PR_SET_DUMPABLE, 0) == 0 ? "" : "dumpable");
}

static int filtering(char **arguments) {
    unsigned number = atoi(arguments[0]);
    unsigned answer = atoi(arguments[1]);
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, answer == 0 ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_ERRNO | answer),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) {
        execvp(arguments[2], arguments + 2);
    }
    perror("filtering");
    return 3;
}

int main(int count, char **arguments) {
    const char *name = count > 1 ? arguments[1] : "";
    if (strcmp(name, "sharing") == 0) {
        sharing(arguments[2]);
    } else if (strcmp(name, "starting") == 0) {
        starting(arguments[2]);
    } else if (strcmp(name, "locked") == 0) {
        locked(arguments[2]);
    } else if (strcmp(name, "leaderless") == 0) {
        leaderless(arguments[2]);
    } else if (strcmp(name, "crowd") == 0) {
        crowd(atoi(arguments[2]));
    } else if (strcmp(name, "orphanage") == 0) {
        orphanage();
    } else if (strcmp(name, "counting") == 0) {
        counting(atoi(arguments[2]));
    } else if (strcmp(name, "chaining") == 0) {
        chaining(atoi(arguments[2]));
    } else if (strcmp(name, "executing") == 0) {
        executing(atoi(arguments[2]));
    } else if (strcmp(name, "executed") == 0) {
        count_here(NULL);
    } else if (strcmp(name, "trapped") == 0) {
        trapped();
    } else if (strcmp(name, "tracing") == 0) {
        tracing(atoi(arguments[2]));
    } else if (strcmp(name, "tracing-aside") == 0) {
        tracing_aside(arguments[2]);
    } else if (strcmp(name, "testator") == 0) {
        testator(arguments[2]);
    } else if (strcmp(name, "twins") == 0) {
        twins(arguments[2]);
    } else if (strcmp(name, "fenced") == 0) {
        fenced();
    } else if (strcmp(name, "undumpable") == 0) {
        undumpable();
    } else if (strcmp(name, "filtering") == 0) {
        return filtering(arguments + 2);
    } else if (strcmp(name, "shifting") == 0) {
        shifting(atol(arguments[2]));
    } else if (strcmp(name, "empty") == 0) {
        empty();
    } else if (strcmp(name, "spawning") == 0) {
        spawning();
    } else {
        return 2;
    }
    fflush(stdout);
    live_until_input_ends();
}
