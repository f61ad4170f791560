#include <cstdio>

#include "test/cases.h"

using host::Condition;
using host::Socket;

namespace cases {

namespace {

// The numbers of 20 octets that arrive at each of three places.
struct Arrived {
  std::string caller;
  std::string callee;
  std::string disconnect;
};

Arrived Exchange() {
  Arrived arrived;
  const std::string said = Octets(20);
  auto [listener, client, name] = Ends();
  std::string room(64, '\0');
  WSABUF callee = {64, &room[0]};
  SAME(client.Connect(name, said, &callee), WSAEWOULDBLOCK);
  Condition condition;
  condition.answer = said;
  Socket server = AcceptNext(&listener, &condition);
  arrived.caller = condition.caller_data;
  SAME(client.Await(FD_CONNECT_BIT), 0);
  arrived.callee = room.substr(0, callee.len);
  SAME(client.SendDisconnect(said), 0);
  SAME(server.Await(FD_CLOSE_BIT), 0);
  SAME(server.ReceiveDisconnect(&arrived.disconnect), 0);
  for (Socket* socket : {&client, &server, &listener}) SAME(socket->Close(), 0);
  return arrived;
}

void DropsDisconnectData() {
  const Arrived arrived = Exchange();
  SAME(arrived.caller, Octets(20));
  SAME(arrived.callee, Octets(20));
  SAME(arrived.disconnect, "");
}

void Truncates() {
  const Arrived arrived = Exchange();
  SAME(arrived.caller, Octets(16));
  SAME(arrived.callee, Octets(16));
  SAME(arrived.disconnect, Octets(16));
}

void WrongCodes() {
  auto [listener, client, name] = Ends();
  SAME(client.Connect(name), WSAEWOULDBLOCK);
  SAME(listener.Await(FD_ACCEPT_BIT), 0);
  Condition condition;
  condition.verdict = CF_REJECT;
  int error = 0;
  host::Accept(listener, &condition, &error);
  SAME(error, WSAEINVAL);
  SAME(client.Await(FD_CONNECT_BIT), WSAEINVAL);
  SAME(client.Close(), 0);
  SAME(listener.Close(), 0);
}

void HangsInConnect() {
  auto [listener, client, name] = Ends();
  SAME(client.Connect(name), WSAEWOULDBLOCK);
  SAME(listener.Await(FD_ACCEPT_BIT, 200), -1);
  SAME(client.Await(FD_CONNECT_BIT, 200), -1);
  SAME(client.Close(), 0);
  SAME(listener.Close(), 0);
}

void DeclaresNothing() {
  for (const WSAPROTOCOL_INFOW& entry : host::entries) {
    SAME(entry.dwServiceFlags1 & (XP1_CONNECT_DATA | XP1_DISCONNECT_DATA), 0);
  }
  auto [listener, client, name] = Ends();
  SAME(client.Connect(name, "hello"), WSAEPROTONOSUPPORT);
  SAME(client.Connect(name), WSAEWOULDBLOCK);
  Condition condition;
  condition.answer = "dropped";
  Socket server = AcceptNext(&listener, &condition);
  SAME(condition.room, 0);
  CHECK(!condition.had_caller_data);
  SAME(client.Await(FD_CONNECT_BIT), 0);
  std::string data;
  SAME(client.SendDisconnect("bye"), WSAENOPROTOOPT);
  SAME(client.SendDisconnect(""), 0);
  SAME(server.Await(FD_CLOSE_BIT), 0);
  SAME(server.ReceiveDisconnect(&data), WSAENOPROTOOPT);
  for (Socket* socket : {&client, &server, &listener}) SAME(socket->Close(), 0);
}

const struct {
  const char* name;
  void (*run)();
} kTwins[] = {
    {"drops-disconnect-data", DropsDisconnectData},
    {"truncates", Truncates},
    {"wrong-codes", WrongCodes},
    {"hangs-in-connect", HangsInConnect},
    {"declares-nothing", DeclaresNothing},
};

}  // namespace

bool OfTwin(const std::string& twin) {
  WSPDATA data = {};
  const int status = host::Start(MAKEWORD(2, 2), &data);
  if (twin == "fails-to-start") {
    SAME(status, WSASYSNOTREADY);
  } else if (twin == "wrong-version") {
    SAME(status, 0);
    SAME(data.wVersion, MAKEWORD(1, 1));
  } else if (twin == "null-entries") {
    SAME(status, 0);
    CHECK(host::provider.lpWSPAccept == nullptr);
    CHECK(host::provider.lpWSPRecvDisconnect == nullptr);
    CHECK(host::provider.lpWSPConnect != nullptr);
  } else {
    SAME(status, 0);
    bool known = false;
    for (const auto& [name, run] : kTwins) {
      if (twin != name) continue;
      known = true;
      run();
    }
    CHECK(known);
  }
  if (status == 0) host::Stop();
  return check::End(twin.c_str());
}

}  // namespace cases
