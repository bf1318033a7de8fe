/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ends processes that hold much memory, as a C program would, and says how long that took: what Remora is compared with.
 *
 *   ending victim BYTES THREADS                            touches memory, says "ready", and waits for its end
 *   ending drive HOW BYTES ROUNDS THREADS SITUATION         prints one line per round: 1 if process_mrelease freed the
 *                                                          memory, and microseconds until the signal was sent, until
 *                                                          process_mrelease returned, until the memory was back, and
 *                                                          until the process had ended
 *
 * The memory is back when AnonPages of /proc/meminfo has fallen by 95 % of it. MemAvailable does not count pages that
 * wait on a CPU's own free list, which since Linux 6.7 can be hundreds of megabytes for seconds.
 *
 * HOW        wait     SIGKILL, then wait
 *            release  SIGKILL, then process_mrelease
 *            urgent   the same, the caller in SCHED_FIFO for the two calls
 *            idle     the same, the victim's threads in SCHED_IDLE
 *            here     the same, the victim's threads moved to the caller's CPU
 *            traced   the same, the victim in a ptrace stop
 *            frozen   the same, the victim in a frozen cgroup (v1 freezer), thawed after the two calls
 * SITUATION  calm     nothing else runs
 *            loaded   two busy loops
 *            busy     the victim pinned to a CPU on which a busy loop runs
 *            stopped  the victim stopped by SIGSTOP
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PIDFD_OPEN 434
#define PIDFD_SEND_SIGNAL 424
#define PROCESS_MRELEASE 448
#define FREEZER "/sys/fs/cgroup/freezer/remora-bench"

static const char *self;

static void require(int holds, const char *what) {
    if (!holds) {
        perror(what);
        exit(1);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static void *wait_for_ever(void *unused) {
    for (;;) {
        pause();
    }
    return unused;
}

static int victim(long bytes, int threads) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(memory != MAP_FAILED, "mmap");
    for (long at = 0; at < bytes; at += 4096) {
        memory[at] = 1;
    }
    for (int i = 0; i < threads; i++) {
        pthread_t thread;
        require(pthread_create(&thread, NULL, wait_for_ever, NULL) == 0, "pthread_create");
    }
    puts("ready");
    fflush(stdout);
    wait_for_ever(NULL);
    return 0;
}

static pid_t start_victim(const char *bytes, const char *threads) {
    int ends[2];
    require(pipe(ends) == 0, "pipe");
    pid_t pid = fork();
    require(pid >= 0, "fork");
    if (pid == 0) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        execl(self, self, "victim", bytes, threads, NULL);
        _exit(127);
    }
    close(ends[1]);
    char said[6];
    require(read(ends[0], said, sizeof said) > 0, "a victim");
    close(ends[0]);
    return pid;
}

static pid_t start_loop(int cpu) {
    pid_t pid = fork();
    require(pid >= 0, "fork");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (cpu >= 0) {
            cpu_set_t set;
            CPU_ZERO(&set);
            CPU_SET(cpu, &set);
            sched_setaffinity(0, sizeof set, &set);
        }
        for (;;) {
        }
    }
    return pid;
}

static void each_thread(pid_t pid, void (*act)(pid_t thread, int argument), int argument) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    require(tasks != NULL, path);
    for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
        if (entry->d_name[0] != '.') {
            act(atoi(entry->d_name), argument);
        }
    }
    closedir(tasks);
}

static void make_idle(pid_t thread, int unused) {
    (void)unused;
    struct sched_param none = {0};
    require(sched_setscheduler(thread, SCHED_IDLE, &none) == 0, "SCHED_IDLE");
}

static void pin(pid_t thread, int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    require(sched_setaffinity(thread, sizeof set, &set) == 0, "sched_setaffinity");
}

static void trace(pid_t thread, int unused) {
    (void)unused;
    require(ptrace(PTRACE_SEIZE, thread, 0, 0) == 0, "PTRACE_SEIZE");
    require(ptrace(PTRACE_INTERRUPT, thread, 0, 0) == 0, "PTRACE_INTERRUPT");
    require(waitpid(thread, NULL, __WALL) == thread, "a ptrace stop");
}

static void write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY);
    require(file >= 0 && write(file, text, strlen(text)) > 0, path);
    close(file);
}

static void freeze(pid_t pid) {
    char number[16];
    snprintf(number, sizeof number, "%d", pid);
    require(mkdir(FREEZER, 0755) == 0 || errno == EEXIST, FREEZER);
    write_file(FREEZER "/cgroup.procs", number);
    write_file(FREEZER "/freezer.state", "FROZEN");
}

