// The DLL's exports: WSPStartup ("WSPStartup function (ws2spi.h)") and
// GoodbyteEnumProtocols.
#include "spi/startup.h"

#include <algorithm>
#include <iterator>

#include "io/tcp.h"
#include "spi/call.h"
#include "spi/catalog.h"
#include "spi/entries.h"
#include "twins/twin.h"

namespace goodbyte::provider {

namespace {

constexpr WORD kVersion = MAKEWORD(2, 2);
constexpr wchar_t kDescription[] = L"goodbyte reference provider";

int Start(WORD wanted, WSPDATA* data, const WSPUPCALLTABLE& upcalls,
          WSPPROC_TABLE* table) {
  if (data == nullptr || table == nullptr) return WSAEFAULT;
  // The service provider interface begins with version 2.
  if (LOBYTE(wanted) < 2) return WSAVERNOTSUPPORTED;
  *data = {};
  data->wVersion = std::min(wanted, kVersion);
  data->wHighVersion = kVersion;
  // The version used for 2.0 to 2.2, and for anything above.
  if (LOBYTE(wanted) > 2) data->wVersion = kVersion;
  std::copy(std::begin(kDescription), std::end(kDescription),
            data->szDescription);
  FillProcTable(table);
  const int status = twins::Deviate(data, table);
  if (status != 0) return status;
  Locked locked;
  AddStart(upcalls);
  return 0;
}

}  // namespace

int WSPAPI Cleanup(LPINT error) {
  {
    Locked locked;
    if (!started()) return Result(WSANOTINITIALISED, error);
    if (RemoveStart() > 0) return 0;
    Socket::AbortAll();
    while (TcpStream::living() > 0) locked.Wait();
  }
  StopLoop();
  Locked locked;
  LeaveSystem();
  return 0;
}

}  // namespace goodbyte::provider

extern "C" {

int WSPAPI WSPStartup(WORD wVersionRequested,
                                            LPWSPDATA lpWSPData,
                                            LPWSAPROTOCOL_INFOW,
                                            WSPUPCALLTABLE UpcallTable,
                                            LPWSPPROC_TABLE lpProcTable) {
  return goodbyte::provider::Start(wVersionRequested, lpWSPData, UpcallTable,
                                   lpProcTable);
}

// The entries that the provider has, installed or not, as WSCEnumProtocols
// would list them. Returns their number; SOCKET_ERROR if the buffer is too small.
// `length` is its size in octets, and becomes the required size.
int WSPAPI
GoodbyteEnumProtocols(LPWSAPROTOCOL_INFOW entries, LPDWORD length) {
  using goodbyte::provider::Entries;
  using goodbyte::provider::kEntryCount;
  const DWORD needed = kEntryCount * sizeof(WSAPROTOCOL_INFOW);
  if (length == nullptr) return SOCKET_ERROR;
  const bool fits = entries != nullptr && *length >= needed;
  *length = needed;
  if (!fits) return SOCKET_ERROR;
  std::copy(Entries(), Entries() + kEntryCount, entries);
  return kEntryCount;
}

}  // extern "C"
