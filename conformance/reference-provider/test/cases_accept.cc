#include "test/cases.h"

using host::Condition;
using host::Socket;

namespace cases {

namespace {

struct Caller {
  Socket socket;
  std::string room = std::string(64, '\0');
  WSABUF callee = {64, &room[0]};

  Caller(const sockaddr_storage& name, const std::string& data) {
    socket = Socket::Open();
    socket.Watch();
    SAME(socket.Connect(name, data, &callee), WSAEWOULDBLOCK);
  }
  std::string answer() const { return room.substr(0, callee.len); }
};

// The socket that a condition function closes.
Socket* closing;

}  // namespace

bool OfAccept() {
  Socket listener = Socket::Open();
  sockaddr_storage name;
  SAME(listener.Listen(&name), 0);
  listener.Watch();
  int error = 0;

  host::Accept(listener, nullptr, &error);
  SAME(error, WSAEWOULDBLOCK);
  bool right = check::End("nobody calls: WSAEWOULDBLOCK");
  {
    Caller caller(name, "one");
    SAME(listener.Await(FD_ACCEPT_BIT), 0);
    Condition condition;
    condition.verdict = CF_REJECT;
    condition.answer = "unknown teller";
    host::Accept(listener, &condition, &error);
    SAME(error, WSAECONNREFUSED);
    SAME(caller.socket.Await(FD_CONNECT_BIT), WSAECONNREFUSED);
    SAME(caller.answer(), "unknown teller");
    SAME(caller.socket.Close(), 0);
  }
  right = check::End("CF_REJECT, with data") && right;
  {
    Caller caller(name, "one");
    SAME(listener.Await(FD_ACCEPT_BIT), 0);
    Condition condition;
    condition.verdict = CF_REJECT;
    condition.silent = true;
    host::Accept(listener, &condition, &error);
    SAME(caller.socket.Await(FD_CONNECT_BIT), WSAECONNREFUSED);
    SAME(caller.answer(), "");
    SAME(caller.socket.Close(), 0);
  }
  right = check::End("a condition that leaves the answer alone") && right;
  {
    Caller first(name, "first");
    SAME(listener.Await(FD_ACCEPT_BIT), 0);
    Condition defers;
    defers.verdict = CF_DEFER;
    host::Accept(listener, &defers, &error);
    SAME(error, WSATRY_AGAIN);
    SAME(defers.caller_data, "first");
    Caller second(name, "second");
    // FD_ACCEPT is not re-enabled, and the caller still waits.
    SAME(listener.Await(FD_ACCEPT_BIT, 200), -1);
    CHECK(!first.socket.Came(FD_CONNECT_BIT));
    Condition accepts;
    accepts.answer = "at last";
    Socket server = host::Accept(listener, &accepts, &error);
    SAME(error, 0);
    SAME(accepts.caller_data, "first");
    SAME(first.socket.Await(FD_CONNECT_BIT), 0);
    SAME(first.answer(), "at last");
    Condition other;
    Socket next = AcceptNext(&listener, &other);
    SAME(other.caller_data, "second");
    SAME(second.socket.Await(FD_CONNECT_BIT), 0);
    for (Socket* socket : {&first.socket, &second.socket, &server, &next}) {
      SAME(socket->Close(), 0);
    }
  }
  right = check::End("CF_DEFER: the same request comes first") && right;
  {
    Caller caller(name, "leaves");
    SAME(listener.Await(FD_ACCEPT_BIT), 0);
    Condition defers;
    defers.verdict = CF_DEFER;
    host::Accept(listener, &defers, &error);
    SAME(caller.socket.Close(), 0);
    // Reported by the next accept; until the reset has come, the request
    // exists.
    const ULONGLONG end = GetTickCount64() + host::kLimit;
    do {
      host::Accept(listener, &defers, &error);
    } while (error == WSATRY_AGAIN && GetTickCount64() < end);
    SAME(error, WSAECONNRESET);
    host::Accept(listener, nullptr, &error);
    SAME(error, WSAEWOULDBLOCK);
    listener.Came(FD_ACCEPT_BIT);
  }
  right = check::End("a deferred caller that leaves: WSAECONNRESET") && right;
  {
    Caller caller(name, "one");
    SAME(listener.Await(FD_ACCEPT_BIT), 0);
    Condition nonsense;
    nonsense.verdict = 7;
    host::Accept(listener, &nonsense, &error);
    SAME(error, WSAEINVAL);
    Condition claims;
    claims.claims = 65;
    host::Accept(listener, &claims, &error);
    SAME(error, WSAEFAULT);
    Condition accepts;
    Socket server = AcceptNext(&listener, &accepts);
    SAME(accepts.caller_data, "one");
    SAME(caller.socket.Await(FD_CONNECT_BIT), 0);
    SAME(caller.socket.Close(), 0);
    SAME(server.Close(), 0);
  }
  right = check::End("no verdict, too much callee data: the request stays") &&
          right;
  {
    Socket client = Socket::Open(AF_INET, SOCK_SEQPACKET);
    client.Watch();
    SAME(client.Connect(name), WSAEWOULDBLOCK);
    SAME(client.Await(FD_CONNECT_BIT), WSAEPROTOTYPE);
    SAME(client.Close(), 0);
  }
  right = check::End("another socket type: WSAEPROTOTYPE") && right;
  {
    // The one answer to all who are accepted without a condition function.
    SAME(host::provider.lpWSPSetSockOpt(listener.s, SOL_SOCKET, 0x7000, "hello",
                                        5, &error),
         0);
    Caller caller(name, "");
    Socket server = AcceptNext(&listener);
    SAME(caller.socket.Await(FD_CONNECT_BIT), 0);
    SAME(caller.answer(), "hello");
    SAME(caller.socket.Close(), 0);
    SAME(server.Close(), 0);
  }
  right = check::End("SO_CONNDATA of a listener") && right;
  {
    Caller caller(name, "one");
    SAME(listener.Await(FD_ACCEPT_BIT), 0);
    SAME(host::provider.lpWSPSetSockOpt(listener.s, SOL_SOCKET, 0x7002, "bye",
                                        3, &error),
         0);
    SAME(listener.Close(), 0);
    SAME(caller.socket.Await(FD_CONNECT_BIT), WSAECONNREFUSED);
    SAME(caller.answer(), "bye");
    SAME(caller.socket.Close(), 0);
  }
  right = check::End("a listener that closes refuses who waits") && right;
  {
    listener = Socket::Open();
    SAME(listener.Listen(&name), 0);
    listener.Watch();
    Caller caller(name, "one");
    SAME(listener.Await(FD_ACCEPT_BIT), 0);
    // The lock is not held: it may call the provider.
    Condition closes;
    closing = &listener;
    closes.then = [](Condition*) { SAME(closing->Close(), 0); };
    host::Accept(listener, &closes, &error);
    SAME(error, WSAENOTSOCK);
    SAME(caller.socket.Await(FD_CONNECT_BIT), WSAECONNREFUSED);
    SAME(caller.socket.Close(), 0);
  }
  return check::End("a condition function that closes the listener") && right;
}

}  // namespace cases
