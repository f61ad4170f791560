#include "win/winsock/provider.h"

#include <windows.h>

#include "win/winsock/catalog.h"
#include "win/winsock/table.h"
#include "win/winsock/upcalls.h"

namespace goodbyte::winsock {

Provider* Provider::OfCatalog(DWORD entry, int* error) {
  Catalog catalog;
  *error = catalog.Read();
  if (*error != 0) return nullptr;
  for (int at = 0; at < catalog.count(); at++) {
    if (catalog[at].dwCatalogEntryId != entry) continue;
    Provider* provider = new Provider();
    if (provider == nullptr) {
      *error = WSAENOBUFS;
      return nullptr;
    }
    provider->calls_ = SystemTable();
    provider->info_ = catalog[at];
    return provider;
  }
  *error = WSAEPROTONOSUPPORT;
  return nullptr;
}

Provider* Provider::OfLibrary(const wchar_t* path, int family, int type,
                              int protocol, int* error, DWORD* system_error) {
  *system_error = 0;
  *error = WSAEPROVIDERFAILEDINIT;
  // The DLL's dependencies are looked for beside it first.
  const HMODULE module =
      LoadLibraryExW(path, nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
  if (module == nullptr) {
    *system_error = GetLastError();
    return nullptr;
  }
  const auto start = reinterpret_cast<LPWSPSTARTUP>(
      reinterpret_cast<void*>(GetProcAddress(module, "WSPStartup")));
  if (start == nullptr) {
    *error = WSAEINVALIDPROVIDER;
    return nullptr;
  }
  Provider* provider = new Provider();
  if (provider == nullptr) {
    *error = WSAENOBUFS;
    return nullptr;
  }
  WSAPROTOCOL_INFOW& info = provider->info_;
  info.iVersion = 2;
  info.iAddressFamily = family;
  info.iSocketType = type;
  info.iProtocol = protocol;
  info.ProtocolChain.ChainLen = BASE_PROTOCOL;
  constexpr WORD kVersion = MAKEWORD(2, 2);
  WSPDATA data = {};
  const int failed =
      start(kVersion, &data, &info, Upcalls(), &provider->calls_);
  provider->started_ = failed == 0;
  if (failed != 0) {
    *error = WSAEPROVIDERFAILEDINIT;
  } else if (data.wVersion != kVersion) {
    *error = WSAEINVALIDPROVIDER;
  } else if (!IsComplete(provider->calls_)) {
    *error = WSAEINVALIDPROCTABLE;
  } else {
    *error = provider->Ask();
    if (*error == 0) return provider;
  }
  delete provider;
  return nullptr;
}

Provider::~Provider() {
  int error = 0;
  if (started_ && calls_.lpWSPCleanup != nullptr) calls_.lpWSPCleanup(&error);
}

SOCKET Provider::Open(int* error) {
  *error = 0;
  const SOCKET made =
      calls_.lpWSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                         FROM_PROTOCOL_INFO, &info_, 0, WSA_FLAG_OVERLAPPED,
                         error);
  if (made == INVALID_SOCKET) *error = FailureOf(*error);
  return made;
}

int Provider::Ask() {
  int error = 0;
  const SOCKET asked = Open(&error);
  if (asked == INVALID_SOCKET) return error;
  // A socket that does not answer declares nothing: the requested values stay.
  WSAPROTOCOL_INFOW info = {};
  int length = sizeof info;
  if (calls_.lpWSPGetSockOpt(asked, SOL_SOCKET, SO_PROTOCOL_INFOW,
                             reinterpret_cast<char*>(&info), &length,
                             &error) == 0 &&
      length == sizeof info) {
    info_ = info;
  }
  calls_.lpWSPCloseSocket(asked, &error);
  return 0;
}

}  // namespace goodbyte::winsock
