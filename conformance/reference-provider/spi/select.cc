#include "spi/select.h"

#include <vector>

#include "spi/call.h"

namespace goodbyte::provider {

namespace {

using Condition = bool (Socket::*)() const;

// One of the three sets: its condition and its sockets.
struct Watch {
  fd_set* set;
  Condition condition;
  std::vector<SOCKET> handles;
  std::vector<Ref<Socket>> sockets;
};

// Leaves the ready sockets in the sets, and returns their number.
int TakeReady(Watch (&watches)[3]) {
  int ready = 0;
  for (const Watch& watch : watches) {
    if (watch.set == nullptr) continue;
    FD_ZERO(watch.set);
    for (size_t i = 0; i < watch.sockets.size(); i++) {
      if (!(watch.sockets[i].get()->*watch.condition)()) continue;
      watch.set->fd_array[watch.set->fd_count++] = watch.handles[i];
      ready++;
    }
  }
  return ready;
}

}  // namespace

int WSPAPI Select(int, fd_set* reading, fd_set* writing, fd_set* except,
                  const timeval* time, LPINT error) {
  Watch watches[3] = {{reading, &Socket::readable, {}, {}},
                      {writing, &Socket::writable, {}, {}},
                      {except, &Socket::exceptional, {}, {}}};
  const ULONGLONG began = GetTickCount64();
  const ULONGLONG most =
      time == nullptr ? 0 : time->tv_sec * 1000ULL + time->tv_usec / 1000;

  Locked locked;
  if (!started()) return Result(WSANOTINITIALISED, error);
  const auto query = upcalls().lpWPUQuerySocketHandleContext;
  bool nothing = true;
  int status = 0;
  for (Watch& watch : watches) {
    if (watch.set == nullptr) continue;
    for (u_int i = 0; i < watch.set->fd_count && status == 0; i++) {
      const SOCKET handle = watch.set->fd_array[i];
      DWORD_PTR context = 0;
      {
        Unlocked unlocked;
        int ignored = 0;
        query(handle, &context, &ignored);
      }
      Ref<Socket> socket = Socket::Find(context);
      if (!socket) status = WSAENOTSOCK;
      nothing = false;
      watch.handles.push_back(handle);
      watch.sockets.push_back(std::move(socket));
    }
  }
  if (status == 0 && nothing) status = WSAEINVAL;
  int ready = 0;
  while (status == 0) {
    ready = TakeReady(watches);
    const ULONGLONG passed = GetTickCount64() - began;
    if (ready > 0 || (time != nullptr && passed >= most)) break;
    locked.Wait(time == nullptr ? INFINITE : static_cast<DWORD>(most - passed));
  }
  // Released under the lock.
  for (Watch& watch : watches) watch.sockets.clear();
  return status == 0 ? ready : Result(status, error);
}

}  // namespace goodbyte::provider
