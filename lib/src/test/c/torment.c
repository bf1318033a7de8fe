/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that notices what is done to it: threads that block in every way, take signals, compute and map, and check
 * each result. Whoever stops them and makes them run something else must leave no trace in their results.
 *
 *   torment [ROLE...]        all roles without arguments
 *
 * Prints "ready ADDRESS BYTES" when all threads run: 64 populated pages that may be placed. When its standard input
 * ends, it prints "ROLE TURNS WRONG INTERRUPTED" for each role and exits with 0 if nothing was wrong, else with 1.
 * INTERRUPTED counts calls that ended by EINTR, or short of what they transfer otherwise, although no handler ran: a
 * ptrace stop alone does this to some calls (signal(7)), so it is not wrong but worth knowing. A role without a turn
 * for thirty seconds is wrong. What was wrong is said on standard error.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__) && defined(__has_include)
#if __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#define HAS_RSEQ 1
#endif
#endif

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define MILLISECOND 1000000L
#define SECOND 1000000000L
#define PLACED_BYTES (64 * 4096L)
#define STUCK_SECONDS 30
#define SAID_WRONGS 5
#define LARGE_BYTES (3 << 16)

struct role {
    const char *name;
    void (*begin)(struct role *);
    void (*turn)(struct role *);
    void (*answer)(struct role *);
    void (*end)(struct role *);
    atomic_long turns, wrong, interrupted, requests, answers, received;
    atomic_int done, ended;
    pthread_t thread, partner;
    pid_t number;
    int in, out, more;
    long sent, step;
    void *state;
    atomic_int word;
    int chosen;
    long seen_turns, seen_at;
};

static __thread struct role *self;
static __thread unsigned long chance;
static atomic_int stopping, running;
static volatile unsigned char *placed;

/* Checking */

static void fail(const char *what, int line, int error) {
    if (atomic_fetch_add(&self->wrong, 1) < SAID_WRONGS) {
        fprintf(stderr, "%s: not so in line %d: %s (errno %d)\n", self->name, line, what, error);
    }
}

#define CHECK(holds) \
    do { \
        if (!(holds)) { \
            fail(#holds, __LINE__, errno); \
        } \
    } while (0)

static int interrupted(long result, long received) {
    if (result != -1 || errno != EINTR || self->received != received) {
        return 0;
    }
    self->interrupted++;
    return 1;
}

/* The result of a call that is made again when it ended by EINTR though no handler ran. */
#define RESULT(call) \
    ({ \
        long result_, received_; \
        do { \
            received_ = self->received; \
            result_ = (call); \
        } while (interrupted(result_, received_)); \
        result_; \
    })

static void require(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "%s: ", self == NULL ? "torment" : self->name);
        perror(what);
        exit(2);
    }
}

/* Time and chance */

static long clock_time(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static long now(void) {
    return clock_time(CLOCK_MONOTONIC);
}

static struct timespec timespec(long nanoseconds) {
    return (struct timespec){nanoseconds / SECOND, nanoseconds % SECOND};
}

static unsigned long up_to(unsigned long bound) {
    chance = chance * 6364136223846793005UL + 1442695040888963407UL;
    return (chance >> 33) % bound;
}

static void nap(long nanoseconds) {
    struct timespec time = timespec(nanoseconds);
    while (nanosleep(&time, &time) != 0) {
        CHECK(errno == EINTR);
    }
}

/* Partners: they answer each request a little later. */

static void request(struct role *role) {
    role->requests++;
}

static void byte_for(struct role *role) {
    unsigned char byte = role->answers;
    CHECK(RESULT(write(role->out, &byte, 1)) == 1);
}

static void take_byte(struct role *role) {
    unsigned char byte = 0;
    CHECK(RESULT(read(role->in, &byte, 1)) == 1);
    CHECK(byte == (unsigned char)(role->requests - 1));
}

static void queue_signal(struct role *role, int signal) {
    union sigval value = {.sival_int = (int)role->sent};
    int result;
    while ((result = pthread_sigqueue(role->thread, signal, value)) == EAGAIN) {
        nap(MILLISECOND);
    }
    CHECK(result == 0);
    role->sent++;
}

static int counted_signal, waited_signal, blocking_signal, timer_signal;

static void send_counted(struct role *role) {
    queue_signal(role, counted_signal);
}

static void send_waited(struct role *role) {
    queue_signal(role, waited_signal);
}

static void send_blocking(struct role *role) {
    queue_signal(role, blocking_signal);
}

static void on_counted(int signal, siginfo_t *info, void *context) {
    (void)context;
    int error = errno;
    CHECK(signal == counted_signal || signal == blocking_signal);
    CHECK(pthread_equal(pthread_self(), self->thread));
    CHECK(info->si_code == SI_QUEUE && info->si_value.sival_int == (int)self->received);
    self->received++;
    errno = error;
}

static sigset_t mask_of(int signal) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    return set;
}

static sigset_t all_but(int signal) {
    sigset_t set;
    sigfillset(&set);
    sigdelset(&set, signal);
    return set;
}

static void unblock(int signal) {
    sigset_t set = mask_of(signal);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void open_pipe(struct role *role) {
    int ends[2];
    require(pipe2(ends, O_CLOEXEC) == 0, "pipe");
    role->in = ends[0];
    role->out = ends[1];
}

static void open_sockets(struct role *role) {
    int ends[2];
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
    role->in = ends[0];
    role->out = ends[1];
}

/* Sleeping */

static void turn_nanosleep(struct role *role) {
    (void)role;
    long length = up_to(3 * MILLISECOND), start = now();
    struct timespec time = timespec(length), rest = time;
    int result;
    while ((result = nanosleep(&rest, &rest)) != 0 && errno == EINTR) {
        self->interrupted++;
    }
    CHECK(result == 0);
    CHECK(now() - start >= length);
}

static void turn_clock_nanosleep(struct role *role) {
    (void)role;
    long length = up_to(3 * MILLISECOND), start = now();
    struct timespec relative = timespec(length), absolute = timespec(start + 2 * length);
    int result;
    while ((result = clock_nanosleep(CLOCK_MONOTONIC, 0, &relative, &relative)) == EINTR) {
        self->interrupted++;
    }
    CHECK(result == 0);
    CHECK(now() - start >= length);
    while ((result = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &absolute, NULL)) == EINTR) {
        self->interrupted++;
    }
    CHECK(result == 0);
    CHECK(now() - start >= 2 * length);
}

/* Waiting for descriptors */

static void turn_poll(struct role *role) {
    struct pollfd wanted = {.fd = role->in, .events = POLLIN};
    long start = now();
    CHECK(RESULT(poll(&wanted, 1, 2)) == 0);
    CHECK(now() - start >= 2 * MILLISECOND);
    request(role);
    CHECK(RESULT(poll(&wanted, 1, -1)) == 1);
    CHECK(wanted.revents == POLLIN);
    take_byte(role);
}

/* A call with a temporary mask ends by EINTR exactly if its handler ran, once. */
static int ends_by_handler(long result, long received) {
    if (result == 0) {
        CHECK(self->received == received);
        return 0;
    }
    CHECK(result == -1 && errno == EINTR);
    CHECK(self->received == received + 1);
    return 1;
}

