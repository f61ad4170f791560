#include "spi/catalog.h"

#include <ws2spi.h>
#include <ws2tcpip.h>

#include "session/limits.h"
#include "twins/twin.h"

namespace goodbyte::provider {

namespace {

constexpr DWORD kStreamFlags = XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER |
                               XP1_GRACEFUL_CLOSE | XP1_CONNECT_DATA |
                               XP1_DISCONNECT_DATA;
constexpr DWORD kMessageFlags =
    kStreamFlags | XP1_MESSAGE_ORIENTED | XP1_PARTIAL_MESSAGE;

// For an entry without an installer's number: the host assigns it.
constexpr DWORD kFirstCatalogEntry = 4101;

WSAPROTOCOL_INFOW Entry(int index, int family, int type, const wchar_t* name) {
  WSAPROTOCOL_INFOW entry = {};
  const bool messages = type == SOCK_SEQPACKET;
  entry.dwServiceFlags1 =
      twins::ServiceFlags(messages ? kMessageFlags : kStreamFlags);
  entry.dwProviderFlags = PFL_MATCHES_PROTOCOL_ZERO;
  entry.ProviderId = kProviderId;
  entry.dwCatalogEntryId = kFirstCatalogEntry + index;
  entry.ProtocolChain.ChainLen = BASE_PROTOCOL;
  entry.iVersion = 1;
  entry.iAddressFamily = family;
  entry.iMinSockAddr = entry.iMaxSockAddr =
      family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  entry.iSocketType = type;
  entry.iProtocol = IPPROTO_TCP;
  entry.iNetworkByteOrder = BIGENDIAN;
  entry.iSecurityScheme = SECURITY_PROTOCOL_NONE;
  // 0: a stream has no messages.
  entry.dwMessageSize = messages ? kMessageLimit : 0;
  for (int i = 0; i < WSAPROTOCOL_LEN && name[i] != 0; i++) {
    entry.szProtocol[i] = name[i];
  }
  return entry;
}

const WSAPROTOCOL_INFOW entries[kEntryCount] = {
    Entry(0, AF_INET, SOCK_STREAM, L"goodbyte reference [TCP/IP stream]"),
    Entry(1, AF_INET6, SOCK_STREAM, L"goodbyte reference [TCP/IPv6 stream]"),
    Entry(2, AF_INET, SOCK_SEQPACKET, L"goodbyte reference [TCP/IP messages]"),
    Entry(3, AF_INET6, SOCK_SEQPACKET,
          L"goodbyte reference [TCP/IPv6 messages]"),
};

}  // namespace

const WSAPROTOCOL_INFOW* Entries() { return entries; }

const WSAPROTOCOL_INFOW* FindEntry(int family, int type, int protocol,
                                   int* status) {
  *status = 0;
  if (family != AF_INET && family != AF_INET6) {
    *status = WSAEAFNOSUPPORT;
  } else if (type != SOCK_STREAM && type != SOCK_SEQPACKET) {
    *status = WSAESOCKTNOSUPPORT;
  } else if (protocol != 0 && protocol != IPPROTO_TCP) {
    *status = WSAEPROTONOSUPPORT;
  }
  if (*status != 0) return nullptr;
  const WSAPROTOCOL_INFOW* entry = Entries();
  while (entry->iAddressFamily != family || entry->iSocketType != type) entry++;
  return entry;
}

}  // namespace goodbyte::provider
