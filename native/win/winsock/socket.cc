#include "win/winsock/socket.h"

namespace goodbyte::winsock {

Socket* Socket::Create(Host* host, Provider* provider, SOCKET handle,
                       long mask, int* error) {
  Socket* socket = new Socket(host, provider, handle);
  if (socket == nullptr) {
    int ignored = 0;
    provider->calls().lpWSPCloseSocket(handle, &ignored);
    *error = WSAENOBUFS;
    return nullptr;
  }
  *error = socket->Watch(mask);
  if (*error == 0) {
    socket->id_ = host->Enter(socket);
    if (socket->id_ >= 0) return socket;
    *error = WSAENOBUFS;
  }
  delete socket;
  return nullptr;
}

int Socket::Watch(long mask) {
  event_ = WSACreateEvent();
  if (event_ == WSA_INVALID_EVENT) return WSAGetLastError();
  wait_ = CreateThreadpoolWait(OnSignalled, this, nullptr);
  if (wait_ == nullptr) return WSAENOBUFS;
  const int error = Select(mask);
  if (error == 0) SetThreadpoolWait(wait_, event_, nullptr);
  return error;
}

Socket::~Socket() {
  // In this order: no new callback, the one that may be running has ended, and
  // its signal is taken back. A callback only takes a lock, so this does not
  // wait longer than that.
  if (wait_ != nullptr) {
    SetThreadpoolWait(wait_, nullptr, nullptr);
    WaitForThreadpoolWaitCallbacks(wait_, TRUE);
    CloseThreadpoolWait(wait_);
  }
  host_->Unsignal(this);
  int ignored = 0;
  calls().lpWSPCloseSocket(handle_, &ignored);
  if (event_ != WSA_INVALID_EVENT) WSACloseEvent(event_);
  if (id_ >= 0) host_->Leave(id_);
}

int Socket::Select(long mask) {
  int error = 0;
  return calls().lpWSPEventSelect(handle_, event_, mask, &error) == 0
             ? 0
             : FailureOf(error);
}

// On a thread of the system's pool. The wait is over until it is set again.
void CALLBACK Socket::OnSignalled(PTP_CALLBACK_INSTANCE, void* self, PTP_WAIT,
                                  TP_WAIT_RESULT) {
  Socket* socket = static_cast<Socket*>(self);
  socket->host_->Signal(socket);
}

bool Socket::FindEvents(NetworkEvents* found) {
  WSANETWORKEVENTS events = {};
  int error = 0;
  *found = {id_, 0, {}};
  // The call below resets it too, unless a provider forgets to, which would then
  // be asked for ever.
  WSAResetEvent(event_);
  if (calls().lpWSPEnumNetworkEvents(handle_, event_, &events, &error) == 0) {
    found->events = static_cast<int32_t>(events.lNetworkEvents);
    for (int bit = FD_READ_BIT; bit <= FD_CLOSE_BIT; bit++) {
      found->errors[bit] = events.iErrorCode[bit];
    }
    if ((events.lNetworkEvents & FD_CONNECT) != 0) {
      connected_ = events.iErrorCode[FD_CONNECT_BIT] == 0;
    }
  } else {
    // It reports nothing more.
    found->events = FD_CLOSE;
    found->errors[FD_CLOSE_BIT] = FailureOf(error);
  }
  SetThreadpoolWait(wait_, event_, nullptr);
  return found->events != 0;
}

int Socket::Connect(const sockaddr* name, int length, WSABUF* caller_data,
                    size_t callee_capacity, const QOS* sqos) {
  if (!callee_data_.Reserve(callee_capacity)) return WSAENOBUFS;
  has_sqos_ = sqos != nullptr;
  if (has_sqos_) {
    sqos_ = *sqos;
    const WSABUF& specific = sqos->ProviderSpecific;
    provider_specific_.Clear();
    if (specific.len > 0 &&
        !provider_specific_.Append(
            reinterpret_cast<const uint8_t*>(specific.buf), specific.len)) {
      return WSAENOBUFS;
    }
    sqos_.ProviderSpecific.buf = reinterpret_cast<char*>(
        const_cast<uint8_t*>(provider_specific_.data()));
  }
  int error = 0;
  return calls().lpWSPConnect(
             handle_, name, length, caller_data,
             callee_capacity > 0 ? callee_data_.buffer() : nullptr,
             has_sqos_ ? &sqos_ : nullptr, nullptr, &error) == 0
             ? 0
             : FailureOf(error);
}

}  // namespace goodbyte::winsock