static void turn_ppoll(struct role *role) {
    struct timespec time = timespec(2 * MILLISECOND);
    struct pollfd wanted = {.fd = role->in, .events = POLLIN};
    sigset_t mask = all_but(counted_signal);
    long start = now(), received = role->received;
    CHECK(RESULT(ppoll(&wanted, 1, &time, &mask)) == 0);
    CHECK(now() - start >= 2 * MILLISECOND);
    request(role);
    while (!ends_by_handler(RESULT(ppoll(&wanted, 1, up_to(2) ? &time : NULL, &mask)), received)) {
    }
}

static void turn_select(struct role *role) {
    fd_set wanted;
    long start = now();
    struct timeval time = {0, 2000};
    FD_ZERO(&wanted);
    FD_SET(role->in, &wanted);
    CHECK(RESULT(select(role->in + 1, &wanted, NULL, NULL, &time)) == 0);
    CHECK(now() - start >= 2 * MILLISECOND);
    CHECK(!FD_ISSET(role->in, &wanted));
    FD_SET(role->in, &wanted);
    request(role);
    CHECK(RESULT(select(role->in + 1, &wanted, NULL, NULL, NULL)) == 1);
    CHECK(FD_ISSET(role->in, &wanted));
    take_byte(role);
}

static void turn_pselect(struct role *role) {
    struct timespec time = timespec(2 * MILLISECOND);
    sigset_t mask = all_but(counted_signal);
    long start = now(), received = role->received;
    CHECK(RESULT(pselect(0, NULL, NULL, NULL, &time, &mask)) == 0);
    CHECK(now() - start >= 2 * MILLISECOND);
    request(role);
    while (!ends_by_handler(RESULT(pselect(0, NULL, NULL, NULL, up_to(2) ? &time : NULL, &mask)), received)) {
    }
}

static void begin_epoll(struct role *role) {
    open_pipe(role);
    role->more = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 4711};
    require(epoll_ctl(role->more, EPOLL_CTL_ADD, role->in, &event) == 0, "epoll_ctl");
}

static void turn_epoll_wait(struct role *role) {
    struct epoll_event event = {0};
    long start = now();
    CHECK(RESULT(epoll_wait(role->more, &event, 1, 2)) == 0);
    CHECK(now() - start >= 2 * MILLISECOND);
    request(role);
    CHECK(RESULT(epoll_wait(role->more, &event, 1, -1)) == 1);
    CHECK(event.events == EPOLLIN && event.data.u64 == 4711);
    take_byte(role);
}

static void turn_epoll_pwait(struct role *role) {
    struct epoll_event event = {0};
    sigset_t mask = all_but(counted_signal);
    long start = now(), received = role->received;
    CHECK(RESULT(epoll_pwait(role->more, &event, 1, 2, &mask)) == 0);
    CHECK(now() - start >= 2 * MILLISECOND);
    request(role);
    while (!ends_by_handler(RESULT(epoll_pwait(role->more, &event, 1, up_to(2) ? 2 : -1, &mask)), received)) {
    }
}

static long epoll_pwait2_of(int epoll, struct epoll_event *event, struct timespec *time, sigset_t *mask) {
    return syscall(441, epoll, event, 1, time, mask, 8);
}

static void turn_epoll_pwait2(struct role *role) {
    struct epoll_event event = {0};
    struct timespec time = timespec(2 * MILLISECOND);
    sigset_t mask = all_but(counted_signal);
    long start = now(), received = role->received;
    CHECK(RESULT(epoll_pwait2_of(role->more, &event, &time, &mask)) == 0);
    CHECK(now() - start >= 2 * MILLISECOND);
    request(role);
    while (!ends_by_handler(RESULT(epoll_pwait2_of(role->more, &event, up_to(2) ? &time : NULL, &mask)), received)) {
    }
}

/* Futexes */

static long futex(atomic_int *word, int operation, int value, struct timespec *time) {
    return syscall(SYS_futex, word, operation, value, time, NULL, FUTEX_BITSET_MATCH_ANY);
}

static void answer_futex(struct role *role) {
    role->word++;
    CHECK(futex(&role->word, FUTEX_WAKE_PRIVATE, 1, NULL) >= 0);
}

static void turn_futex(struct role *role) {
    int value = role->word;
    long start = now();
    struct timespec relative = timespec(2 * MILLISECOND), absolute = timespec(start + 4 * MILLISECOND);
    CHECK(RESULT(futex(&role->word, FUTEX_WAIT_PRIVATE, value, &relative)) == -1 && errno == ETIMEDOUT);
    CHECK(now() - start >= 2 * MILLISECOND);
    CHECK(RESULT(futex(&role->word, FUTEX_WAIT_BITSET_PRIVATE, value, &absolute)) == -1 && errno == ETIMEDOUT);
    CHECK(now() - start >= 4 * MILLISECOND);
    request(role);
    long result = RESULT(futex(&role->word, FUTEX_WAIT_PRIVATE, value, NULL));
    CHECK(result == 0 || errno == EAGAIN);
    CHECK(role->word == value + 1);
}

struct condition {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    long value;
};

static void begin_condition(struct role *role) {
    struct condition *state = calloc(1, sizeof *state);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&state->mutex, NULL);
    pthread_cond_init(&state->condition, &monotonic);
    role->state = state;
}

static void answer_condition(struct role *role) {
    struct condition *state = role->state;
    CHECK(pthread_mutex_lock(&state->mutex) == 0);
    state->value++;
    CHECK(pthread_cond_signal(&state->condition) == 0);
    CHECK(pthread_mutex_unlock(&state->mutex) == 0);
}

static void turn_condition(struct role *role) {
    struct condition *state = role->state;
    struct timespec end = timespec(now() + 2 * MILLISECOND);
    CHECK(pthread_mutex_lock(&state->mutex) == 0);
    int result;
    while ((result = pthread_cond_timedwait(&state->condition, &state->mutex, &end)) == 0) {
    }
    CHECK(result == ETIMEDOUT);
    CHECK(now() >= end.tv_sec * SECOND + end.tv_nsec);
    long value = state->value;
    request(role);
    while (state->value == value) {
        CHECK(pthread_cond_wait(&state->condition, &state->mutex) == 0);
    }
    CHECK(state->value == value + 1);
    CHECK(pthread_mutex_unlock(&state->mutex) == 0);
}

/* Streams: each byte tells its position. */

static unsigned char byte_at(long position) {
    return (unsigned char)(position * 31 + (position >> 8));
}

static void write_all(struct role *role, unsigned char *bytes, long count) {
    for (long i = 0; i < count; i++) {
        bytes[i] = byte_at(role->sent + i);
    }
    for (long done = 0; done < count;) {
        long result = RESULT(write(role->out, bytes + done, count - done));
        CHECK(result > 0);
        if (result <= 0) {
            return;
        }
        done += result;
        self->interrupted += done < count;
    }
    role->sent += count;
}

static void answer_stream(struct role *role) {
    unsigned char bytes[4096];
    write_all(role, bytes, role->more);
}

