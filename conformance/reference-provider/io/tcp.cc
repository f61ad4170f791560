// Longer than other files: streams and listeners open sockets, and wait for
// operations under way, alike.

#include "io/tcp.h"

#include <mswsock.h>

#include <cstring>

#include "io/lock.h"
#include "spi/catalog.h"

namespace goodbyte::provider {

namespace {

constexpr size_t kReceiveSize = 16 * 1024;
constexpr DWORD kNameRoom = sizeof(sockaddr_in6) + 16;
// After accepting failed for lack of a resource.
constexpr ULONGLONG kAcceptAgain = 100;
// Cancelling has no effect on an operation that is just about to continue.
constexpr ULONGLONG kCancelAgain = 100;

// The entry of the catalog that is the system's TCP. Without it ws2_32 might
// choose ours, where this provider is installed, and recurse.
bool SystemTcp(int family, WSAPROTOCOL_INFOW* found) {
  DWORD size = 0;
  WSAEnumProtocolsW(nullptr, nullptr, &size);
  std::vector<uint8_t> room(size);
  auto* entries = reinterpret_cast<WSAPROTOCOL_INFOW*>(room.data());
  const int count = WSAEnumProtocolsW(nullptr, entries, &size);
  for (int i = 0; i < count; i++) {
    const WSAPROTOCOL_INFOW& entry = entries[i];
    const bool ours = InlineIsEqualGUID(entry.ProviderId, kProviderId);
    // Only handles of the file system have completion ports.
    if (entry.iAddressFamily == family && entry.iSocketType == SOCK_STREAM &&
        entry.iProtocol == IPPROTO_TCP && entry.ProtocolChain.ChainLen == 1 &&
        (entry.dwServiceFlags1 & XP1_IFS_HANDLES) != 0 && !ours) {
      *found = entry;
      return true;
    }
  }
  return false;
}

bool system_entered = false;

SOCKET OpenSystemSocket(int family, int* status) {
  // Not in WSPStartup: that may be called with ws2_32's own locks held.
  if (!system_entered) {
    WSADATA data;
    *status = WSAStartup(MAKEWORD(2, 2), &data);
    if (*status != 0) return INVALID_SOCKET;
    system_entered = true;
  }
  WSAPROTOCOL_INFOW tcp;
  if (!SystemTcp(family, &tcp)) {
    *status = WSAEAFNOSUPPORT;
    return INVALID_SOCKET;
  }
  const SOCKET socket =
      WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                 &tcp, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  *status = socket == INVALID_SOCKET ? WSAGetLastError() : 0;
  return socket;
}

template <typename Function>
bool FindExtension(SOCKET socket, GUID id, Function* function) {
  DWORD length = 0;
  return WSAIoctl(socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id,
                  function, sizeof *function, &length, nullptr, nullptr) == 0;
}

// 0, also if the operation is under way.
int Started(BOOL ok) {
  if (ok) return 0;
  const int status = WSAGetLastError();
  return status == WSA_IO_PENDING ? 0 : status;
}

}  // namespace

void LeaveSystem() {
  if (system_entered) WSACleanup();
  system_entered = false;
}

Address AnyAddress(int family) {
  Address any;
  any.storage.ss_family = static_cast<ADDRESS_FAMILY>(family);
  any.length =
      family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  return any;
}

size_t TcpStream::living_ = 0;

TcpStream::TcpStream(SOCKET socket) : socket_(socket) {
  living_++;
  // Frames are written whole: there is nothing to gather.
  const BOOL on = TRUE;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY,
             reinterpret_cast<const char*>(&on), sizeof on);
}

TcpStream::~TcpStream() {
  Close();
  living_--;
}

Ref<TcpStream> TcpStream::Open(int family, int* status) {
  const SOCKET socket = OpenSystemSocket(family, status);
  return socket == INVALID_SOCKET ? Ref<TcpStream>() : Take(socket, status);
}

Ref<TcpStream> TcpStream::Take(SOCKET socket, int* status) {
  Ref<TcpStream> stream(new TcpStream(socket));
  *status = Attach(socket);
  return *status == 0 ? stream : Ref<TcpStream>();
}

bool TcpStream::IsConnectedToItself() const {
  Address own;
  Address other;
  own.length = other.length = sizeof own.storage;
  return getsockname(socket_, own.get(), &own.length) == 0 &&
         getpeername(socket_, other.get(), &other.length) == 0 &&
         own.length == other.length &&
         std::memcmp(own.get(), other.get(), own.length) == 0;
}

