// One end of a TCP connection, as numbers.
#ifndef GOODBYTE_ENGINE_ADDRESS_H_
#define GOODBYTE_ENGINE_ADDRESS_H_

#include <uv.h>

#include <cstddef>
#include <cstdint>

namespace goodbyte {

struct Address {
  // 4, 6, or 0 without an address.
  uint32_t family;
  uint32_t port;
  // The interface of an IPv6 address, or 0.
  uint32_t scope;
  // In their order in memory.
  uint32_t octets[4];
};

Address AddressOf(const sockaddr_storage& storage);
Address LocalOf(const uv_tcp_t* handle);
Address PeerOf(const uv_tcp_t* handle);

// Room for any numeric address, with the interface of an IPv6 one.
inline constexpr size_t kAddressTextLength = INET6_ADDRSTRLEN + 1 + UV_IF_NAMESIZE;

// `2001:db8::1`, `127.0.0.1`, `fe80::1%eth0`; false: not an address.
bool TextOf(const Address& address, char* text);

// The reverse; false: `text` is not a numeric address.
bool Parse(const char* text, int port, sockaddr_storage* address);

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_ADDRESS_H_
