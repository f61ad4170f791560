#include <cstring>

#include "test/cases.h"

using host::Socket;

namespace cases {

bool OfStart() {
  const auto* table = reinterpret_cast<void* const*>(&host::provider);
  for (size_t i = 0; i < sizeof host::provider / sizeof *table; i++) {
    CHECK(table[i] != nullptr);
  }
  SAME(sizeof host::provider / sizeof *table, 30);
  bool right = check::End("all thirty entries");

  const DWORD stream = XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER |
                       XP1_GRACEFUL_CLOSE | XP1_CONNECT_DATA |
                       XP1_DISCONNECT_DATA;
  const DWORD messages = stream | XP1_MESSAGE_ORIENTED | XP1_PARTIAL_MESSAGE;
  SAME(host::entries.size(), 4);
  for (const int family : {AF_INET, AF_INET6}) {
    SAME(host::EntryOf(family, SOCK_STREAM).dwServiceFlags1, stream);
    SAME(host::EntryOf(family, SOCK_SEQPACKET).dwServiceFlags1, messages);
    Socket socket = Socket::Open(family, SOCK_SEQPACKET);
    WSAPROTOCOL_INFOW info = {};
    int length = sizeof info;
    int error = 0;
    SAME(host::provider.lpWSPGetSockOpt(socket.s, SOL_SOCKET, SO_PROTOCOL_INFOW,
                                        reinterpret_cast<char*>(&info), &length,
                                        &error),
         0);
    SAME(info.iAddressFamily, family);
    SAME(info.dwServiceFlags1, messages);
    SAME(socket.Close(), 0);
  }
  right = check::End("what the entries declare") && right;

  WSPDATA data = {};
  SAME(host::Start(MAKEWORD(1, 1), &data), WSAVERNOTSUPPORTED);
  SAME(host::Start(MAKEWORD(3, 0), &data), 0);
  SAME(data.wVersion, MAKEWORD(2, 2));
  SAME(data.wHighVersion, MAKEWORD(2, 2));
  CHECK(data.szDescription[0] != 0);
  host::Stop();
  SAME(host::Start(MAKEWORD(2, 0), &data), 0);
  SAME(data.wVersion, MAKEWORD(2, 0));
  host::Stop();
  right = check::End("versions are negotiated") && right;

  int error = 0;
  SAME(host::provider.lpWSPSocket(AF_UNIX, SOCK_STREAM, 0, nullptr, 0, 0,
                                  &error),
       INVALID_SOCKET);
  SAME(error, WSAEAFNOSUPPORT);
  host::provider.lpWSPSocket(AF_INET, SOCK_DGRAM, 0, nullptr, 0, 0, &error);
  SAME(error, WSAESOCKTNOSUPPORT);
  host::provider.lpWSPSocket(AF_INET, SOCK_STREAM, IPPROTO_UDP, nullptr, 0, 0,
                             &error);
  SAME(error, WSAEPROTONOSUPPORT);
  Socket socket = Socket::Open();
  std::string out;
  SAME(socket.SendDisconnect("x"), WSAENOTCONN);
  SAME(socket.ReceiveDisconnect(&out), WSAENOTCONN);
  SAME(socket.Send("x"), WSAENOTCONN);
  SAME(socket.Receive(&out), WSAENOTCONN);
  SAME(host::provider.lpWSPListen(socket.s, 1, &error), SOCKET_ERROR);
  SAME(error, WSAEINVAL);
  host::Accept(socket, nullptr, &error);
  SAME(error, WSAEINVAL);
  SAME(host::provider.lpWSPAsyncSelect(socket.s, nullptr, 0, 0, &error),
       SOCKET_ERROR);
  SAME(error, WSAEOPNOTSUPP);
  SAME(socket.Close(), 0);
  SAME(socket.Close(), WSAENOTSOCK);
  return check::End("errors without a connection") && right;
}

}  // namespace cases
