// WSPConnect ("WSAConnect function (winsock2.h)").
#include <algorithm>
#include <cstring>

#include "session/limits.h"
#include "spi/quality.h"
#include "spi/socket.h"

namespace goodbyte::provider {

int Socket::CheckCallee(const sockaddr* name, int length) const {
  if (name == nullptr || length < AnyAddress(family()).length) return WSAEFAULT;
  if (name->sa_family != family()) return WSAEAFNOSUPPORT;
  // The any address is for listening; it cannot be called.
  bool any;
  unsigned port;
  if (family() == AF_INET6) {
    const auto* six = reinterpret_cast<const sockaddr_in6*>(name);
    any = IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr);
    port = six->sin6_port;
  } else {
    const auto* four = reinterpret_cast<const sockaddr_in*>(name);
    any = four->sin_addr.s_addr == INADDR_ANY;
    port = four->sin_port;
  }
  return any || port == 0 ? WSAEADDRNOTAVAIL : 0;
}

int Socket::Connect(Locked* locked, const sockaddr* name, int length,
                    const WSABUF* caller, WSABUF* callee, QOS* sqos,
                    const QOS* gqos) {
  if (stage_ == Stage::kListening || gqos != nullptr) return WSAEINVAL;
  if (int status = CheckCallee(name, length)) return status;
  if (stage_ == Stage::kConnecting) return WSAEALREADY;
  if (stage_ == Stage::kConnected) return WSAEISCONN;

  Call call;
  call.words = options_.connect_words;
  call.room = options_.connect_room;
  if (caller != nullptr) {
    if (caller->len > kMostUserData) return WSAEFAULT;
    if (caller->len > 0 && caller->buf == nullptr) return WSAEFAULT;
    call.words.data.assign(caller->buf, caller->buf + caller->len);
  }
  if (callee != nullptr) {
    call.room = static_cast<uint16_t>(
        std::min<ULONG>(callee->len, kUserDataLimit));
  }
  if (sqos != nullptr) {
    if (int status = ReadQuality(*sqos, &call.qos)) return status;
  }
  if (int status = NeedStream()) return status;

  Address to;
  std::memcpy(&to.storage, name, AnyAddress(family()).length);
  to.length = AnyAddress(family()).length;
  ConnectionSink* self = this;
  Ref<Connection> connection(new Connection(self, type(), std::move(call)));
  if (int status = connection->Start(stream_, to)) return status;

  // A stream serves for one attempt.
  stream_ = {};
  connection_ = connection;
  stage_ = Stage::kConnecting;
  connect_status_ = 0;
  error_ = 0;
  heard_ = {};
  callee_data_ = callee;
  sqos_ = sqos;
  events_.RenewConnect();
  const int status =
      Block(locked, [this] { return stage_ != Stage::kConnecting; });
  return status != 0 ? status : connect_status_;
}

void Socket::OnVerdict(int status) {
  connect_status_ = status;
  error_ = status;
  heard_ = connection_->first_words();
  ReturnToCaller();
  if (status == 0) {
    stage_ = Stage::kConnected;
    RememberNames(connection_->socket());
    events_.IndicateConnect(0, FD_WRITE);
  } else {
    // The socket is unchanged, for another try.
    stage_ = Stage::kIdle;
    connection_ = {};
    events_.IndicateConnect(status, 0);
  }
}

// Into the application's buffers, which are not touched after this.
void Socket::ReturnToCaller() {
  if (callee_data_ != nullptr) {
    // At most the buffer's size: more would have been a violation.
    const Octets& data = heard_.data;
    std::copy(data.begin(), data.end(), callee_data_->buf);
    callee_data_->len = static_cast<ULONG>(data.size());
  }
  if (sqos_ != nullptr && connect_status_ == 0 && connection_->qos()) {
    WriteQuality(*connection_->qos(), sqos_);
  }
  callee_data_ = nullptr;
  sqos_ = nullptr;
}

}  // namespace goodbyte::provider
