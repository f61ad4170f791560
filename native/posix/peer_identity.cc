#include "platform/peer_identity.h"

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

namespace goodbyte {

int IdentityOfPeer(const uv_handle_t* handle, PeerIdentity* identity) {
  uv_os_fd_t descriptor;
  const int error = uv_fileno(handle, &descriptor);
  if (error != 0) return error;
#if defined(SO_PEERCRED)
  ucred credentials;
  socklen_t length = sizeof credentials;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) !=
      0) {
    return uv_translate_sys_error(errno);
  }
  *identity = {static_cast<uint32_t>(credentials.pid), credentials.uid,
               credentials.gid};
  return 0;
#else
  uid_t user;
  gid_t group;
  if (getpeereid(descriptor, &user, &group) != 0) {
    return uv_translate_sys_error(errno);
  }
  pid_t process = 0;
#if defined(LOCAL_PEERPID)
  socklen_t length = sizeof process;
  getsockopt(descriptor, SOL_LOCAL, LOCAL_PEERPID, &process, &length);
#endif
  *identity = {static_cast<uint32_t>(process), user, group};
  return 0;
#endif
}

}  // namespace goodbyte
