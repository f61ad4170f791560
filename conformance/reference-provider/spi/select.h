#ifndef GOODBYTE_REFERENCE_PROVIDER_SPI_SELECT_H_
#define GOODBYTE_REFERENCE_PROVIDER_SPI_SELECT_H_

#include <winsock2.h>
#include <ws2spi.h>

namespace goodbyte::provider {

// WSPSelect ("select function (winsock2.h)"). Returns the number that are
// ready, 0 after the time, or SOCKET_ERROR.
int WSPAPI Select(int count, fd_set* reading, fd_set* writing, fd_set* except,
                  const timeval* time, LPINT error);

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_SPI_SELECT_H_
