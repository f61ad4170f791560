// The worker: one thread, with a completion port, for all I/O and all clocks
// of the process. It starts with the first socket of TCP and ends with the
// last WSPCleanup. What it calls runs under the lock.
#ifndef GOODBYTE_REFERENCE_PROVIDER_IO_LOOP_H_
#define GOODBYTE_REFERENCE_PROVIDER_IO_LOOP_H_

#include <winsock2.h>
#include <windows.h>

namespace goodbyte::provider {

class Operation;

class OperationOwner {
 public:
  // `status`: 0, or a number of Winsock's.
  virtual void OnDone(Operation* operation, int status, DWORD octets) = 0;

 protected:
  ~OperationOwner() = default;
};

// An operation that the system carries out. While it is pending its owner has
// to keep it, and the buffers that it was given.
class Operation : public OVERLAPPED {
 public:
  explicit Operation(OperationOwner* owner) : OVERLAPPED{}, owner_(owner) {}

  // To hand to the system, once for each time.
  OVERLAPPED* Begin() {
    *static_cast<OVERLAPPED*>(this) = OVERLAPPED{};
    pending_ = true;
    return this;
  }
  // The system has not taken it.
  void Undo() { pending_ = false; }
  bool pending() const { return pending_; }

  void Finish(int status, DWORD octets) {
    pending_ = false;
    owner_->OnDone(this, status, octets);
  }

 private:
  OperationOwner* owner_;
  bool pending_ = false;
};

class Timer;

class TimerOwner {
 public:
  virtual void OnTimer(Timer* timer) = 0;

 protected:
  ~TimerOwner() = default;
};

class Timer {
 public:
  explicit Timer(TimerOwner* owner) : owner_(owner) {}
  ~Timer() { Stop(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void Start(ULONGLONG milliseconds);
  void Stop();

 private:
  friend DWORD FireTimers();

  TimerOwner* owner_;
  bool running_ = false;
  ULONGLONG due_ = 0;
  Timer* previous_ = nullptr;
  Timer* next_ = nullptr;
};

// Registers a socket with the worker. Returns a number of Winsock's.
int Attach(SOCKET socket);

// Ends the worker, without the lock, once there is nothing left for it to do.
void StopLoop();

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_IO_LOOP_H_
