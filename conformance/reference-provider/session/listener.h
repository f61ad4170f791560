// Callers: handshakes under way, and the requests that wait for a verdict.
#ifndef GOODBYTE_REFERENCE_PROVIDER_SESSION_LISTENER_H_
#define GOODBYTE_REFERENCE_PROVIDER_SESSION_LISTENER_H_

#include <vector>

#include "session/connection.h"

namespace goodbyte::provider {

class ListenerSink {
 public:
  // WSPAccept has something to do.
  virtual void OnRequestWaiting() = 0;

 protected:
  ~ListenerSink() = default;
};

// A request on its way through a condition function.
struct Offer {
  Ref<Connection> request;
  bool deferred = false;
};

class Listener final : public Counted,
                       private TcpListenerSink,
                       private ConnectionSink {
 public:
  static Ref<Listener> Listen(const Ref<TcpStream>& bound, int family,
                              int socket_type, int backlog, ListenerSink* sink,
                              int* status);

  // WSPAccept has something to do.
  bool waiting() const {
    return departed_ > 0 || !deferred_.empty() || !arrived_.empty();
  }
  // Takes out the next request: deferred ones first, then the oldest.
  // WSAECONNRESET: a deferred caller has left; WSAEWOULDBLOCK: no caller.
  int Next(Offer* offer);
  // Undecided: it is the next one again.
  void PutBack(const Offer& offer);
  // CF_DEFER. WSATRY_AGAIN, or WSAENOBUFS: too many, and it was rejected.
  int Defer(const Offer& offer);

  // Refuses all callers without a verdict.
  void Close(const Words& words);

 private:
  using Connections = std::vector<Ref<Connection>>;

  Listener(int socket_type, ListenerSink* sink)
      : socket_type_(socket_type), sink_(sink) {}

  void OnAccepted(SOCKET socket) override;
  void OnRequest(Connection* connection) override;
  void OnWithdrawn(Connection* connection) override;

  // Returns whether it was among them.
  static bool Remove(Connections* connections, const Connection* connection);

  int socket_type_;
  ListenerSink* sink_;
  Ref<TcpListener> tcp_;
  Connections handshakes_;
  Connections arrived_;
  Connections deferred_;
  // Deferred requests whose callers have left, not yet reported.
  int departed_ = 0;
};

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_SESSION_LISTENER_H_
