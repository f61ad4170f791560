#include "spi/entries.h"

#include "spi/call.h"
#include "spi/catalog.h"
#include "spi/select.h"
#include "spi/startup.h"

namespace goodbyte::provider {

namespace {

SOCKET WSPAPI OpenSocket(int family, int type, int protocol,
                         LPWSAPROTOCOL_INFOW wanted, GROUP, DWORD,
                         LPINT error) {
  Locked locked;
  int status = started() ? 0 : WSANOTINITIALISED;
  const WSAPROTOCOL_INFOW* entry = nullptr;
  // FROM_PROTOCOL_INFO, and 0, mean the entry's value.
  const auto of = [](int given, int in_entry) {
    return given == FROM_PROTOCOL_INFO || given == 0 ? in_entry : given;
  };
  if (wanted != nullptr) {
    family = of(family, wanted->iAddressFamily);
    type = of(type, wanted->iSocketType);
    protocol = of(protocol, wanted->iProtocol);
  }
  if (status == 0) entry = FindEntry(family, type, protocol, &status);
  Ref<Socket> socket;
  if (entry != nullptr) {
    WSAPROTOCOL_INFOW info = *entry;
    // The number that the host knows it by.
    if (wanted != nullptr && wanted->dwCatalogEntryId != 0) {
      info.dwCatalogEntryId = wanted->dwCatalogEntryId;
    }
    socket = Socket::Create(info, &status);
  }
  Result(status, error);
  return socket ? socket->handle() : INVALID_SOCKET;
}

int WSPAPI CloseSocket(SOCKET handle, LPINT error) {
  LPWPUCLOSESOCKETHANDLE close_handle;
  {
    SocketCall call(handle);
    if (call.status() != 0) return Result(call.status(), error);
    call->Close();
    close_handle = upcalls().lpWPUCloseSocketHandle;
  }
  int status = 0;
  return close_handle(handle, &status) == 0 ? 0 : Result(status, error);
}

int WSPAPI Bind(SOCKET handle, const sockaddr* name, int length, LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  return Result(status != 0 ? status : call->Bind(name, length), error);
}

int WSPAPI Listen(SOCKET handle, int backlog, LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  return Result(status != 0 ? status : call->Listen(backlog), error);
}

int WSPAPI Connect(SOCKET handle, const sockaddr* name, int length,
                   LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                   LPINT error) {
  SocketCall call(handle);
  int status = call.status();
  if (status == 0) {
    status = call->Connect(call.locked(), name, length, caller, callee, sqos,
                           gqos);
  }
  return Result(status, error);
}

SOCKET WSPAPI Accept(SOCKET handle, sockaddr* name, LPINT length,
                     LPCONDITIONPROC condition, DWORD_PTR data, LPINT error) {
  SocketCall call(handle);
  int status = call.status();
  Ref<Socket> accepted;
  if (status == 0) {
    accepted =
        call->Accept(call.locked(), name, length, condition, data, &status);
  }
  Result(status, error);
  return accepted ? accepted->handle() : INVALID_SOCKET;
}

int WSPAPI GetSockName(SOCKET handle, sockaddr* name, LPINT length,
                       LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  return Result(status != 0 ? status : call->LocalName(name, length), error);
}

int WSPAPI GetPeerName(SOCKET handle, sockaddr* name, LPINT length,
                       LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  return Result(status != 0 ? status : call->PeerName(name, length), error);
}

// -- data and the last word

int WSPAPI Send(SOCKET handle, LPWSABUF buffers, DWORD count, LPDWORD sent,
                DWORD flags, LPWSAOVERLAPPED overlapped,
                LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID,
                LPINT error) {
  SocketCall call(handle);
  int status = call.status();
  if (status == 0 && overlapped != nullptr) status = WSAEOPNOTSUPP;
  if (status == 0) {
    status = call->Send(call.locked(), buffers, count, flags, sent);
  }
  return Result(status, error);
}

int WSPAPI Recv(SOCKET handle, LPWSABUF buffers, DWORD count, LPDWORD received,
                LPDWORD flags, LPWSAOVERLAPPED overlapped,
                LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID,
                LPINT error) {
  SocketCall call(handle);
  int status = call.status();
  if (status == 0 && overlapped != nullptr) status = WSAEOPNOTSUPP;
  if (status == 0) {
    status = call->Receive(call.locked(), buffers, count, flags, received);
  }
  return Result(status, error);
}

// On a connection names are ignored ("WSASendTo function", "WSARecvFrom
// function").
int WSPAPI SendTo(SOCKET handle, LPWSABUF buffers, DWORD count, LPDWORD sent,
                  DWORD flags, const sockaddr*, int,
                  LPWSAOVERLAPPED overlapped,
                  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                  LPWSATHREADID thread, LPINT error) {
  return Send(handle, buffers, count, sent, flags, overlapped, routine, thread,
              error);
}

int WSPAPI RecvFrom(SOCKET handle, LPWSABUF buffers, DWORD count,
                    LPDWORD received, LPDWORD flags, sockaddr*, LPINT,
                    LPWSAOVERLAPPED overlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                    LPWSATHREADID thread, LPINT error) {
  return Recv(handle, buffers, count, received, flags, overlapped, routine,
              thread, error);
}

int WSPAPI SendDisconnect(SOCKET handle, LPWSABUF data, LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  return Result(status != 0 ? status : call->SendDisconnect(data), error);
}

int WSPAPI RecvDisconnect(SOCKET handle, LPWSABUF data, LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  return Result(status != 0 ? status : call->ReceiveDisconnect(data), error);
}

int WSPAPI Shutdown(SOCKET handle, int how, LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  return Result(status != 0 ? status : call->Shutdown(how), error);
}

// -- events

int WSPAPI EventSelect(SOCKET handle, WSAEVENT event, long mask, LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  return Result(status != 0 ? status : call->EventSelect(event, mask), error);
}

int WSPAPI EnumNetworkEvents(SOCKET handle, WSAEVENT event,
                             LPWSANETWORKEVENTS events, LPINT error) {
  SocketCall call(handle);
  int status = call.status();
  if (status == 0 && events == nullptr) status = WSAEFAULT;
  if (status != 0) return Result(status, error);
  // With the lock held: nothing can be recorded in between and go unnoticed.
  if (event != nullptr) upcalls().lpWPUResetEvent(event, &status);
  call->TakeEvents(events);
  return 0;
}

// -- options

int WSPAPI GetSockOpt(SOCKET handle, int level, int name, char* value,
                      LPINT length, LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  return Result(status != 0 ? status
                            : call->GetOption(level, name, value, length),
                error);
}

int WSPAPI SetSockOpt(SOCKET handle, int level, int name, const char* value,
                      int length, LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  return Result(status != 0 ? status
                            : call->SetOption(level, name, value, length),
                error);
}

int WSPAPI Ioctl(SOCKET handle, DWORD code, LPVOID in, DWORD in_length,
                 LPVOID out, DWORD out_length, LPDWORD returned,
                 LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE,
                 LPWSATHREADID, LPINT error) {
  SocketCall call(handle);
  int status = call.status();
  if (status == 0 && overlapped != nullptr) status = WSAEOPNOTSUPP;
  if (status != 0) return Result(status, error);
  if (returned != nullptr) *returned = 0;
  switch (code) {
    case FIONBIO:
      if (in == nullptr || in_length < sizeof(u_long)) break;
      return Result(call->SetBlocking(*static_cast<u_long*>(in) == 0), error);
    case FIONREAD:
      if (out == nullptr || out_length < sizeof(u_long)) break;
      *static_cast<u_long*>(out) = call->receivable();
      if (returned != nullptr) *returned = sizeof(u_long);
      return 0;
    default:
      return Result(WSAEOPNOTSUPP, error);
  }
  return Result(WSAEFAULT, error);
}

// -- of the two families, as the system writes them

int WSPAPI AddressToString(LPSOCKADDR address, DWORD length,
                           LPWSAPROTOCOL_INFOW, LPWSTR text, LPDWORD room,
                           LPINT error) {
  const int failed =
      WSAAddressToStringW(address, length, nullptr, text, room);
  return failed == 0 ? 0 : Result(WSAGetLastError(), error);
}

int WSPAPI StringToAddress(LPWSTR text, int family, LPWSAPROTOCOL_INFOW,
                           LPSOCKADDR address, LPINT length, LPINT error) {
  const int failed =
      WSAStringToAddressW(text, family, nullptr, address, length);
  return failed == 0 ? 0 : Result(WSAGetLastError(), error);
}

// -- not implemented

int WSPAPI AsyncSelect(SOCKET handle, HWND, unsigned, long, LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  return Result(status != 0 ? status : WSAEOPNOTSUPP, error);
}

int WSPAPI CancelBlockingCall(LPINT error) {
  return Result(WSAEOPNOTSUPP, error);
}

int WSPAPI DuplicateSocket(SOCKET handle, DWORD, LPWSAPROTOCOL_INFOW,
                           LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  return Result(status != 0 ? status : WSAEOPNOTSUPP, error);
}

BOOL WSPAPI GetOverlappedResult(SOCKET handle, LPWSAOVERLAPPED, LPDWORD, BOOL,
                                LPDWORD, LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  Result(status != 0 ? status : WSAEOPNOTSUPP, error);
  return FALSE;
}

BOOL WSPAPI GetQosByName(SOCKET handle, LPWSABUF, LPQOS, LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  Result(status != 0 ? status : WSAEOPNOTSUPP, error);
  return FALSE;
}

SOCKET WSPAPI JoinLeaf(SOCKET handle, const sockaddr*, int, LPWSABUF, LPWSABUF,
                       LPQOS, LPQOS, DWORD, LPINT error) {
  SocketCall call(handle);
  const int status = call.status();
  Result(status != 0 ? status : WSAEOPNOTSUPP, error);
  return INVALID_SOCKET;
}

}  // namespace

void FillProcTable(WSPPROC_TABLE* table) {
  *table = {
      Accept,           AddressToString, AsyncSelect,
      Bind,             CancelBlockingCall, Cleanup,
      CloseSocket,      Connect,         DuplicateSocket,
      EnumNetworkEvents, EventSelect,    GetOverlappedResult,
      GetPeerName,      GetSockName,     GetSockOpt,
      GetQosByName,     Ioctl,           JoinLeaf,
      Listen,           Recv,            RecvDisconnect,
      RecvFrom,         Select,          Send,
      SendDisconnect,   SendTo,          SetSockOpt,
      Shutdown,         OpenSocket,      StringToAddress,
  };
}

}  // namespace goodbyte::provider
