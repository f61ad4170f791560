#include "spi/quality.h"

#include <algorithm>
#include <cstring>

namespace goodbyte::provider {

static_assert(sizeof(FLOWSPEC) == sizeof(FlowSpecs::sending),
              "the wire has the numbers of FLOWSPEC, in its order");

int ReadQuality(const QOS& from, std::optional<FlowSpecs>* to) {
  if (from.SendingFlowspec.ServiceType == SERVICETYPE_GUARANTEED ||
      from.ReceivingFlowspec.ServiceType == SERVICETYPE_GUARANTEED) {
    return WSAEOPNOTSUPP;
  }
  const WSABUF& specific = from.ProviderSpecific;
  if (specific.len > kMostProviderSpecific ||
      (specific.len > 0 && specific.buf == nullptr)) {
    return WSAEFAULT;
  }
  FlowSpecs& qos = to->emplace();
  std::memcpy(qos.sending, &from.SendingFlowspec, sizeof qos.sending);
  std::memcpy(qos.receiving, &from.ReceivingFlowspec, sizeof qos.receiving);
  qos.provider_specific.assign(specific.buf, specific.buf + specific.len);
  return 0;
}

void WriteQuality(const FlowSpecs& from, QOS* to) {
  std::memcpy(&to->SendingFlowspec, from.sending, sizeof from.sending);
  std::memcpy(&to->ReceivingFlowspec, from.receiving, sizeof from.receiving);
  WSABUF& specific = to->ProviderSpecific;
  const size_t room = specific.buf == nullptr ? 0 : specific.len;
  const size_t length = std::min(room, from.provider_specific.size());
  std::copy_n(from.provider_specific.begin(), length, specific.buf);
  specific.len = static_cast<ULONG>(length);
}

}  // namespace goodbyte::provider
