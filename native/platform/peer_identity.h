// Who is at the other end of a local connection.
#ifndef GOODBYTE_PLATFORM_PEER_IDENTITY_H_
#define GOODBYTE_PLATFORM_PEER_IDENTITY_H_

#include <uv.h>

#include <cstdint>

namespace goodbyte {

// (uid_t)-1, which no user has.
constexpr uint32_t kNobody = 0xffffffff;

// As the system took them down when the peer connected. What it does not tell
// is 0 for the process, and kNobody for the user and the group.
struct PeerIdentity {
  uint32_t process;
  uint32_t user;
  uint32_t group;
};

// 0, or libuv's number for an error: UV_ENOTSUP where no system tells.
int IdentityOfPeer(const uv_handle_t* handle, PeerIdentity* identity);

}  // namespace goodbyte

#endif  // GOODBYTE_PLATFORM_PEER_IDENTITY_H_
