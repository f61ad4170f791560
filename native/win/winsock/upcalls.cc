#include "win/winsock/upcalls.h"

#include <windows.h>

#include <cstdint>
#include <cstdlib>

namespace goodbyte::winsock {

namespace {

// A provider's sockets: the application knows the handle, the provider the
// context. Freed by WPUCloseSocketHandle; an entry that a provider forgets
// lasts as long as the process.
struct Handle {
  DWORD_PTR context;
  bool open;
};

SRWLOCK lock = SRWLOCK_INIT;
Handle* handles = nullptr;
size_t capacity = 0;
size_t next = 0;

// Handles of the system are multiples of four; these are not, so that one can
// never be taken for the other.
constexpr SOCKET kMark = 3;
SOCKET ValueOf(size_t index) { return (index + 1) * 4 + kMark; }

Handle* Find(SOCKET s) {
  if ((s & 3) != kMark) return nullptr;
  const size_t index = s / 4 - 1;
  return index < capacity && handles[index].open ? &handles[index] : nullptr;
}

// The lowest number is not reused at once: a late call for a closed socket
// fails, and does not hit another one.
bool Claim(size_t* index) {
  for (size_t tried = 0; tried < capacity; tried++, next++) {
    if (next >= capacity) next = 0;
    if (!handles[next].open) {
      *index = next++;
      return true;
    }
  }
  const size_t grown = capacity == 0 ? 256 : 2 * capacity;
  void* moved = std::realloc(handles, grown * sizeof(Handle));
  if (moved == nullptr) return false;
  handles = static_cast<Handle*>(moved);
  for (size_t at = capacity; at < grown; at++) handles[at] = {0, false};
  *index = capacity;
  next = capacity + 1;
  capacity = grown;
  return true;
}

SOCKET WSPAPI CreateSocketHandle(DWORD, DWORD_PTR context, LPINT error) {
  AcquireSRWLockExclusive(&lock);
  size_t index = 0;
  const bool claimed = Claim(&index);
  if (claimed) handles[index] = {context, true};
  ReleaseSRWLockExclusive(&lock);
  if (claimed) return ValueOf(index);
  *error = WSAENOBUFS;
  return INVALID_SOCKET;
}

int WSPAPI CloseSocketHandle(SOCKET s, LPINT error) {
  AcquireSRWLockExclusive(&lock);
  Handle* found = Find(s);
  if (found != nullptr) found->open = false;
  ReleaseSRWLockExclusive(&lock);
  if (found != nullptr) return 0;
  *error = WSAENOTSOCK;
  return SOCKET_ERROR;
}

int WSPAPI QuerySocketHandleContext(SOCKET s, PDWORD_PTR context, LPINT error) {
  AcquireSRWLockShared(&lock);
  const Handle* found = Find(s);
  if (found != nullptr) *context = found->context;
  ReleaseSRWLockShared(&lock);
  if (found != nullptr) return 0;
  *error = WSAENOTSOCK;
  return SOCKET_ERROR;
}

// A system handle is unchanged: only this provider knows about it here.
SOCKET WSPAPI ModifyIFSHandle(DWORD, SOCKET proposed, LPINT) {
  return proposed;
}

template <typename Call>
BOOL ReportedBool(Call call, LPINT error) {
  const BOOL done = call();
  if (!done) *error = WSA_INVALID_HANDLE;
  return done;
}

WSAEVENT WSPAPI CreateTheEvent(LPINT error) {
  const WSAEVENT event = WSACreateEvent();
  if (event == WSA_INVALID_EVENT) *error = WSAGetLastError();
  return event;
}

BOOL WSPAPI CloseTheEvent(WSAEVENT event, LPINT error) {
  return ReportedBool([=] { return WSACloseEvent(event); }, error);
}

BOOL WSPAPI SetTheEvent(WSAEVENT event, LPINT error) {
  return ReportedBool([=] { return WSASetEvent(event); }, error);
}

BOOL WSPAPI ResetTheEvent(WSAEVENT event, LPINT error) {
  return ReportedBool([=] { return WSAResetEvent(event); }, error);
}

int WSPAPI FDIsSet(SOCKET s, fd_set* set) {
  for (u_int at = 0; at < set->fd_count; at++) {
    if (set->fd_array[at] == s) return 1;
  }
  return 0;
}

int WSPAPI GetProviderPath(LPGUID id, WCHAR* path, LPINT length, LPINT error) {
  return WSCGetProviderPath(id, path, length, error);
}

BOOL WSPAPI PostTheMessage(HWND window, UINT message, WPARAM w, LPARAM l) {
  return PostMessageW(window, message, w, l);
}

// Blocking hooks do not exist, as for every Winsock 2 application.
int WSPAPI QueryBlockingCallback(DWORD, LPBLOCKINGCALLBACK* callback,
                                 PDWORD_PTR context, LPINT) {
  *callback = nullptr;
  *context = 0;
  return 0;
}

struct Apc {
  LPWSAUSERAPC function;
  DWORD_PTR context;
};

void CALLBACK RunApc(ULONG_PTR queued) {
  const Apc apc = *reinterpret_cast<Apc*>(queued);
  std::free(reinterpret_cast<void*>(queued));
  apc.function(apc.context);
}

int WSPAPI QueueApc(LPWSATHREADID thread, LPWSAUSERAPC function,
                    DWORD_PTR context, LPINT error) {
  // Owned by the queue; RunApc frees it on the other thread.
  Apc* apc = static_cast<Apc*>(std::malloc(sizeof(Apc)));
  if (apc != nullptr) {
    *apc = {function, context};
    if (QueueUserAPC(RunApc, thread->ThreadHandle,
                     reinterpret_cast<ULONG_PTR>(apc)) != 0) {
      return 0;
    }
    std::free(apc);
  }
  *error = WSAENOBUFS;
  return SOCKET_ERROR;
}

int WSPAPI OpenCurrentThread(LPWSATHREADID thread, LPINT error) {
  if (DuplicateHandle(GetCurrentProcess(), GetCurrentThread(),
                      GetCurrentProcess(), &thread->ThreadHandle, 0, FALSE,
                      DUPLICATE_SAME_ACCESS)) {
    thread->Reserved = 0;
    return 0;
  }
  *error = WSASYSCALLFAILURE;
  return SOCKET_ERROR;
}

int WSPAPI CloseThread(LPWSATHREADID thread, LPINT error) {
  if (CloseHandle(thread->ThreadHandle)) return 0;
  *error = WSA_INVALID_HANDLE;
  return SOCKET_ERROR;
}

}  // namespace

WSPUPCALLTABLE Upcalls() {
  WSPUPCALLTABLE table = {};
  table.lpWPUCloseEvent = CloseTheEvent;
  table.lpWPUCloseSocketHandle = CloseSocketHandle;
  table.lpWPUCreateEvent = CreateTheEvent;
  table.lpWPUCreateSocketHandle = CreateSocketHandle;
  table.lpWPUFDIsSet = FDIsSet;
  table.lpWPUGetProviderPath = GetProviderPath;
  table.lpWPUModifyIFSHandle = ModifyIFSHandle;
  table.lpWPUPostMessage = PostTheMessage;
  table.lpWPUQueryBlockingCallback = QueryBlockingCallback;
  table.lpWPUQuerySocketHandleContext = QuerySocketHandleContext;
  table.lpWPUQueueApc = QueueApc;
  table.lpWPUResetEvent = ResetTheEvent;
  table.lpWPUSetEvent = SetTheEvent;
  table.lpWPUOpenCurrentThread = OpenCurrentThread;
  table.lpWPUCloseThread = CloseThread;
  return table;
}

}  // namespace goodbyte::winsock
