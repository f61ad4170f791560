// The points at which a broken twin departs from the provider. The honest one
// is built from the same file, and departs nowhere.
#ifndef GOODBYTE_REFERENCE_PROVIDER_TWINS_TWIN_H_
#define GOODBYTE_REFERENCE_PROVIDER_TWINS_TWIN_H_

#include <winsock2.h>
#include <ws2spi.h>

namespace goodbyte::provider::twins {

// dwServiceFlags1 of an entry.
DWORD ServiceFlags(DWORD honest);

// Changes the table of WSPStartup. Returns WSPStartup's result.
int Deviate(WSPDATA* data, WSPPROC_TABLE* table);

}  // namespace goodbyte::provider::twins

#endif  // GOODBYTE_REFERENCE_PROVIDER_TWINS_TWIN_H_
