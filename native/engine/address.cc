#include "engine/address.h"

#include <cstring>

namespace goodbyte {

Address AddressOf(const sockaddr_storage& storage) {
  Address address = {};
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &storage, sizeof v4);
    address.family = 4;
    address.port = ntohs(v4.sin_port);
    std::memcpy(address.octets, &v4.sin_addr, sizeof v4.sin_addr);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &storage, sizeof v6);
    address.family = 6;
    address.port = ntohs(v6.sin6_port);
    address.scope = v6.sin6_scope_id;
    std::memcpy(address.octets, &v6.sin6_addr, sizeof v6.sin6_addr);
  }
  return address;
}

Address LocalOf(const uv_tcp_t* handle) {
  sockaddr_storage storage = {};
  int length = sizeof storage;
  uv_tcp_getsockname(handle, reinterpret_cast<sockaddr*>(&storage), &length);
  return AddressOf(storage);
}

Address PeerOf(const uv_tcp_t* handle) {
  sockaddr_storage storage = {};
  int length = sizeof storage;
  uv_tcp_getpeername(handle, reinterpret_cast<sockaddr*>(&storage), &length);
  return AddressOf(storage);
}

bool TextOf(const Address& address, char* text) {
  const int family = address.family == 4 ? AF_INET : AF_INET6;
  if (uv_inet_ntop(family, address.octets, text, INET6_ADDRSTRLEN) != 0) {
    return false;
  }
  if (address.family == 6 && address.scope != 0) {
    char* end = text + std::strlen(text);
    *end = '%';
    size_t room = UV_IF_NAMESIZE;
    if (uv_if_indextoname(address.scope, end + 1, &room) != 0) *end = '\0';
  }
  return true;
}

bool Parse(const char* text, int port, sockaddr_storage* address) {
  *address = {};
  return uv_ip4_addr(text, port, reinterpret_cast<sockaddr_in*>(address)) ==
             0 ||
         uv_ip6_addr(text, port, reinterpret_cast<sockaddr_in6*>(address)) == 0;
}

}  // namespace goodbyte
