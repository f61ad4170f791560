#include "spi/socket.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "spi/catalog.h"
#include "spi/upcalls.h"

namespace goodbyte::provider {

namespace {

// The open sockets, by the context that the host keeps with their handles. A
// context is never used again, so that a late call finds nothing. Never
// destroyed: when a process ends, ws2_32 may be gone before they are closed.
std::map<DWORD_PTR, Ref<Socket>>& sockets =
    *new std::map<DWORD_PTR, Ref<Socket>>;
DWORD_PTR last_context = 0;

void CopyName(const Address& from, sockaddr* name, int* length) {
  std::memcpy(name, from.get(), from.length);
  *length = from.length;
}

}  // namespace

// -- life

Socket::Socket(const WSAPROTOCOL_INFOW& info) : info_(info) {}

Socket::~Socket() = default;

Ref<Socket> Socket::Create(const WSAPROTOCOL_INFOW& info, int* status) {
  Ref<Socket> socket(new Socket(info));
  const DWORD_PTR context = ++last_context;
  // The host may know the handle before we do: its calls must find a socket.
  sockets[context] = socket;
  const auto create = upcalls().lpWPUCreateSocketHandle;
  SOCKET handle;
  {
    Unlocked unlocked;
    handle = create(info.dwCatalogEntryId, context, status);
  }
  if (handle == INVALID_SOCKET) {
    sockets.erase(context);
    return {};
  }
  *status = 0;
  socket->handle_ = handle;
  return socket;
}

Ref<Socket> Socket::Find(DWORD_PTR context) {
  const auto found = sockets.find(context);
  return found == sockets.end() ? Ref<Socket>() : found->second;
}

void Socket::Close() {
  Ref<Socket> self(this);
  closed_ = true;
  events_.Select(nullptr, 0, 0);
  callee_data_ = nullptr;
  sqos_ = nullptr;
  if (connection_) {
    connection_->Close(options_.linger, options_.disconnect_words);
  }
  if (listener_) listener_->Close(options_.disconnect_words);
  if (stream_) stream_->Abort();
  connection_ = {};
  listener_ = {};
  stream_ = {};
  const auto mine = std::find_if(
      sockets.begin(), sockets.end(),
      [this](const auto& entry) { return entry.second == this; });
  if (mine != sockets.end()) sockets.erase(mine);
  Changed();
}

void Socket::AbortAll() {
  while (!sockets.empty()) {
    Ref<Socket> socket = sockets.begin()->second;
    socket->options_.linger = 0;
    socket->Close();
  }
}

int Socket::SetBlocking(bool blocking) {
  // A socket with events can't be made to block ("WSPIoctl").
  if (blocking && events_.mask() != 0) return WSAEINVAL;
  blocking_ = blocking;
  return 0;
}

// -- names

int Socket::NeedStream() {
  if (stream_) return 0;
  int status = 0;
  Ref<TcpStream> stream = TcpStream::Open(family(), &status);
  if (status == 0 && bound_) status = stream->Bind(*bound_);
  if (status == 0) stream_ = std::move(stream);
  return status;
}

int Socket::NeedSystemSocket(SOCKET* socket) {
  if (connection_) {
    *socket = connection_->socket();
    return *socket == INVALID_SOCKET ? WSAENOTCONN : 0;
  }
  const int status = NeedStream();
  if (status == 0) *socket = stream_->socket();
  return status;
}

int Socket::Bind(const sockaddr* name, int length) {
  const int least = AnyAddress(family()).length;
  if (name == nullptr || length < least) return WSAEFAULT;
  if (bound_ || stage_ != Stage::kIdle) return WSAEINVAL;
  if (name->sa_family != family()) return WSAEAFNOSUPPORT;
  int status = NeedStream();
  if (status != 0) return status;
  Address wanted;
  std::memcpy(&wanted.storage, name, least);
  wanted.length = least;
  status = stream_->Bind(wanted);
  if (status == 0) bound_ = wanted;
  return status;
}

void Socket::RememberNames(SOCKET socket) {
  local_.length = peer_.length = sizeof local_.storage;
  if (getsockname(socket, local_.get(), &local_.length) != 0) local_ = {};
  if (getpeername(socket, peer_.get(), &peer_.length) != 0) peer_ = {};
}

int Socket::LocalName(sockaddr* name, int* length) const {
  if (name == nullptr || length == nullptr) return WSAEFAULT;
  if (stage_ == Stage::kConnected) {
    if (*length < local_.length) return WSAEFAULT;
    CopyName(local_, name, length);
    return 0;
  }
  if (!bound_ && stage_ != Stage::kConnecting) return WSAEINVAL;
  const SOCKET socket = connection_ ? connection_->socket()
                        : stream_   ? stream_->socket()
                                    : INVALID_SOCKET;
  if (getsockname(socket, name, length) == 0) return 0;
  const int status = WSAGetLastError();
  return status == WSAENOTSOCK ? WSAEINVAL : status;
}

int Socket::PeerName(sockaddr* name, int* length) const {
  if (stage_ != Stage::kConnected) return WSAENOTCONN;
  if (name == nullptr || length == nullptr || *length < peer_.length) {
    return WSAEFAULT;
  }
  CopyName(peer_, name, length);
  return 0;
}

int Socket::Listen(int backlog) {
  if (stage_ == Stage::kListening) return 0;
  if (stage_ != Stage::kIdle) return WSAEISCONN;
  if (!bound_) return WSAEINVAL;
  int status = NeedStream();
  if (status != 0) return status;
  ListenerSink* self = this;
  listener_ =
      Listener::Listen(stream_, family(), type(), backlog, self, &status);
  if (status == 0) stage_ = Stage::kListening;
  return status;
}

// -- events

int Socket::EventSelect(WSAEVENT event, long mask) {
  if (mask != 0 && event == nullptr) return WSAEINVAL;
  blocking_ = false;
  long present = 0;
  if (connection_ && stage_ == Stage::kConnected) {
    if (connection_->has_data()) present |= FD_READ;
    if (connection_->writable()) present |= FD_WRITE;
  }
  if (listener_ && listener_->waiting()) present |= FD_ACCEPT;
  events_.Select(event, mask, present);
  return 0;
}

void Socket::OnReadable() { events_.Indicate(FD_READ); }

void Socket::OnWritable() { events_.Indicate(FD_WRITE); }

void Socket::OnClosed(int status) {
  error_ = status;
  events_.IndicateClose(status);
}

void Socket::OnRequestWaiting() { events_.Indicate(FD_ACCEPT); }

bool Socket::readable() const {
  if (listener_) return listener_->waiting();
  return connection_ && stage_ == Stage::kConnected && connection_->readable();
}

bool Socket::writable() const {
  return connection_ && stage_ == Stage::kConnected && connection_->writable();
}

bool Socket::exceptional() const {
  return stage_ == Stage::kIdle && connect_status_ != 0;
}

}  // namespace goodbyte::provider