static void answer_large(struct role *role) {
    static unsigned char bytes[LARGE_BYTES];
    write_all(role, bytes, role->more);
}

static void take_stream(struct role *role, long (*take)(struct role *, void *, size_t)) {
    unsigned char bytes[8192];
    long length = RESULT(take(role, bytes, 1 + up_to(sizeof bytes)));
    CHECK(length > 0);
    for (long i = 0; i < length; i++) {
        CHECK(bytes[i] == byte_at(role->step + i));
    }
    role->step += length > 0 ? length : 0;
}

static long read_stream(struct role *role, void *bytes, size_t size) {
    return read(role->in, bytes, size);
}

static long receive_stream(struct role *role, void *bytes, size_t size) {
    return recv(role->in, bytes, size, 0);
}

static void turn_stream(struct role *role, int bytes, long (*take)(struct role *, void *, size_t)) {
    long end = role->step + bytes;
    role->more = bytes;
    request(role);
    while (role->wrong == 0 && role->step < end) {
        take_stream(role, take);
    }
    while (role->answers < role->requests) {
        nap(MILLISECOND / 8);
    }
}

static void turn_pipe(struct role *role) {
    turn_stream(role, 1 + up_to(4096), read_stream);
}

static void turn_pipe_large(struct role *role) {
    turn_stream(role, LARGE_BYTES, read_stream);
}

static void turn_socket(struct role *role) {
    turn_stream(role, 1 + up_to(4096), receive_stream);
}

static void begin_socket_timeout(struct role *role) {
    open_sockets(role);
    struct timeval time = {0, 30000};
    require(setsockopt(role->in, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) == 0, "SO_RCVTIMEO");
}

/* Such a time is counted in ticks, of which one may be as long as 10 ms and already begun. */
static void turn_socket_timeout(struct role *role) {
    unsigned char byte;
    long start = now(), result;
    CHECK(RESULT(recv(role->in, &byte, 1, 0)) == -1 && errno == EAGAIN);
    CHECK(now() - start >= 19 * MILLISECOND);
    request(role);
    do {
        result = RESULT(recv(role->in, &byte, 1, 0));
    } while (result == -1 && errno == EAGAIN);
    CHECK(result == 1 && byte == (unsigned char)(role->requests - 1));
}

static socklen_t address_of(struct role *role, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    int length = snprintf(address->sun_path + 1, 64, "torment-%d-%s", getpid(), role->name);
    return offsetof(struct sockaddr_un, sun_path) + 1 + length;
}

static void begin_accept(struct role *role) {
    struct sockaddr_un address;
    socklen_t length = address_of(role, &address);
    role->in = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    require(bind(role->in, (struct sockaddr *)&address, length) == 0 && listen(role->in, 4) == 0, "listen");
}

static void answer_accept(struct role *role) {
    struct sockaddr_un address;
    socklen_t length = address_of(role, &address);
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(RESULT(connect(connection, (struct sockaddr *)&address, length)) == 0);
    long number = role->answers;
    CHECK(RESULT(write(connection, &number, sizeof number)) == sizeof number);
    close(connection);
}

static void turn_accept(struct role *role) {
    long number = -1;
    request(role);
    int connection = RESULT(accept4(role->in, NULL, NULL, SOCK_CLOEXEC));
    CHECK(connection >= 0);
    CHECK(RESULT(read(connection, &number, sizeof number)) == sizeof number);
    CHECK(number == role->requests - 1);
    CHECK(RESULT(read(connection, &number, sizeof number)) == 0);
    close(connection);
}

/* A connection that nobody accepts leaves no place for another. */
static void begin_connect(struct role *role) {
    struct sockaddr_un address;
    socklen_t length = address_of(role, &address);
    role->in = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    require(bind(role->in, (struct sockaddr *)&address, length) == 0 && listen(role->in, 0) == 0, "listen");
    role->out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    require(connect(role->out, (struct sockaddr *)&address, length) == 0, "connect");
}

static void turn_connect(struct role *role) {
    struct sockaddr_un address;
    socklen_t length = address_of(role, &address);
    struct timeval time = {0, 30000};
    int another = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(setsockopt(another, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time) == 0);
    long start = now();
    CHECK(RESULT(connect(another, (struct sockaddr *)&address, length)) == -1 && errno == EAGAIN);
    CHECK(now() - start >= 19 * MILLISECOND);
    close(another);
}

/* System V */

struct message {
    long type;
    long number[5];
};

static void begin_messages(struct role *role) {
    role->in = msgget(IPC_PRIVATE, 0600);
    struct msqid_ds settings;
    require(role->in >= 0 && msgctl(role->in, IPC_STAT, &settings) == 0, "msgget");
    settings.msg_qbytes = sizeof(struct message) * 3 / 2;
    require(msgctl(role->in, IPC_SET, &settings) == 0, "msgctl");
}

static void end_messages(struct role *role) {
    msgctl(role->in, IPC_RMID, NULL);
}

static void send_message(struct role *role) {
    struct message message = {1, {role->answers}};
    CHECK(RESULT(msgsnd(role->in, &message, sizeof message.number, 0)) == 0);
}

static void turn_message_receive(struct role *role) {
    struct message message = {0};
    request(role);
    CHECK(RESULT(msgrcv(role->in, &message, sizeof message.number, 1, 0)) == sizeof message.number);
    CHECK(message.type == 1 && message.number[0] == role->requests - 1);
}

static void take_messages(struct role *role) {
    for (long i = 0; i < 2; i++) {
        struct message message = {0};
        CHECK(RESULT(msgrcv(role->in, &message, sizeof message.number, 0, 0)) == sizeof message.number);
        CHECK(message.number[0] == role->answers * 2 + i);
        nap(up_to(MILLISECOND));
    }
}

static void turn_message_send(struct role *role) {
    request(role);
    for (long i = 0; i < 2; i++) {
        struct message message = {2, {(role->requests - 1) * 2 + i}};
        CHECK(RESULT(msgsnd(role->in, &message, sizeof message.number, 0)) == 0);
    }
}

static void begin_semaphore(struct role *role) {
    role->in = semget(IPC_PRIVATE, 1, 0600);
    require(role->in >= 0 && semctl(role->in, 0, SETVAL, 0) == 0, "semget");
}

static void end_semaphore(struct role *role) {
    semctl(role->in, 0, IPC_RMID);
}

static void answer_semaphore(struct role *role) {
    struct sembuf plus = {0, 1, 0};
    CHECK(RESULT(semop(role->in, &plus, 1)) == 0);
}

static void turn_semop(struct role *role) {
    struct sembuf minus = {0, -1, 0};
    request(role);
    CHECK(RESULT(semop(role->in, &minus, 1)) == 0);
    CHECK(semctl(role->in, 0, GETVAL) == 0);
}

static void turn_semtimedop(struct role *role) {
    struct sembuf minus = {0, -1, 0};
    struct timespec time = timespec(2 * MILLISECOND), minute = timespec(60 * SECOND);
    long start = now();
    CHECK(RESULT(semtimedop(role->in, &minus, 1, &time)) == -1 && errno == EAGAIN);
    CHECK(now() - start >= 2 * MILLISECOND);
    request(role);
    CHECK(RESULT(semtimedop(role->in, &minus, 1, &minute)) == 0);
    CHECK(semctl(role->in, 0, GETVAL) == 0);
}

