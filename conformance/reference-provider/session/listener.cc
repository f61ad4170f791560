#include "session/listener.h"

#include <algorithm>

#include "session/limits.h"

namespace goodbyte::provider {

Ref<Listener> Listener::Listen(const Ref<TcpStream>& bound, int family,
                               int socket_type, int backlog, ListenerSink* sink,
                               int* status) {
  Ref<Listener> listener(new Listener(socket_type, sink));
  listener->tcp_ =
      TcpListener::Listen(bound, family, backlog, listener.get(), status);
  if (!listener->tcp_) return {};
  return listener;
}

void Listener::OnAccepted(SOCKET socket) {
  int status = 0;
  Ref<TcpStream> stream = TcpStream::Take(socket, &status);
  if (status != 0) return;
  if (handshakes_.size() + arrived_.size() >= kMostPending) {
    stream->Abort();
    return;
  }
  ConnectionSink* self = this;
  handshakes_.emplace_back(new Connection(self, socket_type_, stream));
}

void Listener::OnRequest(Connection* connection) {
  arrived_.emplace_back(connection);
  Remove(&handshakes_, connection);
  sink_->OnRequestWaiting();
}

void Listener::OnWithdrawn(Connection* connection) {
  if (Remove(&deferred_, connection)) {
    departed_++;
    sink_->OnRequestWaiting();
  } else if (!Remove(&arrived_, connection)) {
    Remove(&handshakes_, connection);
  }
}

bool Listener::Remove(Connections* connections, const Connection* connection) {
  const auto found =
      std::find(connections->begin(), connections->end(), connection);
  if (found == connections->end()) return false;
  connections->erase(found);
  return true;
}

int Listener::Next(Offer* offer) {
  if (departed_ > 0) {
    departed_--;
    return WSAECONNRESET;
  }
  Connections& from = deferred_.empty() ? arrived_ : deferred_;
  if (from.empty()) return WSAEWOULDBLOCK;
  *offer = {from.front(), &from == &deferred_};
  from.erase(from.begin());
  return 0;
}

void Listener::PutBack(const Offer& offer) {
  Connections& to = offer.deferred ? deferred_ : arrived_;
  to.insert(to.begin(), offer.request);
}

int Listener::Defer(const Offer& offer) {
  if (offer.deferred) {
    PutBack(offer);
  } else if (deferred_.size() < kMostDeferred) {
    deferred_.push_back(offer.request);
  } else {
    offer.request->Reject(WSAECONNREFUSED, {}, "too many callers wait");
    return WSAENOBUFS;
  }
  return WSATRY_AGAIN;
}

void Listener::Close(const Words& words) {
  tcp_->Close();
  for (Connections* connections : {&handshakes_, &arrived_, &deferred_}) {
    const Connections closing = std::move(*connections);
    connections->clear();
    for (const Ref<Connection>& connection : closing) {
      connection->Close({}, words);
    }
  }
}

}  // namespace goodbyte::provider
