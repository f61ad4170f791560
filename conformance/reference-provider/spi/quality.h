// Quality of service: Winsock's structure and the wire's.
#ifndef GOODBYTE_REFERENCE_PROVIDER_SPI_QUALITY_H_
#define GOODBYTE_REFERENCE_PROVIDER_SPI_QUALITY_H_

#include <winsock2.h>

#include <optional>

#include "wire/fields.h"

namespace goodbyte::provider {

// WSAEOPNOTSUPP: nothing here can guarantee a service. WSAEFAULT: it does not
// fit into a frame.
int ReadQuality(const QOS& from, std::optional<FlowSpecs>* to);

// ProviderSpecific is copied as far as the given buffer has room.
void WriteQuality(const FlowSpecs& from, QOS* to);

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_SPI_QUALITY_H_