/* Signals */

static void turn_sigtimedwait(struct role *role) {
    struct timespec time = timespec(2 * MILLISECOND), minute = timespec(60 * SECOND);
    sigset_t set = mask_of(waited_signal);
    siginfo_t info = {0};
    long start = now();
    CHECK(RESULT(sigtimedwait(&set, &info, &time)) == -1 && errno == EAGAIN);
    CHECK(now() - start >= 2 * MILLISECOND);
    request(role);
    CHECK(RESULT(sigtimedwait(&set, &info, &minute)) == waited_signal);
    CHECK(info.si_code == SI_QUEUE && info.si_value.sival_int == (int)role->requests - 1);
}

static void turn_sigwaitinfo(struct role *role) {
    sigset_t set = mask_of(waited_signal);
    siginfo_t info = {0};
    request(role);
    CHECK(RESULT(sigwaitinfo(&set, &info)) == waited_signal);
    CHECK(info.si_code == SI_QUEUE && info.si_value.sival_int == (int)role->requests - 1);
}

static void turn_sigsuspend(struct role *role) {
    sigset_t mask = all_but(counted_signal);
    long received = role->received;
    request(role);
    CHECK(RESULT(sigsuspend(&mask)) == -1 && errno == EINTR);
    CHECK(role->received == received + 1);
}

static void begin_unblocked(struct role *role) {
    open_pipe(role);
    unblock(counted_signal);
}

/* A signal before pause() is one that pause() misses: the next one ends it. */
static void turn_pause(struct role *role) {
    long received = role->received;
    request(role);
    CHECK(RESULT(pause()) == -1 && errno == EINTR);
    CHECK(role->received > received);
}

static void answer_pause(struct role *role) {
    long turns = role->turns;
    do {
        long received = role->received;
        send_counted(role);
        while (role->received == received && !role->done) {
            nap(MILLISECOND / 2);
        }
        nap(MILLISECOND);
    } while (role->turns == turns && !role->done);
}

static unsigned long checksum(unsigned long value, int rounds) {
    for (int i = 0; i < rounds; i++) {
        value = (value ^ (value >> 29)) * 0x9e3779b97f4a7c15UL + i;
    }
    return value;
}

static void turn_signals(struct role *role) {
    static unsigned long expected;
    if (expected == 0) {
        expected = checksum(1, 20000);
    }
    long received = role->received;
    request(role);
    while (role->received == received) {
        CHECK(checksum(1, 20000) == expected);
    }
    while (role->answers < role->requests) {
        nap(MILLISECOND / 4);
    }
    CHECK(role->received == received + 1 && role->sent == role->received);
}

#define ALTERNATE_BYTES 65536

static void begin_alternate(struct role *role) {
    open_pipe(role);
    role->state = malloc(ALTERNATE_BYTES);
    stack_t stack = {.ss_sp = role->state, .ss_size = ALTERNATE_BYTES};
    require(sigaltstack(&stack, NULL) == 0, "sigaltstack");
    unblock(blocking_signal);
}

static void on_blocking(int signal, siginfo_t *info, void *context) {
    int error = errno;
    unsigned char byte = 0;
    char *stack = self->state, *here = (char *)&byte;
    CHECK(here >= stack && here < stack + ALTERNATE_BYTES);
    long start = now();
    nap(MILLISECOND);
    CHECK(now() - start >= MILLISECOND);
    struct pollfd wanted = {.fd = self->in, .events = POLLIN};
    CHECK(poll(&wanted, 1, -1) == 1);
    CHECK(read(self->in, &byte, 1) == 1 && byte == (unsigned char)self->received);
    on_counted(signal, info, context);
    errno = error;
}

static void answer_alternate(struct role *role) {
    unsigned char byte = role->sent;
    send_blocking(role);
    nap(2 * MILLISECOND);
    CHECK(RESULT(write(role->out, &byte, 1)) == 1);
}

static void turn_alternate(struct role *role) {
    long received = role->received;
    request(role);
    while (role->received == received) {
        nap(MILLISECOND / 2);
    }
    CHECK(role->received == received + 1);
}

/* Timers */

static __thread volatile long runs, overruns;
static __thread timer_t timer;

static void on_timer(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    int error = errno;
    CHECK(info->si_code == SI_TIMER && info->si_value.sival_int == 815);
    overruns += info->si_overrun;
    runs++;
    self->received++;
    errno = error;
}

static void begin_timer(struct role *role) {
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = timer_signal};
    event.sigev_notify_thread_id = role->number;
    event.sigev_value.sival_int = 815;
    require(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "timer_create");
}

/* Once armed, it fires once, or this never ends; at 1 kHz, it fires no more often than that. */
static void turn_timer(struct role *role) {
    (void)role;
    struct itimerspec once = {{0, 0}, {0, MILLISECOND}}, often = {{0, MILLISECOND}, {0, MILLISECOND}}, never = {0};
    sigset_t mask = all_but(timer_signal), timers = mask_of(timer_signal);
    runs = overruns = 0;
    timer_settime(timer, 0, &once, NULL);
    while (runs == 0) {
        CHECK(RESULT(sigsuspend(&mask)) == -1 && errno == EINTR);
    }
    CHECK(runs == 1 && overruns == 0);
    runs = overruns = 0;
    long start = now(), rounds = 0;
    timer_settime(timer, 0, &often, NULL);
    pthread_sigmask(SIG_UNBLOCK, &timers, NULL);
    while (runs < 20) {
        checksum(1, 2000 + rounds++);
    }
    timer_settime(timer, 0, &never, NULL);
    pthread_sigmask(SIG_BLOCK, &timers, NULL);
    CHECK(runs + overruns <= (now() - start) / MILLISECOND + 1);
}

static atomic_int bytes_after;

static void on_alarm(int signal) {
    int error = errno;
    unsigned char byte = 7;
    CHECK(signal == SIGALRM);
    self->received++;
    if (bytes_after > 0 && --bytes_after == 0) {
        CHECK(write(self->out, &byte, 1) == 1);
    }
    errno = error;
}

static void take_alarms(int flags) {
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = flags};
    sigaction(SIGALRM, &action, NULL);
}

static void begin_alarm(struct role *role) {
    open_pipe(role);
    take_alarms(0);
    unblock(SIGALRM);
}

static void turn_alarm(struct role *role) {
    struct itimerval often = {{0, 2000}, {0, 2000}}, never = {0};
    unsigned char byte = 0;
    take_alarms(0);
    bytes_after = 0;
    setitimer(ITIMER_REAL, &often, NULL);
    CHECK(RESULT(read(role->in, &byte, 1)) == -1 && errno == EINTR);
    take_alarms(SA_RESTART);
    bytes_after = 3;
    CHECK(read(role->in, &byte, 1) == 1 && byte == 7);
    setitimer(ITIMER_REAL, &never, NULL);
    CHECK(bytes_after == 0);
}

/* Locks */

