// The provider's entries of the Winsock catalog.
#ifndef GOODBYTE_REFERENCE_PROVIDER_SPI_CATALOG_H_
#define GOODBYTE_REFERENCE_PROVIDER_SPI_CATALOG_H_

#include <winsock2.h>

namespace goodbyte::provider {

// {4762794C-7265-4666-9072-6F7669646572}
inline constexpr GUID kProviderId = {
    0x4762794c,
    0x7265,
    0x4666,
    {0x90, 0x72, 0x6f, 0x76, 0x69, 0x64, 0x65, 0x72}};

// One for each of AF_INET and AF_INET6, SOCK_STREAM and SOCK_SEQPACKET.
inline constexpr int kEntryCount = 4;
const WSAPROTOCOL_INFOW* Entries();

// The entry of a socket; `protocol` may be 0. nullptr, and the error.
const WSAPROTOCOL_INFOW* FindEntry(int family, int type, int protocol,
                                   int* status);

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_SPI_CATALOG_H_
