// WSPSend, WSPRecv, WSPSendDisconnect, WSPRecvDisconnect and WSPShutdown.
#include <mswsock.h>

#include <algorithm>

#include "spi/socket.h"

namespace goodbyte::provider {

namespace {

// Whether the application's buffers are valid.
bool Sound(const WSABUF* buffers, DWORD count) {
  if (count > 0 && buffers == nullptr) return false;
  return std::all_of(buffers, buffers + count, [](const WSABUF& buffer) {
    return buffer.len == 0 || buffer.buf != nullptr;
  });
}

}  // namespace

int Socket::Send(Locked* locked, const WSABUF* buffers, DWORD count,
                 DWORD flags, DWORD* sent) {
  if (!Sound(buffers, count) || sent == nullptr) return WSAEFAULT;
  if (flags != 0) return WSAEOPNOTSUPP;
  if (!connection_ || stage_ != Stage::kConnected) return WSAENOTCONN;
  Octets octets;
  for (DWORD i = 0; i < count; i++) {
    const WSABUF& buffer = buffers[i];
    octets.insert(octets.end(), buffer.buf, buffer.buf + buffer.len);
  }
  int status = connection_->Send(octets);
  if (status == WSAEWOULDBLOCK) {
    events_.Enable(FD_WRITE);
    status = Block(locked, [this] { return connection_->writable(); });
    if (status == 0) status = connection_->Send(octets);
  }
  if (status == 0) *sent = static_cast<DWORD>(octets.size());
  return status;
}

int Socket::Receive(Locked* locked, const WSABUF* buffers, DWORD count,
                    DWORD* flags, DWORD* received) {
  if (!Sound(buffers, count) || flags == nullptr || received == nullptr) {
    return WSAEFAULT;
  }
  const bool peek = (*flags & MSG_PEEK) != 0;
  if ((*flags & ~static_cast<DWORD>(MSG_PEEK | MSG_PARTIAL)) != 0) {
    return WSAEOPNOTSUPP;
  }
  if (!connection_ || stage_ != Stage::kConnected) return WSAENOTCONN;
  if (int status = Block(locked, [this] { return connection_->readable(); })) {
    events_.Enable(FD_READ);
    return status;
  }
  size_t room = 0;
  for (DWORD i = 0; i < count; i++) room += buffers[i].len;
  room = std::min(room, std::max<size_t>(connection_->receivable(), 1));
  Octets octets(room);
  size_t length = 0;
  bool partial = false;
  const int status =
      connection_->Receive(octets.data(), room, peek, &length, &partial);
  events_.Enable(FD_READ);
  if (status != 0) return status;
  size_t at = 0;
  for (DWORD i = 0; i < count && at < length; i++) {
    const size_t taken = std::min<size_t>(buffers[i].len, length - at);
    std::copy_n(octets.begin() + at, taken, buffers[i].buf);
    at += taken;
  }
  *received = static_cast<DWORD>(length);
  *flags = partial ? MSG_PARTIAL : 0;
  if (connection_->has_data()) events_.Indicate(FD_READ);
  return 0;
}

DWORD Socket::receivable() const {
  return connection_ ? static_cast<DWORD>(connection_->receivable()) : 0;
}

// -- the last word

int Socket::SendDisconnect(const WSABUF* data) {
  if (data != nullptr && data->len > 0 && data->buf == nullptr) {
    return WSAEFAULT;
  }
  if (!connection_ || stage_ != Stage::kConnected) return WSAENOTCONN;
  Words words = options_.disconnect_words;
  if (data != nullptr && data->len > 0) {
    words.data.assign(data->buf, data->buf + data->len);
  }
  // Data from an option is sent once; only the argument can come too late.
  const bool says = data != nullptr && data->len > 0;
  const int status = connection_->SendLastWords(words);
  if (status == WSAESHUTDOWN && !says) return 0;
  Changed();
  return status;
}

int Socket::ReceiveDisconnect(WSABUF* data) {
  if (!connection_ || stage_ != Stage::kConnected) return WSAENOTCONN;
  const Words* words = nullptr;
  if (int status = connection_->ReadLastWords(&words)) return status;
  if (data == nullptr) return 0;
  const Octets& octets = words->data;
  const bool fits = octets.size() <= data->len &&
                    (octets.empty() || data->buf != nullptr);
  // Too small: the data is kept, and this is the size required.
  data->len = static_cast<ULONG>(octets.size());
  if (!fits) return WSAEFAULT;
  std::copy(octets.begin(), octets.end(), data->buf);
  return 0;
}

int Socket::Shutdown(int how) {
  if (how != SD_RECEIVE && how != SD_SEND && how != SD_BOTH) return WSAEINVAL;
  if (!connection_ || stage_ != Stage::kConnected) return WSAENOTCONN;
  if (how != SD_SEND) connection_->ShutReceiving();
  return how == SD_RECEIVE ? 0 : SendDisconnect(nullptr);
}

}  // namespace goodbyte::provider