static void begin_locks(struct role *role) {
    char path[64];
    role->in = memfd_create("torment", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", role->in);
    role->out = open(path, O_RDWR | O_CLOEXEC);
    require(role->in >= 0 && role->out >= 0, "memfd_create");
}

static void answer_flock(struct role *role) {
    CHECK(RESULT(flock(role->out, LOCK_EX)) == 0);
    role->word = 1;
    nap(up_to(2 * MILLISECOND));
    role->word = 0;
    CHECK(RESULT(flock(role->out, LOCK_UN)) == 0);
}

static void turn_flock(struct role *role) {
    request(role);
    while (role->answers < role->requests) {
        CHECK(RESULT(flock(role->in, LOCK_EX)) == 0);
        CHECK(role->word == 0);
        CHECK(RESULT(flock(role->in, LOCK_UN)) == 0);
        nap(up_to(MILLISECOND / 2));
    }
}

static long lock(int file, int type) {
    struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_len = 10};
    return fcntl(file, F_OFD_SETLKW, &range);
}

static void answer_fcntl(struct role *role) {
    CHECK(RESULT(lock(role->out, F_WRLCK)) == 0);
    role->word = 1;
    nap(up_to(2 * MILLISECOND));
    role->word = 0;
    CHECK(RESULT(lock(role->out, F_UNLCK)) == 0);
}

static void turn_fcntl(struct role *role) {
    request(role);
    while (role->answers < role->requests) {
        CHECK(RESULT(lock(role->in, F_WRLCK)) == 0);
        CHECK(role->word == 0);
        CHECK(RESULT(lock(role->in, F_UNLCK)) == 0);
        nap(up_to(MILLISECOND / 2));
    }
}

/* Children and threads */

static void turn_children(struct role *role) {
    int status = 0, code = role->turns % 100;
    pid_t child = fork();
    if (child == 0) {
        struct timespec time = timespec(MILLISECOND);
        nanosleep(&time, NULL);
        _exit(code);
    }
    CHECK(child > 0);
    siginfo_t info = {0};
    CHECK(RESULT(waitid(P_PID, child, &info, WEXITED | WNOWAIT)) == 0);
    CHECK(info.si_pid == child && info.si_status == code && info.si_code == CLD_EXITED);
    CHECK(RESULT(wait4(child, &status, 0, NULL)) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == code);
    nap(2 * MILLISECOND);
}

static void turn_vfork(struct role *role) {
    (void)role;
    int status = -1;
    pid_t child = vfork();
    if (child == 0) {
        execl("/bin/true", "true", NULL);
        _exit(99);
    }
    CHECK(child > 0);
    CHECK(RESULT(waitpid(child, &status, 0)) == child);
    CHECK(status == 0);
    nap(2 * MILLISECOND);
}

static void *give_back(void *argument) {
    struct timespec time = timespec(MILLISECOND / 4);
    nanosleep(&time, NULL);
    return argument;
}

static void turn_threads(struct role *role) {
    pthread_t thread;
    void *result = NULL;
    CHECK(pthread_create(&thread, NULL, give_back, role) == 0);
    CHECK(pthread_join(thread, &result) == 0 && result == role);
    nap(MILLISECOND);
}

/* Descriptors of the kernel */

static void begin_inotify(struct role *role) {
    char path[] = "/tmp/torment-XXXXXX";
    role->out = mkostemp(path, O_CLOEXEC);
    role->in = inotify_init1(IN_CLOEXEC);
    role->more = inotify_add_watch(role->in, path, IN_MODIFY);
    require(role->more >= 0, "inotify_add_watch");
    unlink(path);
}

static void turn_inotify(struct role *role) {
    struct inotify_event event = {0};
    request(role);
    CHECK(RESULT(read(role->in, &event, sizeof event)) == sizeof event);
    CHECK(event.wd == role->more && event.mask == IN_MODIFY);
}

static void begin_aio(struct role *role) {
    aio_context_t context = 0;
    require(syscall(SYS_io_setup, 4, &context) == 0, "io_setup");
    role->state = (void *)context;
    role->in = role->out = eventfd(0, EFD_CLOEXEC);
}

static void add_one(struct role *role) {
    uint64_t one = 1;
    CHECK(RESULT(write(role->out, &one, sizeof one)) == sizeof one);
}

static long io_getevents_of(struct role *role, struct io_event *event, struct timespec *time) {
    return syscall(SYS_io_getevents, role->state, 1, 1, event, time);
}

static void turn_aio(struct role *role) {
    struct io_event event = {0};
    struct timespec time = timespec(2 * MILLISECOND);
    uint64_t value = 0;
    long start = now();
    CHECK(RESULT(io_getevents_of(role, &event, &time)) == 0);
    CHECK(now() - start >= 2 * MILLISECOND);
    struct iocb wanted = {.aio_lio_opcode = IOCB_CMD_POLL, .aio_fildes = role->in, .aio_buf = POLLIN};
    struct iocb *list[] = {&wanted};
    wanted.aio_data = 100 + role->turns;
    CHECK(RESULT(syscall(SYS_io_submit, role->state, 1, list)) == 1);
    request(role);
    CHECK(RESULT(io_getevents_of(role, &event, NULL)) == 1);
    CHECK(event.data == wanted.aio_data && (event.res & POLLIN) != 0);
    CHECK(RESULT(read(role->in, &value, sizeof value)) == sizeof value && value == 1);
}

static void begin_eventfd(struct role *role) {
    role->in = role->out = eventfd(0, EFD_CLOEXEC);
}

static void turn_eventfd(struct role *role) {
    uint64_t value = 0;
    request(role);
    CHECK(RESULT(read(role->in, &value, sizeof value)) == sizeof value && value == 1);
}

static void begin_timerfd(struct role *role) {
    role->in = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
}

static void turn_timerfd(struct role *role) {
    struct itimerspec once = {{0, 0}, {0, 2 * MILLISECOND}};
    uint64_t value = 0;
    long start = now();
    CHECK(timerfd_settime(role->in, 0, &once, NULL) == 0);
    CHECK(RESULT(read(role->in, &value, sizeof value)) == sizeof value && value == 1);
    CHECK(now() - start >= 2 * MILLISECOND);
}

static void begin_signalfd(struct role *role) {
    sigset_t set = mask_of(waited_signal);
    role->in = signalfd(-1, &set, SFD_CLOEXEC);
}

static void turn_signalfd(struct role *role) {
    struct signalfd_siginfo info = {0};
    request(role);
    CHECK(RESULT(read(role->in, &info, sizeof info)) == sizeof info);
    CHECK((int)info.ssi_signo == waited_signal && info.ssi_int == (int)role->requests - 1);
}

static void turn_getrandom(struct role *role) {
    static unsigned char bytes[1 << 20];
    (void)role;
    CHECK(RESULT(getrandom(bytes, 64, 0)) == 64);
    long length = RESULT(getrandom(bytes, sizeof bytes, 0));
    CHECK(length > 0);
    self->interrupted += length > 0 && length < (long)sizeof bytes;
    nap(3 * MILLISECOND);
}

/* Computing */

