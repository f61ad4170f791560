// A service provider that makes sockets: an entry of the catalog, through
// ws2_32, or a DLL that need not be installed, through its WSPStartup.
#ifndef GOODBYTE_WIN_WINSOCK_PROVIDER_H_
#define GOODBYTE_WIN_WINSOCK_PROVIDER_H_

#include <winsock2.h>
#include <ws2spi.h>

#include "engine/memory.h"

namespace goodbyte::winsock {

// The error of a provider's failed call, which may not have set a code.
inline int FailureOf(int error) {
  return error != 0 ? error : WSASYSCALLFAILURE;
}

// Owner: the host of its environment, until that ends. The destructor undoes
// WSPStartup with WSPCleanup. The DLL itself stays loaded: a provider may have
// threads that still work for closed sockets.
class Provider : public Allocated {
 public:
  // An entry of the catalog. nullptr: see `error`.
  static Provider* OfCatalog(DWORD entry, int* error);
  // `path` is absolute. `system_error` is Windows's, if the DLL cannot be
  // loaded.
  static Provider* OfLibrary(const wchar_t* path, int family, int type,
                             int protocol, int* error, DWORD* system_error);
  ~Provider();
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  const WSPPROC_TABLE& calls() const { return calls_; }
  // For a DLL, its sockets' SO_PROTOCOL_INFO.
  const WSAPROTOCOL_INFOW& info() const { return info_; }
  bool Declares(DWORD flag) const {
    return (info_.dwServiceFlags1 & flag) != 0;
  }

  // INVALID_SOCKET: see `error`.
  SOCKET Open(int* error);

 private:
  Provider() = default;

  // Asks a socket of a DLL for its SO_PROTOCOL_INFO. Returns 0 or an error.
  int Ask();

  WSPPROC_TABLE calls_ = {};
  WSAPROTOCOL_INFOW info_ = {};
  bool started_ = false;
};

}  // namespace goodbyte::winsock

#endif  // GOODBYTE_WIN_WINSOCK_PROVIDER_H_
