// The one lock. It guards all state of the provider: sockets, connections,
// requests, timers. It is held for short times only: never while an
// application's condition function runs, nor while the worker waits.
#ifndef GOODBYTE_REFERENCE_PROVIDER_IO_LOCK_H_
#define GOODBYTE_REFERENCE_PROVIDER_IO_LOCK_H_

#include <winsock2.h>
#include <windows.h>

namespace goodbyte::provider {

namespace internal {
inline SRWLOCK lock = SRWLOCK_INIT;
inline CONDITION_VARIABLE changed = CONDITION_VARIABLE_INIT;
}  // namespace internal

class Locked {
 public:
  Locked() { AcquireSRWLockExclusive(&internal::lock); }
  ~Locked() { ReleaseSRWLockExclusive(&internal::lock); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

  // Releases the lock until something has changed, or the time is over: the
  // caller has to check its condition again.
  void Wait(DWORD milliseconds = INFINITE) {
    SleepConditionVariableSRW(&internal::changed, &internal::lock, milliseconds,
                              0);
  }
};

// Releases the lock for a while, around code that may call back into the
// provider.
class Unlocked {
 public:
  Unlocked() { ReleaseSRWLockExclusive(&internal::lock); }
  ~Unlocked() { AcquireSRWLockExclusive(&internal::lock); }
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;
};

// Wakes the calls that block. The worker does so after each action; a call does
// so if another one may wait for its effect.
inline void Changed() { WakeAllConditionVariable(&internal::changed); }

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_IO_LOCK_H_