static void turn_clock(struct role *role) {
    (void)role;
    long last = now(), end = last + MILLISECOND;
    while (last < end) {
        long time = now();
        CHECK(time >= last);
        last = time;
        clock_time(CLOCK_REALTIME);
        CHECK(sched_getcpu() >= 0);
    }
    nap(2 * MILLISECOND);
}

#ifdef __x86_64__
/*
 * registers_kept(seed, rounds, flags, avx): fills all registers and the red zone with seed + n, waits in a loop that
 * changes no flags, with carry and direction set, and returns the sum of all. exact_calls(rounds, number) returns how
 * often a register or the red zone was not as before a system call.
 */
__asm__(".text\n"
        ".globl registers_kept\n"
        "registers_kept:\n"
        "  push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
        "  mov %rdx, -128(%rsp)\n"
        "  mov %rcx, -120(%rsp)\n"
        "  mov %rdi, %rax\n"
        "  .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14\n"
        "    lea \\n(%rax), %rbx\n"
        "    mov %rbx, -8*\\n(%rsp)\n"
        "  .endr\n"
        "  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
        "    lea \\n(%rax), %rbx\n"
        "    movq %rbx, %xmm\\n\n"
        "    punpcklqdq %xmm\\n, %xmm\\n\n"
        "  .endr\n"
        "  test %rcx, %rcx\n"
        "  jz 1f\n"
        "  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
        "    vinserti128 $1, %xmm\\n, %ymm\\n, %ymm\\n\n"
        "  .endr\n"
        "1: mov %rsi, %rcx\n"
        "  lea 1(%rax), %rbx\n lea 2(%rax), %rdx\n lea 3(%rax), %rsi\n lea 4(%rax), %rdi\n lea 5(%rax), %rbp\n"
        "  lea 6(%rax), %r8\n lea 7(%rax), %r9\n lea 8(%rax), %r10\n lea 9(%rax), %r11\n lea 10(%rax), %r12\n"
        "  lea 11(%rax), %r13\n lea 12(%rax), %r14\n lea 13(%rax), %r15\n"
        "  std\n"
        "  stc\n"
        "2: loop 2b\n"
        "  .irp r, rbx,rdx,rsi,rdi,rbp,r8,r9,r10,r11,r12,r13,r14,r15\n"
        "    lea (%rax,%\\r), %rax\n"
        "  .endr\n"
        "  .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14\n"
        "    mov -8*\\n(%rsp), %rbx\n"
        "    lea (%rax,%rbx), %rax\n"
        "  .endr\n"
        "  mov -128(%rsp), %rdx\n"
        "  mov -120(%rsp), %rcx\n"
        "  pushfq\n"
        "  pop (%rdx)\n"
        "  cld\n"
        "  test %rcx, %rcx\n"
        "  jz 3f\n"
        "  .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
        "    vpaddq %ymm\\n, %ymm0, %ymm0\n"
        "  .endr\n"
        "  vextracti128 $1, %ymm0, %xmm1\n"
        "  vpaddq %xmm1, %xmm0, %xmm0\n"
        "  jmp 4f\n"
        "3:\n"
        "  .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
        "    paddq %xmm\\n, %xmm0\n"
        "  .endr\n"
        "4: movq %xmm0, %rbx\n"
        "  add %rbx, %rax\n"
        "  psrldq $8, %xmm0\n"
        "  movq %xmm0, %rbx\n"
        "  add %rbx, %rax\n"
        "  test %rcx, %rcx\n"
        "  jz 5f\n"
        "  vzeroupper\n"
        "5: pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n"
        "  ret\n"
        ".globl exact_calls\n"
        "exact_calls:\n"
        "  push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
        "  mov %rdi, %rbx\n"
        "  mov %rsi, -128(%rsp)\n"
        "  xor %ebp, %ebp\n"
        "1: mov -128(%rsp), %rax\n"
        "  lea 2(%rbx), %rdx\n lea 3(%rbx), %rsi\n lea 4(%rbx), %rdi\n lea 6(%rbx), %r8\n lea 7(%rbx), %r9\n"
        "  lea 8(%rbx), %r10\n lea 10(%rbx), %r12\n lea 11(%rbx), %r13\n lea 12(%rbx), %r14\n lea 13(%rbx), %r15\n"
        "  .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14\n"
        "    lea \\n(%rbx), %rcx\n"
        "    mov %rcx, -8*\\n(%rsp)\n"
        "  .endr\n"
        "  mov %rsp, -120(%rsp)\n"
        "  syscall\n"
        "2: cmp %rsp, -120(%rsp)\n"
        "  jne 3f\n"
        "  lea 2b(%rip), %r11\n"
        "  cmp %rcx, %r11\n"
        "  jne 3f\n"
        "  .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14\n"
        "    lea \\n(%rbx), %rcx\n"
        "    cmp %rcx, -8*\\n(%rsp)\n"
        "    jne 3f\n"
        "  .endr\n"
        "  sub %rbx, %rdx\n sub %rbx, %rsi\n sub %rbx, %rdi\n sub %rbx, %r8\n sub %rbx, %r9\n"
        "  sub %rbx, %r10\n sub %rbx, %r12\n sub %rbx, %r13\n sub %rbx, %r14\n sub %rbx, %r15\n"
        "  lea (%rdx,%rsi), %rdx\n lea (%rdx,%rdi), %rdx\n lea (%rdx,%r8), %rdx\n lea (%rdx,%r9), %rdx\n"
        "  lea (%rdx,%r10), %rdx\n lea (%rdx,%r12), %rdx\n lea (%rdx,%r13), %rdx\n lea (%rdx,%r14), %rdx\n"
        "  lea (%rdx,%r15), %rdx\n"
        "  cmp $2+3+4+6+7+8+10+11+12+13, %rdx\n"
        "  jne 3f\n"
        "  cmp result_of_calls(%rip), %rax\n"
        "  je 4f\n"
        "3: inc %rbp\n"
        "4: dec %rbx\n"
        "  jnz 1b\n"
        "  mov %rbp, %rax\n"
        "  pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n"
        "  ret\n");

extern long registers_kept(long seed, long rounds, long *flags, long avx);
extern long exact_calls(long rounds, long number);
extern long result_of_calls;
long result_of_calls;

static void turn_registers(struct role *role) {
    long avx = __builtin_cpu_supports("avx2") && role->turns % 2, seed = role->turns * 1000003, flags = 0;
    long lanes = avx ? 4 : 2;
    long expected = 14 * seed + 13 * 14 / 2 + 14 * seed + 14 * 15 / 2 + lanes * (16 * seed + 15 * 16 / 2);
    CHECK(registers_kept(seed, 200000, &flags, avx) == expected);
    CHECK((flags & 0x401) == 0x401);
    nap(MILLISECOND);
}

static void turn_calls(struct role *role) {
    (void)role;
    result_of_calls = getppid();
    CHECK(exact_calls(2000, SYS_getppid) == 0);
    nap(MILLISECOND);
}
#endif

#ifdef HAS_RSEQ
struct per_cpu {
    volatile long value;
    char rest[120];
};

static struct per_cpu counters[1024];
static atomic_long increments;

