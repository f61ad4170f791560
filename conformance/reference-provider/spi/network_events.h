// A socket's record of network events, and the rules by which an event enters
// it: selected by the mask, and not again before its re-enabling function is
// called ("WSPEventSelect function (ws2spi.h)").
#ifndef GOODBYTE_REFERENCE_PROVIDER_SPI_NETWORK_EVENTS_H_
#define GOODBYTE_REFERENCE_PROVIDER_SPI_NETWORK_EVENTS_H_

#include <winsock2.h>

namespace goodbyte::provider {

class NetworkEvents {
 public:
  // The application's event object, which it owns; it is only set here.
  WSAEVENT event() const { return event_; }
  long mask() const { return mask_; }

  // From the network, or a condition that a call finds to hold.
  void Indicate(long bits);
  void IndicateConnect(int status, long along_with);
  void IndicateClose(int status);
  // The re-enabling function of an event was called.
  void Enable(long bit) { enabled_ |= bit; }
  // `present`: bits of the conditions that hold now.
  void Select(WSAEVENT event, long mask, long present);
  // A connect begins: the previous one's outcome is dropped.
  void RenewConnect();
  // Hands the record over and clears it.
  void Take(WSANETWORKEVENTS* out);

 private:
  // These are reported once in the life of a connect or connection.
  static constexpr long kOnce = FD_CONNECT | FD_CLOSE;

  WSAEVENT event_ = nullptr;
  long mask_ = 0;
  long record_ = 0;
  long enabled_ = FD_ALL_EVENTS;
  // Events of kOnce that have occurred and were not enumerated.
  long untold_ = 0;
  int connect_status_ = 0;
  int close_status_ = 0;
};

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_SPI_NETWORK_EVENTS_H_
