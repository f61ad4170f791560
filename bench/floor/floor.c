/*
 * The floor: the exchange and the echo with nothing in between, client and
 * server in one process, on nonblocking sockets and epoll.
 *
 *   floor exchange SECONDS CONNECTIONS
 *   floor echo     SECONDS CONNECTIONS
 *
 * Prints one line of JSON, after a tenth of that time to warm up. Each message
 * is its length in two octets and the octets. What comes is checked; if
 * anything is not as it should be it says so and exits with 1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 2, WORD = 15, MESSAGE = HEADER + WORD, ECHO = 64, ROOM = 256 };

struct peer {
  int fd;
  int is_server;
  unsigned id;
  int messages; /* how many have come */
  int length;
  unsigned char octets[ROOM];
};

static int epoll_fd, listen_fd;
static struct sockaddr_in address;
static unsigned last_id;
static long operations;
static int open_lanes, lanes;
static double deadline;

static void fail(const char *what) {
  fprintf(stderr, "floor: %s (%s)\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static double cpu_microseconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/* Edge-triggered, for both directions at once: one call a connection. */
static void watch(struct peer *peer) {
  struct epoll_event event = {
      .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
      .data.ptr = peer,
  };
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, peer->fd, &event)) fail("epoll_ctl");
}

static void no_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static struct peer *new_peer(int fd, int is_server) {
  struct peer *peer = calloc(1, sizeof *peer);
  if (!peer) fail("calloc");
  peer->fd = fd;
  peer->is_server = is_server;
  no_delay(fd);
  return peer;
}

static struct peer *call(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  struct peer *peer = new_peer(fd, 0);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) &&
      errno != EINPROGRESS)
    fail("connect");
  watch(peer);
  return peer;
}

static void send_all(struct peer *peer, const void *octets, size_t length) {
  if (send(peer->fd, octets, length, MSG_NOSIGNAL) != (ssize_t)length)
    fail("send");
}

/* -- the exchange -------------------------------------------------------- */

static void make_word(unsigned char *message, const char *speaker, unsigned id) {
  char text[WORD + 1];
  snprintf(text, sizeof text, "%s %08u", speaker, id % 100000000);
  message[0] = 0;
  message[1] = WORD;
  memcpy(message + HEADER, text, WORD);
}

static void say(struct peer *peer, const char *speaker) {
  unsigned char message[MESSAGE];
  make_word(message, speaker, peer->id);
  send_all(peer, message, MESSAGE);
}

static void expect(struct peer *peer, const char *speaker) {
  unsigned char message[MESSAGE];
  make_word(message, speaker, peer->id);
  if (memcmp(peer->octets, message, MESSAGE)) fail("not the expected word");
}

static void start_exchange(void) {
  call()->id = ++last_id;
}

static void on_word(struct peer *peer) {
  peer->messages++;
  if (peer->is_server && peer->messages == 1) {
    peer->octets[peer->length] = 0;
    peer->id = strtoul((char *)peer->octets + HEADER + 7, NULL, 10);
    expect(peer, "caller");
    say(peer, "callee");
  } else if (peer->is_server) {
    expect(peer, "client");
  } else if (peer->messages == 1) {
    expect(peer, "callee");
    say(peer, "client");
    shutdown(peer->fd, SHUT_WR);
  } else {
    expect(peer, "server");
  }
}

static void on_exchange_end(struct peer *peer) {
  if (peer->messages != 2) fail("the end came before the last word");
  if (peer->is_server) say(peer, "server");
  close(peer->fd);
  int was_client = !peer->is_server;
  free(peer);
  if (!was_client) return;
  operations++;
  if (now() < deadline) start_exchange();
  else open_lanes--;
}

static void take_words(struct peer *peer) {
  while (peer->length >= MESSAGE) {
    if (peer->octets[0] != 0 || peer->octets[1] != WORD) fail("a bad length");
    on_word(peer);
    peer->length -= MESSAGE;
    memmove(peer->octets, peer->octets + MESSAGE, peer->length);
  }
}

