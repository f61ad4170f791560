#include <cstdio>

#include "test/cases.h"

using host::Condition;
using host::Socket;

namespace cases {

namespace {

// The rest of a connection's life, in one line, and its end.
void Tell(Socket* socket) {
  std::string data;
  std::string last_word;
  const int received = socket->ReceiveAll(&data);
  const int closed = socket->Await(FD_CLOSE_BIT);
  socket->ReceiveDisconnect(&last_word);
  std::printf("closed %d, receive %d, %d octets, last word \"%s\"\n", closed,
              received, static_cast<int>(data.size()), last_word.c_str());
  std::fflush(stdout);
  SAME(socket->Close(), 0);
}

}  // namespace

bool Serve() {
  Socket listener = Socket::Open();
  sockaddr_storage name;
  SAME(listener.Listen(&name), 0);
  listener.Watch();
  std::printf("port %d\n", host::PortOf(name));
  std::fflush(stdout);
  for (;;) {
    Condition condition;
    condition.answer = "welcome";
    Socket server = AcceptNext(&listener, &condition);
    if (server.s == INVALID_SOCKET) break;
    if (condition.caller_data == "enough") {
      SAME(server.Close(), 0);
      break;
    }
    Tell(&server);
  }
  SAME(listener.Close(), 0);
  return check::End("serving peers");
}

bool Call(int port) {
  Socket client = Socket::Open();
  client.Watch();
  std::string room(16, '\0');
  WSABUF callee = {16, &room[0]};
  SAME(client.Connect(host::Local(port), "hello", &callee), WSAEWOULDBLOCK);
  const int status = client.Await(FD_CONNECT_BIT);
  std::printf("connect %d, \"%s\"\n", status,
              room.substr(0, callee.len).c_str());
  std::fflush(stdout);
  if (status == 0) {
    Tell(&client);
  } else {
    SAME(client.Close(), 0);
  }
  return check::End("calling a peer");
}

}  // namespace cases