/* Adds one to the counter of this CPU, slowly; 0 if the section was aborted. */
static int increment(struct rseq *area) {
    unsigned cpu = area->cpu_id_start;
    __asm__ goto(".pushsection __rseq_cs, \"aw\"\n"
                 ".balign 32\n"
                 "3: .long 0, 0\n"
                 "  .quad 1f, 2f - 1f, 4f\n"
                 ".popsection\n"
                 "  lea 3b(%%rip), %%rax\n"
                 "  mov %%rax, %[section]\n"
                 "1: cmp %[cpu], %[current]\n"
                 "  jne 4f\n"
                 "  mov (%[counter]), %%rdx\n"
                 "  mov $20000, %%ecx\n"
                 "5: loop 5b\n"
                 "  inc %%rdx\n"
                 "  mov %%rdx, (%[counter])\n"
                 "2: jmp 6f\n"
                 "  .byte 0x0f, 0xb9, 0x3d\n"
                 "  .long 0x53053053\n"
                 "4: jmp %l[aborted]\n"
                 "6:\n"
                 :
                 : [section] "m"(area->rseq_cs), [cpu] "r"(cpu), [current] "m"(area->cpu_id),
                   [counter] "r"(&counters[cpu & 1023].value)
                 : "rax", "rcx", "rdx", "memory", "cc"
                 : aborted);
    return 1;
aborted:
    return 0;
}

static long sum_of_counters(void) {
    long sum = 0;
    for (int i = 0; i < 1024; i++) {
        sum += counters[i].value;
    }
    return sum;
}

static void increment_some(struct role *role) {
    (void)role;
    struct rseq *area = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
    for (int i = 0; i < 40; i++) {
        increments += increment(area);
    }
}

/* On one CPU, the two are sure to meet when one of them is stopped; the partner inherits it. */
static void begin_rseq(struct role *role) {
    (void)role;
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(sched_getcpu(), &here);
    require(sched_setaffinity(0, sizeof here, &here) == 0, "sched_setaffinity");
    require(__rseq_size > 0, "restartable sequences of the C library");
}

/* Both threads increment at once; the sum is exact when both are at rest. */
static void turn_rseq(struct role *role) {
    request(role);
    while (role->answers < role->requests) {
        increment_some(role);
    }
    CHECK(sum_of_counters() == increments);
    counters[0].value += increments - sum_of_counters();
}
#endif

static jmp_buf *after_fault(void) {
    static __thread jmp_buf place;
    return &place;
}

static void on_fault(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    if (self == NULL || self->state != info->si_addr) {
        static const char text[] = "torment: a fault that no role asked for\n";
        write(2, text, sizeof text - 1) < 0 ? _exit(4) : _exit(3);
    }
    self->received++;
    siglongjmp(*after_fault(), 1);
}

static void begin_faults(struct role *role) {
    role->state = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unblock(SIGSEGV);
}

static void turn_faults(struct role *role) {
    long received = role->received;
    for (volatile int i = 0; i < 50; i++) {
        if (sigsetjmp(*after_fault(), 1) == 0) {
            *(volatile char *)role->state = 1;
            CHECK(!"a fault");
        }
        CHECK(role->received == received + i + 1);
    }
    nap(MILLISECOND);
}

/* Memory */

static void turn_mappings(struct role *role) {
    long size = 4096, pages = 4 + up_to(28);
    unsigned char mark = (unsigned char)(role->turns | 1);
    unsigned char *memory =
            mmap(NULL, pages * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    memset(memory, mark, pages * size);
    CHECK(mprotect(memory + size, size, PROT_READ) == 0);
    unsigned char *moved = mremap(memory, pages * size, pages * size, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED) {
        /* Two mappings cannot be moved by one call. */
        CHECK(errno == EFAULT);
        CHECK(mprotect(memory + size, size, PROT_READ | PROT_WRITE) == 0);
        moved = memory;
    }
    CHECK(mprotect(moved + size, size, PROT_READ | PROT_WRITE) == 0);
    unsigned char *larger = mremap(moved, pages * size, 2 * pages * size, MREMAP_MAYMOVE);
    CHECK(larger != MAP_FAILED);
    for (long i = 0; i < 2 * pages * size; i += 61) {
        CHECK(larger[i] == (i < pages * size ? mark : 0));
    }
    CHECK(munmap(larger, size) == 0);
    CHECK(larger[size] == mark);
    CHECK(munmap(larger + size, (2 * pages - 1) * size) == 0);
    nap(MILLISECOND / 2);
}

/* The pages that the tester may place keep what was written last. */
static void turn_placed(struct role *role) {
    unsigned char mark = (unsigned char)role->turns;
    for (long i = 0; i < PLACED_BYTES; i += 64) {
        CHECK(placed[i] == mark);
        placed[i] = mark + 1;
    }
    nap(MILLISECOND);
}

static struct role roles[] = {
    {.name = "nanosleep", .turn = turn_nanosleep},
    {.name = "clock-nanosleep", .turn = turn_clock_nanosleep},
    {.name = "poll", .begin = open_pipe, .turn = turn_poll, .answer = byte_for},
    {.name = "ppoll", .begin = open_pipe, .turn = turn_ppoll, .answer = send_counted},
    {.name = "select", .begin = open_pipe, .turn = turn_select, .answer = byte_for},
    {.name = "pselect", .turn = turn_pselect, .answer = send_counted},
    {.name = "epoll-wait", .begin = begin_epoll, .turn = turn_epoll_wait, .answer = byte_for},
    {.name = "epoll-pwait", .begin = begin_epoll, .turn = turn_epoll_pwait, .answer = send_counted},
    {.name = "epoll-pwait2", .begin = begin_epoll, .turn = turn_epoll_pwait2, .answer = send_counted},
    {.name = "futex", .turn = turn_futex, .answer = answer_futex},
    {.name = "condition", .begin = begin_condition, .turn = turn_condition, .answer = answer_condition},
    {.name = "pipe", .begin = open_pipe, .turn = turn_pipe, .answer = answer_stream},
    {.name = "pipe-large", .begin = open_pipe, .turn = turn_pipe_large, .answer = answer_large},
    {.name = "socket", .begin = open_sockets, .turn = turn_socket, .answer = answer_stream},
    {.name = "socket-timeout", .begin = begin_socket_timeout, .turn = turn_socket_timeout, .answer = byte_for},
    {.name = "accept", .begin = begin_accept, .turn = turn_accept, .answer = answer_accept},
    {.name = "connect-timeout", .begin = begin_connect, .turn = turn_connect},
    {.name = "message-receive", .begin = begin_messages, .turn = turn_message_receive, .answer = send_message,
     .end = end_messages},
    {.name = "message-send", .begin = begin_messages, .turn = turn_message_send, .answer = take_messages,
     .end = end_messages},
    {.name = "semop", .begin = begin_semaphore, .turn = turn_semop, .answer = answer_semaphore, .end = end_semaphore},
    {.name = "semtimedop", .begin = begin_semaphore, .turn = turn_semtimedop, .answer = answer_semaphore,
     .end = end_semaphore},
    {.name = "sigtimedwait", .turn = turn_sigtimedwait, .answer = send_waited},
    {.name = "sigwaitinfo", .turn = turn_sigwaitinfo, .answer = send_waited},
    {.name = "sigsuspend", .turn = turn_sigsuspend, .answer = send_counted},
    {.name = "pause", .begin = begin_unblocked, .turn = turn_pause, .answer = answer_pause},
    {.name = "signals", .begin = begin_unblocked, .turn = turn_signals, .answer = send_counted},
    {.name = "alternate-stack", .begin = begin_alternate, .turn = turn_alternate, .answer = answer_alternate},
    {.name = "timer", .begin = begin_timer, .turn = turn_timer},
    {.name = "alarm", .begin = begin_alarm, .turn = turn_alarm},
    {.name = "flock", .begin = begin_locks, .turn = turn_flock, .answer = answer_flock},
    {.name = "fcntl", .begin = begin_locks, .turn = turn_fcntl, .answer = answer_fcntl},
    {.name = "children", .turn = turn_children},
    {.name = "vfork", .turn = turn_vfork},
    {.name = "threads", .turn = turn_threads},
    {.name = "inotify", .begin = begin_inotify, .turn = turn_inotify, .answer = byte_for},
    {.name = "aio", .begin = begin_aio, .turn = turn_aio, .answer = add_one},
    {.name = "eventfd", .begin = begin_eventfd, .turn = turn_eventfd, .answer = add_one},
    {.name = "timerfd", .begin = begin_timerfd, .turn = turn_timerfd},
    {.name = "signalfd", .begin = begin_signalfd, .turn = turn_signalfd, .answer = send_waited},
    {.name = "getrandom", .turn = turn_getrandom},
    {.name = "clock", .turn = turn_clock},
#ifdef __x86_64__
    {.name = "registers", .turn = turn_registers},
    {.name = "calls", .turn = turn_calls},
#endif
#ifdef HAS_RSEQ
    {.name = "rseq", .begin = begin_rseq, .turn = turn_rseq, .answer = increment_some},
#endif
    {.name = "faults", .begin = begin_faults, .turn = turn_faults},
    {.name = "mappings", .turn = turn_mappings},
    {.name = "placed", .turn = turn_placed},
};

#define ROLES ((int)(sizeof roles / sizeof roles[0]))

static void *serve(void *argument) {
    struct role *role = self = argument;
    chance = 2 * (role - roles) + 1;
    running++;
    while (!role->done) {
        if (role->requests > role->answers) {
            nap(up_to(2 * MILLISECOND));
            role->answer(role);
            role->answers++;
        } else {
            nap(MILLISECOND / 4);
        }
    }
    return NULL;
}

static void *act(void *argument) {
    struct role *role = self = argument;
    chance = 2 * (role - roles);
    role->thread = pthread_self();
    role->number = syscall(SYS_gettid);
    if (role->begin != NULL) {
        role->begin(role);
    }
    if (role->answer != NULL) {
        require(pthread_create(&role->partner, NULL, serve, role) == 0, "pthread_create");
    }
    running++;
    while (!stopping) {
        role->turn(role);
        role->turns++;
    }
    role->done = 1;
    if (role->answer != NULL) {
        pthread_join(role->partner, NULL);
        if (role->answer == send_counted || role->answer == answer_pause || role->answer == answer_alternate) {
            for (int i = 0; i < 1000 && role->received != role->sent; i++) {
                nap(MILLISECOND);
            }
            CHECK(role->received == role->sent);
        }
    }
    if (role->end != NULL) {
        role->end(role);
    }
    role->ended = 1;
    return NULL;
}

static void take_signal(int signal, void (*handler)(int, siginfo_t *, void *), int flags) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    sigfillset(&action.sa_mask);
    require(sigaction(signal, &action, NULL) == 0, "sigaction");
}

