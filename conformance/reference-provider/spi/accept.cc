// WSPAccept ("WSAAccept function (winsock2.h)").
#include <algorithm>
#include <cstring>

#include "spi/quality.h"
#include "spi/socket.h"
#include "spi/upcalls.h"

namespace goodbyte::provider {

namespace {

// The arguments of a condition function, and its answer. The buffers are ours,
// and live as long as it runs.
class Question {
 public:
  explicit Question(const Connection& request)
      : caller_data_(request.first_words().data), room_(request.room()) {
    caller_.length = callee_.length = sizeof caller_.storage;
    getpeername(request.socket(), caller_.get(), &caller_.length);
    getsockname(request.socket(), callee_.get(), &callee_.length);
    // Never empty: even a buffer of length 0 has an address.
    answer_.assign(room_ + 1, kUntouched);
    if (request.qos()) {
      provider_specific_ = request.qos()->provider_specific;
      qos_.ProviderSpecific = Buffer(&provider_specific_);
      WriteQuality(*request.qos(), &qos_);
      has_qos_ = true;
    }
  }

  int Ask(LPCONDITIONPROC condition, DWORD_PTR data) {
    WSABUF caller_id = {static_cast<ULONG>(caller_.length),
                        reinterpret_cast<char*>(caller_.get())};
    WSABUF callee_id = {static_cast<ULONG>(callee_.length),
                        reinterpret_cast<char*>(callee_.get())};
    WSABUF caller_data = Buffer(&caller_data_);
    WSABUF callee_data = {static_cast<ULONG>(room_),
                          reinterpret_cast<char*>(answer_.data())};
    GROUP group = 0;
    const int verdict =
        condition(&caller_id, caller_data_.empty() ? nullptr : &caller_data,
                  has_qos_ ? &qos_ : nullptr, nullptr, &callee_id, &callee_data,
                  &group, data);
    answered_ = callee_data.len;
    return verdict;
  }

  // WSAEFAULT: more than the caller takes. If it takes no data, no data is
  // sent.
  int Answer(Octets* answer) const {
    answer->clear();
    if (room_ == 0) return 0;
    if (answered_ > room_) return WSAEFAULT;
    const auto end = answer_.begin() + answered_;
    // A function that has left both the length and the buffer unchanged gives
    // no answer, although the length is the buffer's and not 0.
    const bool untouched =
        answered_ == room_ &&
        std::all_of(answer_.begin(), end,
                    [](uint8_t octet) { return octet == kUntouched; });
    if (!untouched) answer->assign(answer_.begin(), end);
    return 0;
  }

  int Quality(std::optional<FlowSpecs>* qos) const {
    return has_qos_ ? ReadQuality(qos_, qos) : 0;
  }

 private:
  static constexpr uint8_t kUntouched = 0xdb;

  static WSABUF Buffer(Octets* octets) {
    return {static_cast<ULONG>(octets->size()),
            reinterpret_cast<char*>(octets->data())};
  }

  Address caller_;
  Address callee_;
  Octets caller_data_;
  size_t room_;
  Octets answer_;
  ULONG answered_ = 0;
  bool has_qos_ = false;
  QOS qos_ = {};
  Octets provider_specific_;
};

// Octets of the answer for all callers, if they fit.
Octets Fitting(const Octets& octets, size_t room) {
  return octets.size() <= room ? octets : Octets();
}

}  // namespace

Ref<Socket> Socket::Accept(Locked* locked, sockaddr* name, int* length,
                           LPCONDITIONPROC condition, DWORD_PTR data,
                           int* status) {
  if (!listener_) {
    *status = WSAEINVAL;
    return {};
  }
  if (name != nullptr &&
      (length == nullptr || *length < AnyAddress(family()).length)) {
    *status = WSAEFAULT;
    return {};
  }
  // A request reports its withdrawal to it, even after it was closed.
  const Ref<Listener> kept = listener_;
  *status = Block(locked, [this] { return listener_->waiting(); });
  if (*status != 0) {
    events_.Enable(FD_ACCEPT);
    return {};
  }
  Ref<Socket> accepted;
  Offer offer;
  *status = listener_->Next(&offer);
  if (*status == 0) accepted = Decide(offer, condition, data, status);
  // A condition function may have closed the listener.
  if (!closed_ && *status != WSATRY_AGAIN) {
    events_.Enable(FD_ACCEPT);
    if (listener_->waiting()) events_.Indicate(FD_ACCEPT);
  }
  if (accepted && name != nullptr) accepted->PeerName(name, length);
  return accepted;
}

Ref<Socket> Socket::Decide(const Offer& offer, LPCONDITIONPROC condition,
                           DWORD_PTR data, int* status) {
  Connection& request = *offer.request.get();
  int verdict = CF_ACCEPT;
  Words answer = {Fitting(options_.connect_words.data, request.room()),
                  Fitting(options_.connect_words.options, request.room())};
  std::optional<FlowSpecs> qos;
  *status = 0;
  if (condition != nullptr) {
    Question question(request);
    {
      // The application may do anything meanwhile.
      Unlocked unlocked;
      verdict = question.Ask(condition, data);
    }
    // A condition function has no other way to answer with options.
    answer.options = Fitting(options_.connect_words.options, request.room());
    if (verdict != CF_DEFER) *status = question.Answer(&answer.data);
    if (verdict == CF_ACCEPT && *status == 0) *status = question.Quality(&qos);
  }
  Ref<Socket> accepted;
  if (closed_) {
    request.Close({}, options_.disconnect_words);
    *status = WSAENOTSOCK;
  } else if (request.withdrawn()) {
    *status = WSAECONNRESET;
  } else if (*status != 0) {
    listener_->PutBack(offer);
  } else if (verdict == CF_ACCEPT) {
    *status = AcceptOffer(offer, answer, qos, &accepted);
  } else if (verdict == CF_REJECT) {
    request.Reject(WSAECONNREFUSED, answer.data, nullptr);
    *status = WSAECONNREFUSED;
  } else if (verdict == CF_DEFER) {
    *status = listener_->Defer(offer);
  } else {
    listener_->PutBack(offer);
    *status = WSAEINVAL;
  }
  return accepted;
}

int Socket::AcceptOffer(const Offer& offer, const Words& answer,
                        const std::optional<FlowSpecs>& qos,
                        Ref<Socket>* accepted) {
  int status = 0;
  Ref<Socket> socket = Create(info_, &status);
  // Creating it released the lock.
  if (offer.request->withdrawn()) {
    status = WSAECONNRESET;
  } else if (closed_) {
    offer.request->Close({}, options_.disconnect_words);
    status = WSAENOTSOCK;
  } else if (status != 0) {
    listener_->PutBack(offer);
  }
  if (status != 0) {
    if (!socket) return status;
    const SOCKET handle = socket->handle();
    socket->Close();
    const auto close = upcalls().lpWPUCloseSocketHandle;
    Unlocked unlocked;
    int ignored = 0;
    close(handle, &ignored);
    return status;
  }
  socket->Inherit(*this, offer.request);
  ConnectionSink* sink = socket.get();
  offer.request->Accept(sink, answer, qos);
  *accepted = socket;
  return 0;
}

// Options and event selection come from the listener.
void Socket::Inherit(const Socket& listener,
                     const Ref<Connection>& connection) {
  options_.linger = listener.options_.linger;
  blocking_ = listener.blocking_;
  connection_ = connection;
  stage_ = Stage::kConnected;
  heard_ = connection->first_words();
  RememberNames(connection->socket());
  events_.Select(listener.events_.event(), listener.events_.mask(), FD_WRITE);
}

}  // namespace goodbyte::provider
