// A service provider whose sockets are to be made: an entry of the catalog,
// through ws2_32, or a DLL that need not be installed, through its WSPStartup.
#ifndef GOODBYTE_WIN_WINSOCK_PROVIDER_H_
#define GOODBYTE_WIN_WINSOCK_PROVIDER_H_

#include <winsock2.h>
#include <ws2spi.h>

#include "engine/memory.h"

namespace goodbyte::winsock {

// The error of a failed call of a provider's, which may have set no code.
inline int FailureOf(int error) {
  return error != 0 ? error : WSASYSCALLFAILURE;
}

// Owner: the host of its environment, until that ends. What WSPStartup began,
// the destructor ends with WSPCleanup. The DLL itself stays loaded: a provider
// may have threads at work for sockets that are closed already.
class Provider : public Allocated {
 public:
  // An entry of the catalog. nullptr: `error` is why not.
  static Provider* OfCatalog(DWORD entry, int* error);
  // `path` is absolute. `system_error` is Windows's, where the DLL can't be
  // loaded.
  static Provider* OfLibrary(const wchar_t* path, int family, int type,
                             int protocol, int* error, DWORD* system_error);
  ~Provider();
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  const WSPPROC_TABLE& calls() const { return calls_; }
  // Of a DLL: what a socket of it says of itself (SO_PROTOCOL_INFO).
  const WSAPROTOCOL_INFOW& info() const { return info_; }
  bool Declares(DWORD flag) const {
    return (info_.dwServiceFlags1 & flag) != 0;
  }

  // INVALID_SOCKET: `error` is why.
  SOCKET Open(int* error);

 private:
  Provider() = default;

  // Of a DLL: asks a socket what it is. 0 or an error.
  int Ask();

  WSPPROC_TABLE calls_ = {};
  WSAPROTOCOL_INFOW info_ = {};
  bool started_ = false;
};

}  // namespace goodbyte::winsock

#endif  // GOODBYTE_WIN_WINSOCK_PROVIDER_H_
