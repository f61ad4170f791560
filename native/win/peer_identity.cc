#include "platform/peer_identity.h"

#include <windows.h>

namespace goodbyte {

int IdentityOfPeer(const uv_handle_t* handle, PeerIdentity* identity) {
  uv_os_fd_t pipe;
  const int error = uv_fileno(handle, &pipe);
  if (error != 0) return error;
  ULONG process = 0;
  if (!GetNamedPipeClientProcessId(pipe, &process)) {
    return uv_translate_sys_error(static_cast<int>(GetLastError()));
  }
  // Windows does not number its users.
  *identity = {process, kNobody, kNobody};
  return 0;
}

}  // namespace goodbyte
