#ifndef GOODBYTE_REFERENCE_PROVIDER_SPI_STARTUP_H_
#define GOODBYTE_REFERENCE_PROVIDER_SPI_STARTUP_H_

#include <winsock2.h>
#include <ws2spi.h>

namespace goodbyte::provider {

// WSPCleanup. The last one resets open sockets, and returns when closed ones
// have sent their last words, or given up.
int WSPAPI Cleanup(LPINT error);

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_SPI_STARTUP_H_
