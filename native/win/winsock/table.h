// Winsock's own functions behind the service providers' table, so that one
// caller serves both: the system's providers through ws2_32, and a provider's
// DLL directly.
#ifndef GOODBYTE_WIN_WINSOCK_TABLE_H_
#define GOODBYTE_WIN_WINSOCK_TABLE_H_

#include <winsock2.h>
#include <ws2spi.h>

namespace goodbyte::winsock {

// The entries that `Socket` and `Provider` call; each reports its error by
// lpErrno, as a provider's does; the other entries are nullptr.
WSPPROC_TABLE SystemTable();

// No entry of a provider's table may be missing (WSPStartup's page).
bool IsComplete(const WSPPROC_TABLE& table);

}  // namespace goodbyte::winsock

#endif  // GOODBYTE_WIN_WINSOCK_TABLE_H_