static void take_signals(void) {
    counted_signal = SIGRTMIN + 1;
    waited_signal = SIGRTMIN + 2;
    blocking_signal = SIGRTMIN + 3;
    timer_signal = SIGRTMIN + 4;
    take_signal(counted_signal, on_counted, 0);
    take_signal(blocking_signal, on_blocking, SA_ONSTACK | SA_RESTART);
    take_signal(timer_signal, on_timer, 0);
    take_signal(SIGSEGV, on_fault, 0);
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
}

/* A role that stands still for long is wrong, once. */
static void watch(void) {
    long time = now();
    for (int i = 0; i < ROLES; i++) {
        struct role *role = &roles[i];
        if (role->chosen == 0 || role->ended || role->seen_at < 0) {
            continue;
        }
        if (role->turns != role->seen_turns || role->seen_at == 0) {
            role->seen_turns = role->turns;
            role->seen_at = time;
        } else if (time - role->seen_at > STUCK_SECONDS * SECOND) {
            role->wrong++;
            role->seen_at = -1;
            fprintf(stderr, "%s: stuck\n", role->name);
        }
    }
}

static int input_ended(int milliseconds) {
    char bytes[64];
    struct pollfd input = {.fd = 0, .events = POLLIN};
    return poll(&input, 1, milliseconds) > 0 && read(0, bytes, sizeof bytes) == 0;
}

static int all_ended(void) {
    for (int i = 0; i < ROLES; i++) {
        if (roles[i].chosen && !roles[i].ended && roles[i].seen_at >= 0) {
            return 0;
        }
    }
    return 1;
}

static int is_chosen(const char *name, int count, char **arguments) {
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], name) == 0) {
            return 1;
        }
    }
    return count == 1;
}

static int begin_roles(int count, char **arguments) {
    int threads = 0, found = 0;
    for (int i = 0; i < ROLES; i++) {
        roles[i].chosen = is_chosen(roles[i].name, count, arguments);
        if (roles[i].chosen) {
            found++;
            threads += roles[i].answer == NULL ? 1 : 2;
            require(pthread_create(&roles[i].thread, NULL, act, &roles[i]) == 0, "pthread_create");
        }
    }
    if (found == 0 || (count > 1 && found != count - 1)) {
        fputs("torment [ROLE...], a ROLE being one of", stderr);
        for (int i = 0; i < ROLES; i++) {
            fprintf(stderr, " %s", roles[i].name);
        }
        fputs("\n", stderr);
        exit(2);
    }
    return threads;
}

int main(int count, char **arguments) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* Its queues and semaphores then end with it, whatever ends it. */
    (void)!unshare(CLONE_NEWIPC);
    take_signals();
    placed = mmap(NULL, PLACED_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    require(placed != MAP_FAILED, "mmap");
    int threads = begin_roles(count, arguments);
    while (running < threads) {
        nap(MILLISECOND);
    }
    printf("ready %lx %ld\n", (unsigned long)placed, PLACED_BYTES);
    fflush(stdout);
    while (!input_ended(250)) {
        watch();
    }
    stopping = 1;
    while (!all_ended()) {
        watch();
        nap(10 * MILLISECOND);
    }
    int wrong = 0;
    for (int i = 0; i < ROLES; i++) {
        if (roles[i].chosen) {
            wrong |= roles[i].wrong != 0;
            printf("%s %ld %ld %ld\n", roles[i].name, roles[i].turns, roles[i].wrong, roles[i].interrupted);
        }
    }
    fflush(stdout);
    _exit(wrong);
}
