#include <mswsock.h>

#include "test/cases.h"

using host::Socket;

namespace cases {

bool OfTeardown() {
  bool right = true;
  std::string data;
  {
    Pair pair;
    SAME(pair.client.SendDisconnect("from the client"), 0);
    SAME(pair.server.SendDisconnect("from the server"), 0);
    SAME(pair.client.Await(FD_CLOSE_BIT), 0);
    SAME(pair.server.Await(FD_CLOSE_BIT), 0);
    SAME(pair.client.ReceiveDisconnect(&data), 0);
    SAME(data, "from the server");
    SAME(pair.server.ReceiveDisconnect(&data), 0);
    SAME(data, "from the client");
    pair.Close();
  }
  right = check::End("both at once") && right;
  {
    Pair pair;
    SAME(pair.client.SendDisconnect(Octets(4097)), WSAEMSGSIZE);
    SAME(pair.client.SendDisconnect(Octets(4096)), 0);
    SAME(pair.server.Await(FD_CLOSE_BIT), 0);
    SAME(pair.server.ReceiveDisconnect(&data), 0);
    CHECK(data == Octets(4096));
    pair.Close();
  }
  right = check::End("too long a last word is a local error") && right;
  {
    Pair pair;
    SAME(pair.client.Linger(0), 0);
    SAME(pair.client.SendDisconnect("lost"), 0);
    SAME(pair.client.Close(), 0);
    const int status = pair.server.Await(FD_CLOSE_BIT);
    // The reset may come after a last word that was read already.
    CHECK(status == WSAECONNRESET || status == 0);
    SAME(pair.server.Close(), 0);
    SAME(pair.listener.Close(), 0);
  }
  {
    Pair pair;
    SAME(pair.client.Linger(0), 0);
    SAME(pair.client.Close(), 0);
    SAME(pair.server.Await(FD_CLOSE_BIT), WSAECONNRESET);
    SAME(pair.server.Send("x"), WSAECONNRESET);
    SAME(pair.server.Receive(&data), WSAECONNRESET);
    // The page of WSARecvDisconnect lists this among the cues to call it.
    SAME(pair.server.ReceiveDisconnect(&data), 0);
    SAME(data, "");
    SAME(pair.server.Close(), 0);
    SAME(pair.listener.Close(), 0);
  }
  right = check::End("SO_LINGER on/0: a reset") && right;
  {
    Pair pair;
    SAME(pair.client.Send("unread"), 0);
    SAME(pair.server.Await(FD_READ_BIT), 0);
    // Closing with unread octets would reset, and lose the last word.
    SAME(pair.server.Send("first"), 0);
    SAME(pair.server.SendDisconnect("never lost"), 0);
    SAME(pair.server.Close(), 0);
    SAME(pair.client.Send("late"), 0);
    SAME(pair.client.ReceiveAll(&data), 0);
    SAME(data, "first");
    SAME(pair.client.Await(FD_CLOSE_BIT), 0);
    SAME(pair.client.ReceiveDisconnect(&data), 0);
    SAME(data, "never lost");
    SAME(pair.client.Close(), 0);
    SAME(pair.listener.Close(), 0);
  }
  right = check::End("nothing is lost at close") && right;
  {
    Pair pair;
    int error = 0;
    SAME(host::provider.lpWSPSetSockOpt(pair.client.s, SOL_SOCKET, SO_DISCDATA,
                                        "by option", 9, &error),
         0);
    SAME(pair.client.Close(), 0);
    SAME(pair.server.Await(FD_CLOSE_BIT), 0);
    char value[64];
    int length = sizeof value;
    SAME(host::provider.lpWSPGetSockOpt(pair.server.s, SOL_SOCKET, SO_DISCDATA,
                                        value, &length, &error),
         0);
    SAME(std::string(value, length), "by option");
    SAME(pair.server.Close(), 0);
    SAME(pair.listener.Close(), 0);
  }
  right = check::End("SO_DISCDATA goes out with closesocket") && right;
  {
    Pair pair;
    int error = 0;
    SAME(pair.client.Send("dropped"), 0);
    SAME(pair.server.Await(FD_READ_BIT), 0);
    SAME(host::provider.lpWSPShutdown(pair.server.s, SD_RECEIVE, &error), 0);
    SAME(pair.server.Receive(&data), WSAESHUTDOWN);
    SAME(pair.client.SendDisconnect("still heard"), 0);
    SAME(pair.server.Await(FD_CLOSE_BIT), 0);
    SAME(pair.server.ReceiveDisconnect(&data), 0);
    SAME(data, "still heard");
    pair.Close();
  }
  return check::End("shutdown(SD_RECEIVE) drops data alone") && right;
}

}  // namespace cases
