#!/usr/bin/env bash
# In Wine a receive of a closed socket takes what came for the next one.
#
# An overlapped WSARecv waits on one thread's behalf; another thread closes the
# socket just as octets come for it. Wine has told the first thread to receive by
# then, and that looks up the number of the handle: if a new socket has it by
# now, and octets have come there, they go into the old buffer, the completion
# port tells of them as the old socket's, and the new socket never has them.
# (server/async.c, async_terminate; dlls/ntdll/unix/socket.c, async_recv_proc. A
# send goes on in the same way.) Windows does not do this: an operation belongs
# to its socket. Who waits for the completion before closesocket is safe.
#
# Seen on 2026-11-29, Wine 8.0 (Debian 12), Linux x64, on a busy machine:
#   1000 rounds, 582 with the same handle: 62 lost what came for the next socket
#
# Takes Wine, and a compiler for Windows: CC, or gcc of mingw-w64.
# Exits with 1 if it is seen otherwise.

set -euo pipefail

rounds=${1:-1000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >probe.c <<'C'
#include <winsock2.h>
#include <mswsock.h>
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

static HANDLE port, begin, begun, done;
static SOCKET old;
static char received[64];
static long own, failed, stolen;

static DWORD WINAPI Receive(void *unused) {
  for (;;) {
    OVERLAPPED operation = {0}, *ended = NULL;
    WSABUF buffer = {sizeof received, received};
    DWORD flags = 0, octets = 0;
    ULONG_PTR key;
    WaitForSingleObject(begin, INFINITE);
    received[0] = 0;
    WSARecv(old, &buffer, 1, NULL, &flags, &operation, NULL);
    SetEvent(begun);
    if (!GetQueuedCompletionStatus(port, &octets, &key, &ended, INFINITE))
      failed++;
    else if (octets > 0 && received[0] == 'b')
      stolen++;
    else
      own++;
    SetEvent(done);
  }
  return 0;
}

static SOCKET Open(void) {
  return WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
}

static SOCKET Call(struct sockaddr_in *name) {
  SOCKET caller = Open();
  if (connect(caller, (struct sockaddr *)name, sizeof *name) != 0) exit(2);
  return caller;
}

int main(int count, char **arguments) {
  int rounds = atoi(arguments[1]), same = 0, lacking = 0;
  struct sockaddr_in name = {0};
  int length = sizeof name;
  WSADATA data;
  HANDLE accepted;
  SOCKET listener;
  WSAStartup(0x202, &data);
  begin = CreateEventW(NULL, FALSE, FALSE, NULL);
  begun = CreateEventW(NULL, FALSE, FALSE, NULL);
  done = CreateEventW(NULL, FALSE, FALSE, NULL);
  accepted = CreateEventW(NULL, FALSE, FALSE, NULL);
  port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
  CreateThread(NULL, 0, Receive, NULL, 0, NULL);
  listener = Open();
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(listener, (struct sockaddr *)&name, sizeof name);
  listen(listener, 10);
  getsockname(listener, (struct sockaddr *)&name, &length);
  for (int round = 0; round < rounds; round++) {
    SOCKET first = Call(&name);
    SOCKET second, next;
    OVERLAPPED accepting = {0};
    char names[128], octets[8];
    DWORD came = 0;
    u_long at_once = 1;
    old = accept(listener, NULL, NULL);
    CreateIoCompletionPort((HANDLE)old, port, 0, 0);
    // The next caller waits, with its octets.
    second = Call(&name);
    send(second, "bbbb", 4, 0);
    SetEvent(begin);
    WaitForSingleObject(begun, INFINITE);
    send(first, "aaaa", 4, 0);
    closesocket(old);
    next = Open();
    accepting.hEvent = accepted;
    if (!AcceptEx(listener, next, names, 0, 64, 64, &came, &accepting))
      WaitForSingleObject(accepted, INFINITE);
    same += next == old;
    WaitForSingleObject(done, INFINITE);
    ioctlsocket(next, FIONBIO, &at_once);
    lacking += recv(next, octets, sizeof octets, 0) != 4;
    closesocket(next);
    closesocket(first);
    closesocket(second);
  }
  printf("%d rounds, %d with the same handle: ", rounds, same);
  printf("%d lost what came for the next socket\n", lacking);
  fprintf(stderr, "the old receive: %ld its own, %ld failed, %ld the next's\n",
          own, failed, stolen);
  return stolen > 0 && stolen == lacking ? 0 : 1;
}
C
${CC:-x86_64-w64-mingw32-gcc} -Os -s probe.c -o probe.exe -lws2_32 -lmswsock
WINEDEBUG=-all wine probe.exe "$rounds"
