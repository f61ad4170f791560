#include "test/cases.h"

using host::Condition;
using host::Socket;

namespace cases {

namespace {

// A server that blocks in each of its calls.
DWORD WINAPI Serve(void* argument) {
  const Socket& listener = *static_cast<Socket*>(argument);
  Condition condition;
  condition.answer = "welcome";
  int error = 0;
  Socket server = host::Accept(listener, &condition, &error);
  SAME(error, 0);
  std::string data;
  SAME(server.Receive(&data), 0);
  SAME(data, "ping");
  SAME(server.Send("pong"), 0);
  SAME(server.Receive(&data), 0);
  SAME(data, "");
  SAME(server.ReceiveDisconnect(&data), 0);
  SAME(data, "bye");
  SAME(server.SendDisconnect("so long"), 0);
  SAME(server.Close(), 0);
  return 0;
}

constexpr int kCallers = 8;
constexpr int kCalls = 25;

// Answers each caller in turn with its own data.
DWORD WINAPI ServeCallers(void* argument) {
  const Socket& listener = *static_cast<Socket*>(argument);
  for (int i = 0; i < kCallers * kCalls; i++) {
    int error = 0;
    Socket server = host::Accept(listener, nullptr, &error);
    SAME(error, 0);
    std::string data;
    SAME(server.Receive(&data), 0);
    SAME(server.ReceiveDisconnect(&data), 0);
    SAME(server.SendDisconnect(data), 0);
    SAME(server.Close(), 0);
  }
  return 0;
}

DWORD WINAPI CallAgainAndAgain(void* argument) {
  const auto& name = *static_cast<sockaddr_storage*>(argument);
  const std::string word = Octets(1 + GetCurrentThreadId() % 64);
  for (int i = 0; i < kCalls; i++) {
    Socket client = Socket::Open();
    SAME(client.Connect(name), 0);
    SAME(client.SendDisconnect(word), 0);
    std::string data;
    SAME(client.Receive(&data), 0);
    SAME(client.ReceiveDisconnect(&data), 0);
    SAME(data, word);
    SAME(client.Close(), 0);
  }
  return 0;
}

DWORD WINAPI ReceiveForEver(void* argument) {
  std::string data;
  return static_cast<Socket*>(argument)->Receive(&data);
}

}  // namespace

bool OfBlocking() {
  Socket listener = Socket::Open();
  sockaddr_storage name;
  SAME(listener.Listen(&name), 0);
  HANDLE thread = CreateThread(nullptr, 0, Serve, &listener, 0, nullptr);
  Socket client = Socket::Open();
  std::string room(64, '\0');
  WSABUF callee = {64, &room[0]};
  SAME(client.Connect(name, "hello", &callee), 0);
  SAME(room.substr(0, callee.len), "welcome");
  SAME(client.Send("ping"), 0);
  std::string data;
  SAME(client.Receive(&data), 0);
  SAME(data, "pong");
  SAME(client.SendDisconnect("bye"), 0);
  SAME(client.Receive(&data), 0);
  SAME(data, "");
  SAME(client.ReceiveDisconnect(&data), 0);
  SAME(data, "so long");
  SAME(client.Close(), 0);
  SAME(WaitForSingleObject(thread, host::kLimit), 0);
  CloseHandle(thread);
  bool right = check::End("blocking sockets");

  HANDLE threads[1 + kCallers];
  for (int i = 0; i <= kCallers; i++) {
    threads[i] =
        i == 0
            ? CreateThread(nullptr, 0, ServeCallers, &listener, 0, nullptr)
            : CreateThread(nullptr, 0, CallAgainAndAgain, &name, 0, nullptr);
  }
  SAME(WaitForMultipleObjects(1 + kCallers, threads, TRUE, 6 * host::kLimit),
       0);
  for (const HANDLE ended : threads) CloseHandle(ended);
  right = check::End("eight threads that call at once") && right;

  {
    fd_set reading;
    fd_set writing;
    FD_ZERO(&reading);
    FD_ZERO(&writing);
    int error = 0;
    const timeval soon = {0, 50'000};
    const timeval late = {10, 0};
    FD_SET(listener.s, &reading);
    SAME(host::provider.lpWSPSelect(0, &reading, nullptr, nullptr, &soon,
                                    &error),
         0);
    SAME(host::provider.lpWSPSelect(0, &reading, nullptr, nullptr, &soon,
                                    &error),
         SOCKET_ERROR);
    SAME(error, WSAEINVAL);
    client = Socket::Open();
    client.Watch();
    SAME(client.Connect(name), WSAEWOULDBLOCK);
    FD_SET(listener.s, &reading);
    FD_SET(client.s, &writing);
    SAME(host::provider.lpWSPSelect(0, &reading, &writing, nullptr, &late,
                                    &error),
         1);
    SAME(reading.fd_count, 1);
    SAME(writing.fd_count, 0);
    Socket server = host::Accept(listener, nullptr, &error);
    FD_SET(client.s, &writing);
    SAME(host::provider.lpWSPSelect(0, nullptr, &writing, nullptr, &late,
                                    &error),
         1);
    right = check::End("select") && right;

    // It blocks, or is about to: a close by another thread ends it.
    thread = CreateThread(nullptr, 0, ReceiveForEver, &server, 0, nullptr);
    SAME(server.Close(), 0);
    SAME(WaitForSingleObject(thread, host::kLimit), 0);
    DWORD status = 0;
    GetExitCodeThread(thread, &status);
    SAME(status, WSAENOTSOCK);
    CloseHandle(thread);
    SAME(client.Close(), 0);
  }
  SAME(listener.Close(), 0);
  return check::End("closing a socket ends what blocks on it") && right;
}

}  // namespace cases
