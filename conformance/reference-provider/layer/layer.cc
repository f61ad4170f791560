// A layered provider ("Layered Service Providers and the SPI"): counts calls, and
// passes them on to the provider below it, whose handles are the application's.
//
// It finds that provider beside itself. An installed layer would find it in the
// catalog, as the next of its chain, but Wine has nowhere to install it.
#include <winsock2.h>
#include <ws2spi.h>

#include <algorithm>
#include <cstddef>
#include <cwchar>
#include <iterator>
#include <type_traits>
#include <utility>

namespace {

constexpr wchar_t kBelow[] = L"goodbyte-provider.dll";
constexpr size_t kCalls = sizeof(WSPPROC_TABLE) / sizeof(void*);
// Not a catalog's id, which assigns others.
constexpr DWORD kOwnId = 0x4001;
constexpr DWORD kIdBelow = 0x4002;

WSPPROC_TABLE below;
LONG calls[kCalls];

template <auto Entry>
using Function =
    std::remove_reference_t<decltype(std::declval<WSPPROC_TABLE&>().*Entry)>;

template <auto Entry, typename = Function<Entry>>
struct Counted;

template <auto Entry, typename Result, typename... Arguments>
struct Counted<Entry, Result(WSPAPI*)(Arguments...)> {
  static Result WSPAPI Call(Arguments... arguments) {
    const auto* entry = reinterpret_cast<void* const*>(&(below.*Entry));
    InterlockedIncrement(
        &calls[entry - reinterpret_cast<void* const*>(&below)]);
    return (below.*Entry)(arguments...);
  }
};

template <auto... Entries>
void Count(WSPPROC_TABLE* table) {
  static_assert(sizeof...(Entries) == kCalls);
  ((table->*Entries = Counted<Entries>::Call), ...);
}

FARPROC FunctionBelow(const char* name) {
  HMODULE self = nullptr;
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                         GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                     reinterpret_cast<LPCWSTR>(&below), &self);
  wchar_t path[MAX_PATH];
  const DWORD length = GetModuleFileNameW(self, path, MAX_PATH);
  if (length == 0 || length == MAX_PATH) return nullptr;
  wchar_t* name_of_file = std::wcsrchr(path, L'\\') + 1;
  if (std::end(path) - name_of_file <
      static_cast<ptrdiff_t>(std::size(kBelow))) {
    return nullptr;
  }
  std::copy(std::begin(kBelow), std::end(kBelow), name_of_file);
  // Stays loaded, as this does.
  const HMODULE module = LoadLibraryW(path);
  return module == nullptr ? nullptr : GetProcAddress(module, name);
}

}  // namespace

extern "C" {

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table) {
  // Alone it has no provider to pass calls on to.
  if (info == nullptr || info->ProtocolChain.ChainLen < 2) {
    return WSAEPROVIDERFAILEDINIT;
  }
  const auto start = reinterpret_cast<LPWSPSTARTUP>(
      reinterpret_cast<void*>(FunctionBelow("WSPStartup")));
  if (start == nullptr) return WSAEPROVIDERFAILEDINIT;
  WSAPROTOCOL_INFOW base = *info;
  base.ProtocolChain = {BASE_PROTOCOL, {}};
  const int failed = start(version, data, &base, upcalls, table);
  if (failed != 0) return failed;
  below = *table;
  Count<&WSPPROC_TABLE::lpWSPAccept, &WSPPROC_TABLE::lpWSPAddressToString,
        &WSPPROC_TABLE::lpWSPAsyncSelect, &WSPPROC_TABLE::lpWSPBind,
        &WSPPROC_TABLE::lpWSPCancelBlockingCall, &WSPPROC_TABLE::lpWSPCleanup,
        &WSPPROC_TABLE::lpWSPCloseSocket, &WSPPROC_TABLE::lpWSPConnect,
        &WSPPROC_TABLE::lpWSPDuplicateSocket,
        &WSPPROC_TABLE::lpWSPEnumNetworkEvents,
        &WSPPROC_TABLE::lpWSPEventSelect,
        &WSPPROC_TABLE::lpWSPGetOverlappedResult,
        &WSPPROC_TABLE::lpWSPGetPeerName, &WSPPROC_TABLE::lpWSPGetSockName,
        &WSPPROC_TABLE::lpWSPGetSockOpt, &WSPPROC_TABLE::lpWSPGetQOSByName,
        &WSPPROC_TABLE::lpWSPIoctl, &WSPPROC_TABLE::lpWSPJoinLeaf,
        &WSPPROC_TABLE::lpWSPListen, &WSPPROC_TABLE::lpWSPRecv,
        &WSPPROC_TABLE::lpWSPRecvDisconnect, &WSPPROC_TABLE::lpWSPRecvFrom,
        &WSPPROC_TABLE::lpWSPSelect, &WSPPROC_TABLE::lpWSPSend,
        &WSPPROC_TABLE::lpWSPSendDisconnect, &WSPPROC_TABLE::lpWSPSendTo,
        &WSPPROC_TABLE::lpWSPSetSockOpt, &WSPPROC_TABLE::lpWSPShutdown,
        &WSPPROC_TABLE::lpWSPSocket, &WSPPROC_TABLE::lpWSPStringToAddress>(
      table);
  return 0;
}

// The chains that it would be installed in: itself above each entry of the
// provider below.
int WSPAPI GoodbyteEnumProtocols(LPWSAPROTOCOL_INFOW entries, LPDWORD length) {
  const auto enumerate =
      reinterpret_cast<int(WSPAPI*)(LPWSAPROTOCOL_INFOW, LPDWORD)>(
          reinterpret_cast<void*>(FunctionBelow("GoodbyteEnumProtocols")));
  if (enumerate == nullptr) return SOCKET_ERROR;
  const int count = enumerate(entries, length);
  for (int at = 0; at < count; at++) {
    entries[at].ProtocolChain = {2, {kOwnId, kIdBelow}};
  }
  return count;
}

// The calls of each member of WSPPROC_TABLE, by its place there.
LONG WSPAPI GoodbyteCalls(DWORD entry) {
  return entry < kCalls ? InterlockedOr(&calls[entry], 0) : 0;
}

}  // extern "C"
