#include "io/loop.h"

#include "io/lock.h"

namespace goodbyte::provider {

namespace {

// Owned by the worker's time: both are there from Attach to StopLoop.
HANDLE port;
HANDLE thread;

// The timers that run, in no order: there is one for each handshake and each
// lingering connection, none for an open one.
Timer* timers;
// When the worker looks at them next, by GetTickCount64; 0: now.
ULONGLONG next_look;

constexpr ULONG_PTR kSocketKey = 0;
constexpr ULONG_PTR kWakeKey = 1;
constexpr ULONG_PTR kStopKey = 2;

// A completion fails with the system's numbers.
int WinsockStatus(DWORD error) {
  switch (error) {
    case ERROR_CONNECTION_REFUSED:
      return WSAECONNREFUSED;
    case ERROR_NETNAME_DELETED:
      return WSAECONNRESET;
    case ERROR_CONNECTION_ABORTED:
      return WSAECONNABORTED;
    case ERROR_SEM_TIMEOUT:
      return WSAETIMEDOUT;
    case ERROR_NETWORK_UNREACHABLE:
      return WSAENETUNREACH;
    case ERROR_HOST_UNREACHABLE:
      return WSAEHOSTUNREACH;
    case ERROR_ADDRESS_ALREADY_ASSOCIATED:
      return WSAEADDRINUSE;
    default:
      return error >= WSABASEERR ? static_cast<int>(error) : WSAECONNRESET;
  }
}

}  // namespace

// Returns the time that the worker may wait.
DWORD FireTimers() {
  const ULONGLONG now = GetTickCount64();
  // Each one that fires may start and stop others: from the front again.
  for (Timer* timer = timers; timer != nullptr;) {
    if (timer->due_ > now) {
      timer = timer->next_;
      continue;
    }
    timer->Stop();
    timer->owner_->OnTimer(timer);
    timer = timers;
  }
  next_look = ~0ULL;
  for (Timer* timer = timers; timer != nullptr; timer = timer->next_) {
    if (timer->due_ < next_look) next_look = timer->due_;
  }
  if (next_look == ~0ULL) return INFINITE;
  return next_look > now ? static_cast<DWORD>(next_look - now) : 0;
}

namespace {

DWORD WINAPI Work(void*) {
  for (;;) {
    DWORD wait;
    {
      Locked locked;
      wait = FireTimers();
      Changed();
    }
    DWORD octets = 0;
    ULONG_PTR key = kSocketKey;
    OVERLAPPED* overlapped = nullptr;
    const BOOL ok =
        GetQueuedCompletionStatus(port, &octets, &key, &overlapped, wait);
    const DWORD error = ok ? 0 : GetLastError();
    if (overlapped != nullptr) {
      Locked locked;
      static_cast<Operation*>(overlapped)
          ->Finish(ok ? 0 : WinsockStatus(error), octets);
    } else if (ok && key == kStopKey) {
      return 0;
    }
  }
}

int StartLoop() {
  if (port != nullptr) return 0;
  port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1);
  if (port == nullptr) return WSAENOBUFS;
  thread = CreateThread(nullptr, 0, Work, nullptr, 0, nullptr);
  if (thread != nullptr) return 0;
  CloseHandle(port);
  port = nullptr;
  return WSAENOBUFS;
}

}  // namespace

void Timer::Start(ULONGLONG milliseconds) {
  Stop();
  running_ = true;
  due_ = GetTickCount64() + milliseconds;
  next_ = timers;
  if (next_ != nullptr) next_->previous_ = this;
  timers = this;
  if (due_ < next_look) {
    next_look = due_;
    PostQueuedCompletionStatus(port, 0, kWakeKey, nullptr);
  }
}

void Timer::Stop() {
  if (!running_) return;
  running_ = false;
  (previous_ != nullptr ? previous_->next_ : timers) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  previous_ = nullptr;
  next_ = nullptr;
}

int Attach(SOCKET socket) {
  if (const int status = StartLoop()) return status;
  const HANDLE handle = reinterpret_cast<HANDLE>(socket);
  return CreateIoCompletionPort(handle, port, kSocketKey, 0) != nullptr
             ? 0
             : WSAENOBUFS;
}

void StopLoop() {
  HANDLE ending;
  {
    Locked locked;
    if (port == nullptr) return;
    PostQueuedCompletionStatus(port, 0, kStopKey, nullptr);
    ending = thread;
  }
  WaitForSingleObject(ending, INFINITE);
  Locked locked;
  CloseHandle(thread);
  CloseHandle(port);
  thread = nullptr;
  port = nullptr;
}

}  // namespace goodbyte::provider
