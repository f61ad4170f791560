// The host's upcalls (ws2_32's or another's), and the count of startups. All
// under the lock.
#ifndef GOODBYTE_REFERENCE_PROVIDER_SPI_UPCALLS_H_
#define GOODBYTE_REFERENCE_PROVIDER_SPI_UPCALLS_H_

#include <winsock2.h>
#include <ws2spi.h>

namespace goodbyte::provider {

// The table of the latest WSPStartup: a process has one host.
const WSPUPCALLTABLE& upcalls();

bool started();
void AddStart(const WSPUPCALLTABLE& upcalls);
// Returns the number left.
int RemoveStart();

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_SPI_UPCALLS_H_
