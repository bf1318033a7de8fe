/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Freezes another process and lets it run again at once, as a C program would, and says how long it stood still: what Remora
 * is compared with.
 *
 *   freezing target THREADS                     a process with so many threads that sleep; prints its number, and lives
 *                                               until its input ends
 *   freezing ptrace|sigstop PID COUNT           prints the median and the maximum of the microseconds, from the first
 *   freezing cgroup1|cgroup2 PID COUNT DIRECTORY    request until the process was let run
 */
#include "measure.h"
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#define MOST_THREADS 4096

static int threads[MOST_THREADS], count;
static char folder[64];
static int pidfd;

static void *sleep_for_ever(void *unused) {
    for (;;) {
        pause();
    }
    return unused;
}

static int live(int number) {
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 1 << 16);
    for (int i = 1; i < number; i++) {
        pthread_t thread;
        require(pthread_create(&thread, &small, sleep_for_ever, NULL) == 0, "pthread_create");
    }
    printf("%d\n", getpid());
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0) {
    }
    return 0;
}

static int known(int number) {
    for (int i = 0; i < count; i++) {
        if (threads[i] == number) {
            return 1;
        }
    }
    return 0;
}

/* Returns how many threads were not known yet. */
static int list(void) {
    DIR *directory = opendir(folder);
    require(directory != NULL, folder);
    int before = count;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        int number = atoi(entry->d_name);
        if (number > 0 && !known(number) && count < MOST_THREADS) {
            threads[count++] = number;
        }
    }
    closedir(directory);
    return count - before;
}

static void seize(int from) {
    for (int i = from; i < count; i++) {
        require(ptrace(PTRACE_SEIZE, threads[i], 0, 0) == 0, "PTRACE_SEIZE");
    }
}

static void stop(int from) {
    for (int i = from; i < count; i++) {
        require(ptrace(PTRACE_INTERRUPT, threads[i], 0, 0) == 0, "PTRACE_INTERRUPT");
    }
    for (int i = from; i < count; i++) {
        int status;
        require(waitpid(threads[i], &status, __WALL) == threads[i] && WIFSTOPPED(status), "waitpid");
    }
}

static double by_ptrace(void) {
    count = 0;
    list();
    seize(0);
    double begin = nanoseconds();
    stop(0);
    for (int from = count; list() > 0; from = count) {
        seize(from);
        stop(from);
    }
    for (int i = 0; i < count; i++) {
        require(ptrace(PTRACE_DETACH, threads[i], 0, 0) == 0, "PTRACE_DETACH");
    }
    return nanoseconds() - begin;
}

static char state(int number) {
    char path[96], text[512];
    snprintf(path, sizeof path, "%s/%d/stat", folder, number);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    require(file >= 0, path);
    ssize_t length = read(file, text, sizeof text - 1);
    require(length > 0, path);
    close(file);
    text[length] = 0;
    return strrchr(text, ')')[2];
}

static void send_signal(int number) {
    require(syscall(424, pidfd, number, NULL, 0) == 0, "pidfd_send_signal");
}

static double by_signal(void) {
    count = 0;
    double begin = nanoseconds();
    send_signal(SIGSTOP);
    for (int from = 0; list() > 0; from = count) {
        for (int i = from; i < count; i++) {
            while (state(threads[i]) != 'T') {
            }
        }
    }
    send_signal(SIGCONT);
    return nanoseconds() - begin;
}

static int group;
static const char *file, *frozen, *freeze, *thaw, *shows;

static void put(const char *text) {
    int out = openat(group, file, O_WRONLY | O_CLOEXEC);
    require(out >= 0 && write(out, text, strlen(text)) == (ssize_t)strlen(text), file);
    close(out);
}

static int is_frozen(void) {
    char text[512];
    int in = openat(group, shows, O_RDONLY | O_CLOEXEC);
    require(in >= 0, shows);
    ssize_t length = read(in, text, sizeof text - 1);
    require(length > 0, shows);
    close(in);
    text[length] = 0;
    return strstr(text, frozen) != NULL;
}

static double by_group(void) {
    double begin = nanoseconds();
    put(freeze);
    while (!is_frozen()) {
    }
    put(thaw);
    return nanoseconds() - begin;
}

int main(int argument_count, char **arguments) {
    if (argument_count == 3 && strcmp(arguments[1], "target") == 0) {
        return live(atoi(arguments[2]));
    }
    if (argument_count < 4) {
        fputs("freezing target THREADS | METHOD PID COUNT [DIRECTORY]\n", stderr);
        return 2;
    }
    const char *method = arguments[1];
    double (*once)(void) = by_group;
    snprintf(folder, sizeof folder, "/proc/%s/task", arguments[2]);
    pidfd = open_process(arguments[2]);
    int times = atoi(arguments[3]);
    if (strcmp(method, "ptrace") == 0) {
        once = by_ptrace;
    } else if (strcmp(method, "sigstop") == 0) {
        once = by_signal;
    } else {
        int first = strcmp(method, "cgroup1") == 0;
        require(argument_count == 5, "DIRECTORY");
        group = open(arguments[4], O_PATH | O_CLOEXEC);
        require(group >= 0, arguments[4]);
        file = first ? "freezer.state" : "cgroup.freeze";
        shows = first ? "freezer.state" : "cgroup.events";
        frozen = first ? "FROZEN" : "frozen 1";
        freeze = first ? "FROZEN" : "1";
        thaw = first ? "THAWED" : "0";
    }
    double *samples = calloc(times, sizeof *samples);
    require(samples != NULL, "calloc");
    for (int i = 0; i < times; i++) {
        samples[i] = once() / 1e3;
        usleep(1000);
    }
    qsort(samples, times, sizeof *samples, ascending);
    printf("%.1f %.1f\n", samples[times / 2], samples[times - 1]);
    return 0;
}