static long anonymous_bytes(int meminfo) {
    char text[1024];
    ssize_t length = pread(meminfo, text, sizeof text - 1, 0);
    require(length > 0, "meminfo");
    text[length] = 0;
    return atol(strstr(text, "AnonPages:") + 10) * 1024;
}

struct round {
    int won;
    double to_kill, to_reap, to_memory, to_exit;
};

static struct round end(const char *how, pid_t pid, long bytes, int meminfo) {
    struct round round = {0};
    int pidfd = syscall(PIDFD_OPEN, pid, 0);
    require(pidfd >= 0, "pidfd_open");
    int releases = strcmp(how, "wait") != 0, urgent = strcmp(how, "urgent") == 0;
    int frozen = strcmp(how, "frozen") == 0;
    if (frozen) {
        freeze(pid);
    }
    if (strcmp(how, "idle") == 0) {
        each_thread(pid, make_idle, 0);
    }
    if (strcmp(how, "here") == 0) {
        pin(0, sched_getcpu());
        each_thread(pid, pin, sched_getcpu());
    }
    if (strcmp(how, "traced") == 0) {
        each_thread(pid, trace, 0);
    }
    long without = anonymous_bytes(meminfo) - bytes / 100 * 95;
    double start = now();
    struct sched_param first = {.sched_priority = 1}, none = {0};
    if (urgent) {
        require(sched_setscheduler(0, SCHED_FIFO, &first) == 0, "SCHED_FIFO");
    }
    require(syscall(PIDFD_SEND_SIGNAL, pidfd, SIGKILL, NULL, 0) == 0, "pidfd_send_signal");
    round.to_kill = now() - start;
    if (releases) {
        long result;
        do {
            result = syscall(PROCESS_MRELEASE, pidfd, 0);
        } while (result < 0 && errno == EAGAIN);
        require(result == 0 || errno == ESRCH, "process_mrelease");
        round.won = result == 0;
        round.to_reap = now() - start;
    }
    if (urgent) {
        require(sched_setscheduler(0, SCHED_OTHER, &none) == 0, "SCHED_OTHER");
    }
    if (frozen) {
        write_file(FREEZER "/freezer.state", "THAWED");
    }
    struct pollfd exit = {.fd = pidfd, .events = POLLIN};
    while (round.to_memory == 0 || round.to_exit == 0) {
        if (round.to_memory == 0 && anonymous_bytes(meminfo) <= without) {
            round.to_memory = now() - start;
        }
        if (round.to_exit == 0 && poll(&exit, 1, round.to_memory == 0 ? 0 : 1) > 0) {
            round.to_exit = now() - start;
        }
        if (now() - start > 60e6) {
            fprintf(stderr, "the memory of %d did not come back within a minute\n", pid);
            break;
        }
    }
    while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR) {
    }
    close(pidfd);
    return round;
}

int main(int count, char **arguments) {
    self = "/proc/self/exe";
    if (count == 4 && strcmp(arguments[1], "victim") == 0) {
        return victim(atol(arguments[2]), atoi(arguments[3]));
    }
    if (count != 7 || strcmp(arguments[1], "drive") != 0) {
        fputs("ending victim BYTES THREADS | ending drive HOW BYTES ROUNDS THREADS SITUATION\n", stderr);
        return 2;
    }
    const char *how = arguments[2], *situation = arguments[6];
    long bytes = atol(arguments[3]);
    int meminfo = open("/proc/meminfo", O_RDONLY);
    int loaded = strcmp(situation, "loaded") == 0, busy = strcmp(situation, "busy") == 0;
    pid_t loops[2] = {loaded || busy ? start_loop(busy ? 1 : -1) : 0, loaded ? start_loop(-1) : 0};
    cpu_set_t all;
    sched_getaffinity(0, sizeof all, &all);
    for (int i = 0; i < atoi(arguments[4]); i++) {
        sched_setaffinity(0, sizeof all, &all);
        pid_t pid = start_victim(arguments[3], arguments[5]);
        usleep(20000);
        if (busy) {
            each_thread(pid, pin, 1);
        }
        if (strcmp(situation, "stopped") == 0) {
            kill(pid, SIGSTOP);
            require(waitpid(pid, NULL, WUNTRACED) == pid, "SIGSTOP");
        }
        struct round round = end(how, pid, bytes, meminfo);
        printf("%d %.1f %.1f %.1f %.1f\n", round.won, round.to_kill, round.to_reap, round.to_memory, round.to_exit);
        fflush(stdout);
    }
    for (int i = 0; i < 2; i++) {
        if (loops[i] != 0) {
            kill(loops[i], SIGKILL);
            waitpid(loops[i], NULL, 0);
        }
    }
    return 0;
}
