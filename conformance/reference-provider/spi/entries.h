// The provider's entries, as the host calls them.
#ifndef GOODBYTE_REFERENCE_PROVIDER_SPI_ENTRIES_H_
#define GOODBYTE_REFERENCE_PROVIDER_SPI_ENTRIES_H_

#include <winsock2.h>
#include <ws2spi.h>

namespace goodbyte::provider {

// All thirty.
void FillProcTable(WSPPROC_TABLE* table);

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_SPI_ENTRIES_H_