int TcpStream::Bind(const Address& name) {
  if (bind(socket_, name.get(), name.length) != 0) return WSAGetLastError();
  bound_ = true;
  return 0;
}

int TcpStream::Connect(const Address& name) {
  LPFN_CONNECTEX connect_ex = nullptr;
  if (!FindExtension(socket_, WSAID_CONNECTEX, &connect_ex)) {
    return WSAEOPNOTSUPP;
  }
  if (!bound_) {
    const int status = Bind(AnyAddress(name.storage.ss_family));
    if (status != 0) return status;
  }
  Retain();
  const int status =
      Started(connect_ex(socket_, name.get(), name.length, nullptr, 0, nullptr,
                         connecting_.Begin()));
  if (status != 0) {
    connecting_.Undo();
    Release();
  }
  return status;
}

void TcpStream::OnDone(Operation* operation, int status, DWORD octets) {
  // The operation's reference.
  Ref<TcpStream> self(this);
  Release();
  if (operation == &connecting_) {
    OnConnectDone(status);
  } else if (operation == &receiving_) {
    OnReceived(status, octets);
  } else {
    OnSendDone(status, octets);
  }
  CloseWhenFree();
}

void TcpStream::OnConnectDone(int status) {
  if (socket_ == INVALID_SOCKET) return;
  if (status == 0) {
    setsockopt(socket_, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, nullptr, 0);
  }
  if (sink_ != nullptr) sink_->OnConnected(status);
}

void TcpStream::Resume() {
  paused_ = false;
  // The previous octets must be delivered first.
  if (delivering_) return;
  if (receiving_.pending() || end_heard_ || socket_ == INVALID_SOCKET) return;
  if (!received_) received_.reset(new uint8_t[kReceiveSize]);
  WSABUF buffer = {kReceiveSize, reinterpret_cast<char*>(received_.get())};
  DWORD flags = 0;
  Retain();
  const int status = Started(WSARecv(socket_, &buffer, 1, nullptr, &flags,
                                     receiving_.Begin(), nullptr) == 0);
  if (status == 0) return;
  receiving_.Undo();
  Ref<TcpStream> self(this);
  Release();
  Lose(status);
}

void TcpStream::OnReceived(int status, DWORD octets) {
  if (socket_ == INVALID_SOCKET) return;
  if (status != 0) {
    Lose(status);
    return;
  }
  if (octets == 0) {
    end_heard_ = true;
    if (sink_ != nullptr) sink_->OnEnd();
    if (send_status_ != 0) Lose(send_status_);
    EndIfDone();
    return;
  }
  delivering_ = true;
  if (sink_ != nullptr) sink_->OnOctets(received_.get(), octets);
  delivering_ = false;
  if (!paused_ || lingering_) Resume();
}

void TcpStream::Send(const uint8_t* octets, size_t length) {
  if (socket_ == INVALID_SOCKET || send_status_ != 0) return;
  queued_.insert(queued_.end(), octets, octets + length);
  Flush();
}

void TcpStream::End() {
  end_wanted_ = true;
  if (unsent() == 0) SendFin();
}

void TcpStream::Flush() {
  if (transmitting_.pending() || queued_.empty()) return;
  sending_.swap(queued_);
  queued_.clear();
  WSABUF buffer = {static_cast<ULONG>(sending_.size()),
                   reinterpret_cast<char*>(sending_.data())};
  Retain();
  const int status = Started(WSASend(socket_, &buffer, 1, nullptr, 0,
                                     transmitting_.Begin(), nullptr) == 0);
  if (status == 0) return;
  transmitting_.Undo();
  sending_.clear();
  queued_.clear();
  // The sender holds the stream.
  Release();
  send_status_ = status;
  if (end_heard_) Lose(status);
}

void TcpStream::OnSendDone(int status, DWORD octets) {
  if (socket_ == INVALID_SOCKET) return;
  if (status == 0 && octets < sending_.size()) {
    // Not of a socket that sends in the background; if it were, in order.
    sending_.erase(sending_.begin(), sending_.begin() + octets);
    sending_.insert(sending_.end(), queued_.begin(), queued_.end());
    queued_.swap(sending_);
  }
  sending_.clear();
  if (status != 0) {
    queued_.clear();
    send_status_ = status;
    // The peer may have said its last word before it reset the connection.
    if (end_heard_) Lose(status);
    return;
  }
  Flush();
  if (lingering_ && !linger_total_) linger_timer_.Start(linger_time_);
  if (unsent() > 0) return;
  if (end_wanted_) SendFin();
  if (sink_ != nullptr) sink_->OnSent();
}

