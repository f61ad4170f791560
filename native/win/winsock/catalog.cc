#include "win/winsock/catalog.h"

#include "engine/memory.h"

namespace goodbyte::winsock {

int Catalog::Read() {
  DWORD length = 0;
  // It may grow between the two calls.
  for (;;) {
    int error = 0;
    const int found = WSCEnumProtocols(nullptr, entries_, &length, &error);
    if (found != SOCKET_ERROR) {
      count_ = found;
      return 0;
    }
    if (error != WSAENOBUFS) return error;
    void* moved = Reallocate(entries_, length);
    if (moved == nullptr) return WSAENOBUFS;
    entries_ = static_cast<WSAPROTOCOL_INFOW*>(moved);
  }
}

void PathOf(const WSAPROTOCOL_INFOW& entry, wchar_t* path) {
  GUID id = entry.ProviderId;
  int length = kMostPath;
  int error = 0;
  // Wine's reports success and writes nothing.
  path[0] = L'\0';
  if (WSCGetProviderPath(&id, path, &length, &error) != 0) path[0] = L'\0';
}

}  // namespace goodbyte::winsock
