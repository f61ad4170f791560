#include "test/cases.h"

#include <cstdio>

using host::Condition;
using host::Socket;

namespace cases {

std::string Octets(size_t length) {
  std::string octets(length, '\0');
  for (size_t i = 0; i < length; i++) octets[i] = static_cast<char>(i);
  return octets;
}

Socket AcceptNext(Socket* listener, Condition* condition) {
  SAME(listener->Await(FD_ACCEPT_BIT), 0);
  int error = 0;
  Socket accepted = host::Accept(*listener, condition, &error);
  SAME(error, 0);
  if (accepted.s != INVALID_SOCKET) accepted.Watch();
  return accepted;
}

Ends::Ends(int family, int type) {
  listener = Socket::Open(family, type);
  SAME(listener.Listen(&name), 0);
  listener.Watch();
  client = Socket::Open(family, type);
  client.Watch();
}

void Ends::Close() {
  SAME(client.Close(), 0);
  SAME(listener.Close(), 0);
}

Pair::Pair(int type) : Ends(AF_INET, type) {
  SAME(client.Connect(name), WSAEWOULDBLOCK);
  server = AcceptNext(&listener);
  SAME(client.Await(FD_CONNECT_BIT), 0);
}

void Pair::Close() {
  SAME(server.Close(), 0);
  Ends::Close();
}

namespace {

// The client's half, by the numbers of "Connection Setup and Teardown".
void ClientSteps(Socket* client) {
  std::string data;
  SAME(client->Send("20 in\n"), 0);
  SAME(client->Send("21 in\n"), 0);
  // Before any of it: nothing is lost, and nothing blocks.
  SAME(client->ReceiveDisconnect(&data), WSAEWOULDBLOCK);
  // 1
  SAME(client->SendDisconnect("transactions: 41"), 0);
  SAME(client->Send("late"), WSAESHUTDOWN);
  SAME(client->SendDisconnect("again"), WSAESHUTDOWN);
  SAME(client->SendDisconnect(""), 0);
  // 4, as it arrives
  SAME(client->ReceiveAll(&data), 0);
  SAME(data, "remaining");
  // 6
  SAME(client->Await(FD_CLOSE_BIT), 0);
  // 7
  SAME(client->ReceiveDisconnect(&data), 0);
  SAME(data, "grand total: 1041");
  // 8
  SAME(client->Close(), 0);
}

void ServerSteps(Socket* server) {
  std::string data;
  SAME(server->ReceiveAll(&data), 0);
  SAME(data, "20 in\n21 in\n");
  // 2
  SAME(server->Await(FD_CLOSE_BIT), 0);
  CHECK(!server->Came(FD_CLOSE_BIT));
  // 3: too small a buffer loses nothing
  ULONG needed = 0;
  SAME(server->ReceiveDisconnect(&data, 4, &needed), WSAEFAULT);
  SAME(needed, 16);
  for (int again = 0; again < 2; again++) {
    SAME(server->ReceiveDisconnect(&data), 0);
    SAME(data, "transactions: 41");
  }
  // 4
  SAME(server->Send("remaining"), 0);
  // 5 and 5a
  SAME(server->SendDisconnect("grand total: 1041"), 0);
  SAME(server->Close(), 0);
}

DWORD WINAPI ServeSteps(void* socket) {
  ServerSteps(static_cast<Socket*>(socket));
  return 0;
}

}  // namespace

bool EightStepsClient(int port) {
  Socket client = Socket::Open();
  client.Watch();
  std::string room(64, '\0');
  WSABUF callee = {64, &room[0]};
  SAME(client.Connect(host::Local(port), "teller 7", &callee), WSAEWOULDBLOCK);
  SAME(client.Await(FD_CONNECT_BIT), 0);
  SAME(room.substr(0, callee.len), "welcome");
  ClientSteps(&client);
  return check::End("the eight steps, as a client");
}

bool EightStepsServer() {
  Socket listener = Socket::Open();
  sockaddr_storage name;
  SAME(listener.Listen(&name), 0);
  listener.Watch();
  std::printf("port %d\n", host::PortOf(name));
  std::fflush(stdout);
  Condition condition;
  condition.answer = "welcome";
  Socket server = AcceptNext(&listener, &condition);
  SAME(condition.caller_data, "teller 7");
  ServerSteps(&server);
  SAME(listener.Close(), 0);
  return check::End("the eight steps, as a server");
}

namespace {

void EightSteps(int family) {
  auto [listener, client, name] = Ends(family);
  const std::string caller_data = Octets(4096);
  std::string room(4096, '\0');
  WSABUF callee = {4096, &room[0]};
  SAME(client.Connect(name, caller_data, &callee), WSAEWOULDBLOCK);
  Condition condition;
  condition.answer = Octets(300);
  Socket server = AcceptNext(&listener, &condition);
  SAME(condition.caller_data, caller_data);
  SAME(condition.room, 4096);
  SAME(condition.caller_family, family);
  SAME(client.Await(FD_CONNECT_BIT), 0);
  SAME(client.Await(FD_WRITE_BIT), 0);
  SAME(room.substr(0, callee.len), condition.answer);
  // Two threads, so that the one that waits does not hold up the other.
  const HANDLE thread =
      CreateThread(nullptr, 0, ServeSteps, &server, 0, nullptr);
  ClientSteps(&client);
  SAME(WaitForSingleObject(thread, host::kLimit), 0);
  CloseHandle(thread);
  SAME(listener.Close(), 0);
}

}  // namespace

bool OfConnect() {
  EightSteps(AF_INET);
  bool right = check::End("the eight steps, IPv4");
  EightSteps(AF_INET6);
  right = check::End("the eight steps, IPv6") && right;

  Socket listener = Socket::Open();
  sockaddr_storage name;
  SAME(listener.Listen(&name), 0);
  listener.Watch();
  {
    Socket client = Socket::Open();
    client.Watch();
    QOS qos = {};
    SAME(client.Connect(name, "", nullptr, nullptr, &qos), WSAEINVAL);
    sockaddr_storage other = name;
    other.ss_family = AF_INET6;
    SAME(client.Connect(other), WSAEAFNOSUPPORT);
    SAME(client.Connect(name, Octets(65536)), WSAEFAULT);
    qos.SendingFlowspec.ServiceType = SERVICETYPE_GUARANTEED;
    SAME(client.Connect(name, "", nullptr, &qos), WSAEOPNOTSUPP);
    // More than the callee takes, which it reports.
    SAME(client.Connect(name, Octets(4097)), WSAEWOULDBLOCK);
    SAME(client.Await(FD_CONNECT_BIT), WSAEFAULT);
    // The same socket may try again; this time nobody answers before accepting.
    SAME(client.Connect(name, "x"), WSAEWOULDBLOCK);
    SAME(client.Connect(name), WSAEALREADY);
    Socket server = AcceptNext(&listener);
    SAME(client.Await(FD_CONNECT_BIT), 0);
    SAME(client.Connect(name), WSAEISCONN);
    SAME(client.Close(), 0);
    SAME(server.Close(), 0);
  }
  right = check::End("connect's errors, and another try") && right;
  {
    Socket client = Socket::Open();
    client.Watch();
    QOS qos = {};
    qos.SendingFlowspec.TokenRate = 1000;
    qos.ReceivingFlowspec.TokenRate = QOS_NOT_SPECIFIED;
    SAME(client.Connect(name, "", nullptr, &qos), WSAEWOULDBLOCK);
    Condition condition;
    condition.token_rate = 500;
    Socket server = AcceptNext(&listener, &condition);
    CHECK(condition.had_qos);
    CHECK(!condition.had_caller_data);
    SAME(client.Await(FD_CONNECT_BIT), 0);
    SAME(qos.SendingFlowspec.TokenRate, 500);
    SAME(qos.ReceivingFlowspec.TokenRate, QOS_NOT_SPECIFIED);
    SAME(client.Close(), 0);
    SAME(server.Close(), 0);
  }
  right = check::End("quality of service is negotiated") && right;
  SAME(listener.Close(), 0);
  {
    // Nobody listens there any more.
    Socket client = Socket::Open();
    client.Watch();
    SAME(client.Connect(name, "x"), WSAEWOULDBLOCK);
    SAME(client.Await(FD_CONNECT_BIT), WSAECONNREFUSED);
    SAME(client.Close(), 0);
  }
  right = check::End("no listener: WSAECONNREFUSED") && right;
  {
    // Nor here, and the caller has the name that it calls.
    Socket client = Socket::Open();
    client.Watch();
    int error = 0;
    SAME(host::provider.lpWSPBind(
             client.s, reinterpret_cast<const sockaddr*>(&name),
             sizeof(sockaddr_in), &error),
         0);
    SAME(client.Connect(name, "x"), WSAEWOULDBLOCK);
    SAME(client.Await(FD_CONNECT_BIT), WSAECONNREFUSED);
    SAME(client.Close(), 0);
  }
  return check::End("connected to itself: WSAECONNREFUSED") && right;
}

}  // namespace cases