void TcpStream::SendFin() {
  if (fin_sent_ || socket_ == INVALID_SOCKET) return;
  fin_sent_ = true;
  shutdown(socket_, SD_SEND);
  EndIfDone();
}

void TcpStream::Lose(int status) {
  end_heard_ = true;
  if (sink_ != nullptr) {
    sink_->OnLost(status);
  } else if (lingering_) {
    Close();
  }
}

void TcpStream::EndIfDone() {
  if (lingering_ && end_heard_ && fin_sent_) Close();
}

void TcpStream::Linger(ULONGLONG milliseconds, bool total) {
  Ref<TcpStream> self(this);
  sink_ = nullptr;
  lingering_ = true;
  linger_time_ = milliseconds;
  linger_total_ = total;
  if (socket_ == INVALID_SOCKET) return;
  if (send_status_ != 0) {
    Close();
    return;
  }
  // Nothing else keeps the stream from now on.
  kept_ = true;
  Retain();
  linger_timer_.Start(milliseconds);
  End();
  Resume();
  EndIfDone();
}

void TcpStream::OnTimer(Timer* timer) {
  Ref<TcpStream> self(this);
  if (timer == &cancel_timer_) {
    CloseWhenFree();
  } else {
    Abort();
  }
}

void TcpStream::Abort() {
  if (socket_ == INVALID_SOCKET) return;
  const LINGER hard = {1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER,
             reinterpret_cast<const char*>(&hard), sizeof hard);
  Ref<TcpStream> self(this);
  Close();
}

// Pending operations let the stream go one by one.
void TcpStream::Close() {
  if (socket_ == INVALID_SOCKET) return;
  closing_ = std::exchange(socket_, INVALID_SOCKET);
  sink_ = nullptr;
  linger_timer_.Stop();
  CloseWhenFree();
  if (std::exchange(kept_, false)) Release();
}

// Wine carries an operation on by the number of its handle, on the thread that
// began it: once that is closed, it would continue with the next socket of this
// number, and take its input.
void TcpStream::CloseWhenFree() {
  if (closing_ == INVALID_SOCKET) return;
  if (receiving_.pending() || transmitting_.pending()) {
    CancelIoEx(reinterpret_cast<HANDLE>(closing_), nullptr);
    cancel_timer_.Start(kCancelAgain);
    return;
  }
  cancel_timer_.Stop();
  closesocket(std::exchange(closing_, INVALID_SOCKET));
}

Ref<TcpListener> TcpListener::Listen(const Ref<TcpStream>& bound, int family,
                                     int backlog, TcpListenerSink* sink,
                                     int* status) {
  if (listen(bound->socket(), backlog) != 0) {
    *status = WSAGetLastError();
    return {};
  }
  Ref<TcpListener> listener(new TcpListener(bound, family, sink));
  *status = listener->Accept();
  if (*status != 0) return {};
  return listener;
}

int TcpListener::Accept() {
  LPFN_ACCEPTEX accept_ex = nullptr;
  if (!FindExtension(bound_->socket(), WSAID_ACCEPTEX, &accept_ex)) {
    return WSAEOPNOTSUPP;
  }
  int status = 0;
  coming_ = OpenSystemSocket(family_, &status);
  if (coming_ == INVALID_SOCKET) return status;
  DWORD length = 0;
  Retain();
  status = Started(accept_ex(bound_->socket(), coming_, names_, 0, kNameRoom,
                             kNameRoom, &length, accepting_.Begin()));
  if (status == 0) return 0;
  accepting_.Undo();
  closesocket(coming_);
  coming_ = INVALID_SOCKET;
  Release();
  return status;
}

void TcpListener::AcceptOrRetry() {
  if (Accept() != 0) retry_.Start(kAcceptAgain);
}

void TcpListener::OnTimer(Timer*) { AcceptOrRetry(); }

void TcpListener::OnDone(Operation*, int status, DWORD) {
  Ref<TcpListener> self(this);
  Release();
  const SOCKET came = coming_;
  coming_ = INVALID_SOCKET;
  if (status != 0 || sink_ == nullptr) {
    closesocket(came);
    if (sink_ != nullptr) AcceptOrRetry();
    return;
  }
  const SOCKET listening = bound_->socket();
  setsockopt(came, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
             reinterpret_cast<const char*>(&listening), sizeof listening);
  sink_->OnAccepted(came);
  if (sink_ != nullptr) AcceptOrRetry();
}

void TcpListener::Close() {
  sink_ = nullptr;
  retry_.Stop();
  // It has no peer to reset, and the pending accept ends.
  bound_->Abort();
}

}  // namespace goodbyte::provider