static void on_exchange_event(struct peer *peer, unsigned events) {
  if (!peer->is_server && peer->messages == 0 && !(events & EPOLLIN)) {
    if (events & EPOLLERR) fail("connect");
    if (events & EPOLLOUT) say(peer, "caller");
    return;
  }
  if (!(events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP))) return;
  for (;;) {
    size_t room = ROOM - 1 - peer->length;
    ssize_t count = recv(peer->fd, peer->octets + peer->length, room, 0);
    if (count == 0) {
      on_exchange_end(peer);
      return;
    }
    if (count < 0) {
      if (errno == EAGAIN) return;
      fail("recv");
    }
    peer->length += count;
    take_words(peer);
    /* Less than was asked for: there is no more, unless the end has come. */
    if ((size_t)count < room && !(events & EPOLLRDHUP)) return;
  }
}

/* -- the echo ------------------------------------------------------------ */

static void send_echo(struct peer *peer) {
  unsigned char octets[ECHO];
  peer->id++;
  memset(octets, peer->fd, ECHO);
  memcpy(octets, &peer->id, sizeof peer->id);
  peer->length = 0;
  send_all(peer, octets, ECHO);
}

static void on_reply(struct peer *peer) {
  unsigned char expected[ECHO];
  memset(expected, peer->fd, ECHO);
  memcpy(expected, &peer->id, sizeof peer->id);
  if (memcmp(peer->octets, expected, ECHO)) fail("not what was sent");
  operations++;
  if (now() < deadline) send_echo(peer);
  else open_lanes--;
}

static void on_echo_event(struct peer *peer, unsigned events) {
  if (!peer->is_server && peer->id == 0 && (events & EPOLLOUT)) {
    send_echo(peer);
    return;
  }
  if (!(events & EPOLLIN)) return;
  size_t room = ROOM - peer->length;
  ssize_t count = recv(peer->fd, peer->octets + peer->length, room, 0);
  if (count <= 0) {
    if (count < 0 && errno == EAGAIN) return;
    fail("recv");
  }
  if (peer->is_server) {
    send_all(peer, peer->octets, count);
    return;
  }
  peer->length += count;
  if (peer->length == ECHO) on_reply(peer);
}

/* -- both ---------------------------------------------------------------- */

static void accept_all(void) {
  for (;;) {
    int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EAGAIN) return;
      fail("accept");
    }
    watch(new_peer(fd, 1));
  }
}

static void set_up(void) {
  socklen_t length = sizeof address;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listen_fd < 0 ||
      bind(listen_fd, (struct sockaddr *)&address, sizeof address) ||
      listen(listen_fd, 511) ||
      getsockname(listen_fd, (struct sockaddr *)&address, &length))
    fail("listen");
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listen_fd, &event)) fail("epoll_ctl");
}

static void run(int is_echo, double seconds) {
  struct epoll_event events[256];
  deadline = now() + seconds;
  while (open_lanes > 0) {
    int count = epoll_wait(epoll_fd, events, 256, 5000);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail("nothing happens any more");
    for (int at = 0; at < count; at++) {
      struct peer *peer = events[at].data.ptr;
      if (!peer) accept_all();
      else if (is_echo) on_echo_event(peer, events[at].events);
      else on_exchange_event(peer, events[at].events);
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "floor exchange|echo SECONDS CONNECTIONS\n");
    return 2;
  }
  int is_echo = !strcmp(argv[1], "echo");
  double seconds = atof(argv[2]);
  lanes = atoi(argv[3]);
  set_up();

  struct peer **echoing = calloc(lanes, sizeof *echoing);
  open_lanes = lanes;
  for (int lane = 0; lane < lanes; lane++) {
    if (is_echo) echoing[lane] = call();
    else start_exchange();
  }
  run(is_echo, seconds / 10);

  operations = 0;
  open_lanes = lanes;
  double cpu = cpu_microseconds(), began = now();
  for (int lane = 0; lane < lanes; lane++) {
    if (is_echo) send_echo(echoing[lane]);
    else start_exchange();
  }
  run(is_echo, seconds);
  printf("{\"operations\":%ld,\"seconds\":%.6f,\"cpuMicroseconds\":%.0f}\n",
         operations, now() - began, cpu_microseconds() - cpu);
  return 0;
}
