// The identity of a local connection's peer.
#ifndef GOODBYTE_PLATFORM_PEER_IDENTITY_H_
#define GOODBYTE_PLATFORM_PEER_IDENTITY_H_

#include <uv.h>

#include <cstdint>

namespace goodbyte {

// (uid_t)-1, which no user has.
constexpr uint32_t kNobody = 0xffffffff;

// As the system recorded them when the peer connected. If unknown, the process
// is 0, and the user and the group are kNobody.
struct PeerIdentity {
  uint32_t process;
  uint32_t user;
  uint32_t group;
};

// 0, or libuv's number for an error: UV_ENOTSUP if the system does not know it.
int IdentityOfPeer(const uv_handle_t* handle, PeerIdentity* identity);

}  // namespace goodbyte

#endif  // GOODBYTE_PLATFORM_PEER_IDENTITY_H_
