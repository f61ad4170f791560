#include "spi/network_events.h"

#include "spi/upcalls.h"

namespace goodbyte::provider {

void NetworkEvents::Indicate(long bits) {
  const long admitted = bits & mask_ & enabled_;
  if (admitted == 0) return;
  record_ |= admitted;
  enabled_ &= ~admitted;
  int ignored = 0;
  if (event_ != nullptr) upcalls().lpWPUSetEvent(event_, &ignored);
}

void NetworkEvents::IndicateConnect(int status, long along_with) {
  connect_status_ = status;
  untold_ |= FD_CONNECT;
  Indicate(FD_CONNECT | along_with);
}

void NetworkEvents::IndicateClose(int status) {
  close_status_ = status;
  untold_ |= FD_CLOSE;
  Indicate(FD_CLOSE);
}

void NetworkEvents::Select(WSAEVENT event, long mask, long present) {
  event_ = event;
  mask_ = mask;
  record_ = 0;
  enabled_ = FD_ALL_EVENTS;
  Indicate(present | untold_);
}

void NetworkEvents::RenewConnect() {
  untold_ &= ~FD_CONNECT;
  record_ &= ~FD_CONNECT;
  enabled_ |= FD_CONNECT;
}

void NetworkEvents::Take(WSANETWORKEVENTS* out) {
  const long record = record_;
  record_ = 0;
  untold_ &= ~(record & kOnce);
  *out = {};
  out->lNetworkEvents = record;
  if ((record & FD_CONNECT) != 0) {
    out->iErrorCode[FD_CONNECT_BIT] = connect_status_;
  }
  if ((record & FD_CLOSE) != 0) out->iErrorCode[FD_CLOSE_BIT] = close_status_;
}

}  // namespace goodbyte::provider
