#include <mswsock.h>

#include "test/cases.h"

using host::Socket;

namespace cases {

bool OfData() {
  bool right = true;
  {
    Pair pair;
    // More than both sides buffer: the sender has to wait for the reader.
    const std::string block = Octets(40'000);
    std::string expected;
    std::string actual;
    bool refused = false;
    for (int i = 0; i < 200; i++) {
      int status = pair.client.Send(block);
      while (status == WSAEWOULDBLOCK) {
        refused = true;
        std::string piece;
        if (pair.server.Receive(&piece) == 0) {
          actual += piece;
        } else {
          pair.server.Await(FD_READ_BIT, 100);
        }
        pair.client.Await(FD_WRITE_BIT, 0);
        status = pair.client.Send(block);
      }
      SAME(status, 0);
      expected += block;
    }
    SAME(pair.client.SendDisconnect("done"), 0);
    std::string rest;
    SAME(pair.server.ReceiveAll(&rest), 0);
    actual += rest;
    CHECK(actual == expected);
    SAME(actual.size(), expected.size());
    CHECK(refused);
    SAME(pair.server.Await(FD_CLOSE_BIT), 0);
    SAME(pair.server.ReceiveDisconnect(&rest), 0);
    SAME(rest, "done");
    pair.Close();
  }
  right = check::End("8 MB through 64 KiB, then the last word") && right;
  {
    Pair pair(SOCK_SEQPACKET);
    std::string data;
    SAME(pair.client.Send("one"), 0);
    SAME(pair.client.Send(""), 0);
    SAME(pair.client.Send(Octets(100'000)), 0);
    SAME(pair.client.Send(Octets(1024 * 1024 + 1)), WSAEMSGSIZE);
    SAME(pair.client.SendDisconnect("three"), 0);
    SAME(pair.server.Await(FD_READ_BIT), 0);
    DWORD flags = MSG_PEEK;
    SAME(pair.server.Receive(&data, 2, &flags), 0);
    SAME(data, "on");
    SAME(flags, MSG_PARTIAL);
    flags = 0;
    SAME(pair.server.Receive(&data, 2, &flags), 0);
    SAME(flags, MSG_PARTIAL);
    SAME(pair.server.Receive(&data, 2, &(flags = 0)), 0);
    SAME(data, "e");
    SAME(flags, 0);
    SAME(pair.server.AwaitData(&data), 0);
    SAME(data, "");
    SAME(pair.server.AwaitData(&data, 200'000), 0);
    CHECK(data == Octets(100'000));
    SAME(pair.server.Await(FD_CLOSE_BIT), 0);
    SAME(pair.server.Receive(&data), WSAEDISCON);
    SAME(pair.server.ReceiveDisconnect(&data), 0);
    SAME(data, "three");
    pair.Close();
  }
  right = check::End("messages: boundaries, parts, WSAEDISCON") && right;
  {
    Pair pair;
    u_long count = 0;
    DWORD returned = 0;
    int error = 0;
    SAME(pair.client.Send("abc"), 0);
    SAME(pair.server.Await(FD_READ_BIT), 0);
    SAME(host::provider.lpWSPIoctl(pair.server.s, FIONREAD, nullptr, 0, &count,
                                   sizeof count, &returned, nullptr, nullptr,
                                   nullptr, &error),
         0);
    SAME(count, 3);
    u_long blocks = 0;
    SAME(host::provider.lpWSPIoctl(pair.server.s, FIONBIO, &blocks,
                                   sizeof blocks, nullptr, 0, &returned,
                                   nullptr, nullptr, nullptr, &error),
         SOCKET_ERROR);
    SAME(error, WSAEINVAL);
    WSAOVERLAPPED overlapped = {};
    WSABUF buffer = {0, nullptr};
    SAME(host::provider.lpWSPSend(pair.server.s, &buffer, 1, &returned, 0,
                                  &overlapped, nullptr, nullptr, &error),
         SOCKET_ERROR);
    SAME(error, WSAEOPNOTSUPP);
    sockaddr_in one = {};
    sockaddr_in other = {};
    int length = sizeof one;
    SAME(host::provider.lpWSPGetPeerName(
             pair.client.s, reinterpret_cast<sockaddr*>(&one), &length, &error),
         0);
    length = sizeof other;
    SAME(host::provider.lpWSPGetSockName(pair.server.s,
                                         reinterpret_cast<sockaddr*>(&other),
                                         &length, &error),
         0);
    SAME(one.sin_port, other.sin_port);
    CHECK(one.sin_port != 0);
    pair.Close();
  }
  return check::End("WSPIoctl, names, no overlapped I/O") && right;
}

}  // namespace cases
