// Longer than other files: a function for each call from JavaScript.

#include "platform/winsock.h"

#include <cstdint>
#include <cstring>
#include <string>

#include "engine/address.h"
#include "win/crash.h"
#include "win/winsock/catalog.h"
#include "win/winsock/host.h"
#include "win/winsock/offer.h"
#include "win/winsock/provider.h"
#include "win/winsock/socket.h"
#include "win/winsock/values.h"

// As in engine/bindings.cc, arguments were validated in TypeScript
// (src/native.ts has their types). Where a call returns a status, 0 is success
// and WSAE* numbers are failures; where it returns another number, a failure is
// negative. A call for a closed id fails with WSAENOTSOCK.

namespace goodbyte {

namespace {

using winsock::Catalog;
using winsock::FailureOf;
using winsock::Host;
using winsock::Provider;
using winsock::Room;
using winsock::Socket;
using Info = Napi::CallbackInfo;

Host* HostOf(const Info& info) { return static_cast<Host*>(info.Data()); }

int32_t Int(const Info& info, size_t index) {
  return info[index].As<Napi::Number>().Int32Value();
}

std::string TextArgument(const Info& info, size_t index) {
  return info[index].As<Napi::String>().Utf8Value();
}

Napi::Value Number(const Info& info, double number) {
  return Napi::Number::New(info.Env(), number);
}

// A call of the socket that the first argument names: `call` gets it and a place
// for an error, and its result is SOCKET_ERROR, or the value to return.
template <typename Call>
int Result(const Info& info, Call call) {
  Socket* socket = HostOf(info)->socket(Int(info, 0));
  if (socket == nullptr) return -WSAENOTSOCK;
  int error = 0;
  const int result = call(socket, &error);
  return result == SOCKET_ERROR ? -FailureOf(error) : result;
}

// The same for a call that succeeds or fails.
template <typename Call>
Napi::Value Status(const Info& info, Call call) {
  return Number(info, -Result(info, call));
}

struct Name {
  sockaddr_storage storage;
  int length;
};

// From two arguments: address and port. False: not a numeric address.
bool NameOf(const Info& info, size_t index, Name* name) {
  if (!Parse(TextArgument(info, index).c_str(), Int(info, index + 1),
             &name->storage)) {
    return false;
  }
  name->length = name->storage.ss_family == AF_INET6 ? sizeof(sockaddr_in6)
                                                     : sizeof(sockaddr_in);
  return true;
}

const sockaddr* Pointer(const Name& name) {
  return reinterpret_cast<const sockaddr*>(&name.storage);
}

// -- the environment ----------------------------------------------------------

Napi::Value Start(const Info& info) {
  Napi::Uint8Array events = info[0].As<Napi::Uint8Array>();
  HostOf(info)->Start(
      reinterpret_cast<winsock::NetworkEvents*>(events.Data()),
      events.ByteLength() / sizeof(winsock::NetworkEvents),
      info[1].As<Napi::Function>());
  return info.Env().Undefined();
}

Napi::Value CountOpen(const Info& info) {
  return Number(info, static_cast<double>(HostOf(info)->open()));
}

// Counts the process's handles: events, threads, files, sockets. Wine 8 does not
// count them, but assigns the lowest free number: a new handle shows their
// approximate count.
Napi::Value CountHandles(const Info& info) {
  DWORD handles = 0;
  if (!GetProcessHandleCount(GetCurrentProcess(), &handles) || handles == 0) {
    const HANDLE lowest = CreateEventW(nullptr, TRUE, FALSE, nullptr);
    handles = static_cast<DWORD>(reinterpret_cast<uintptr_t>(lowest) / 4);
    if (lowest != nullptr) CloseHandle(lowest);
  }
  return Number(info, handles);
}

template <void (Host::*call)()>
Napi::Value CallHost(const Info& info) {
  (HostOf(info)->*call)();
  return info.Env().Undefined();
}

// -- providers ----------------------------------------------------------------

// An array of the catalog's entries, or an error.
Napi::Value ReadCatalog(const Info& info) {
  Catalog catalog;
  const int error = catalog.Read();
  if (error != 0) return Number(info, error);
  Napi::Array entries = Napi::Array::New(info.Env());
  for (int at = 0; at < catalog.count(); at++) {
    entries.Set(static_cast<uint32_t>(at),
                winsock::ProtocolValue(info.Env(), catalog[at]));
  }
  return entries;
}

Napi::Value Added(const Info& info, Provider* provider, int error,
                  DWORD system_error) {
  const int32_t number =
      provider == nullptr ? -error : HostOf(info)->Add(provider);
  Napi::Array result = Napi::Array::New(info.Env(), 2);
  result.Set(0u, Number(info, provider != nullptr && number < 0 ? -WSAENOBUFS
                                                                : number));
  result.Set(1u, Number(info, system_error));
  return result;
}

// id of an entry; returns [number of the provider or -error, 0]
Napi::Value UseCatalog(const Info& info) {
  int error = 0;
  Provider* provider =
      Provider::OfCatalog(info[0].As<Napi::Number>().Uint32Value(), &error);
  return Added(info, provider, error, 0);
}

// absolute path, family, type, protocol; [number or -error, Windows's error]
Napi::Value UseLibrary(const Info& info) {
  const std::u16string path = info[0].As<Napi::String>().Utf16Value();
  int error = 0;
  DWORD system_error = 0;
  Provider* provider = Provider::OfLibrary(
      reinterpret_cast<const wchar_t*>(path.c_str()), Int(info, 1),
      Int(info, 2), Int(info, 3), &error, &system_error);
  return Added(info, provider, error, system_error);
}

// number; its entry of the catalog, or its sockets' own description
Napi::Value Describe(const Info& info) {
  const Provider* provider = HostOf(info)->provider(Int(info, 0));
  return provider == nullptr
             ? info.Env().Undefined()
             : winsock::ProtocolValue(info.Env(), provider->info());
}

// -- sockets ------------------------------------------------------------------

Napi::Value Created(const Info& info, Provider* provider, SOCKET handle,
                    long mask) {
  int error = 0;
  const Socket* socket =
      Socket::Create(HostOf(info), provider, handle, mask, &error);
  return Number(info, socket == nullptr ? -FailureOf(error) : socket->id());
}

// number of a provider, network events; id or -error
Napi::Value Open(const Info& info) {
  Provider* provider = HostOf(info)->provider(Int(info, 0));
  if (provider == nullptr) return Number(info, -WSAEPROTONOSUPPORT);
  int error = 0;
  const SOCKET handle = provider->Open(&error);
  if (handle == INVALID_SOCKET) return Number(info, -error);
  return Created(info, provider, handle, Int(info, 1));
}

Napi::Value Close(const Info& info) {
  delete HostOf(info)->socket(Int(info, 0));
  return info.Env().Undefined();
}

// id, address, port
Napi::Value Bind(const Info& info) {
  Name name;
  if (!NameOf(info, 1, &name)) return Number(info, WSAEADDRNOTAVAIL);
  return Status(info, [&](Socket* socket, int* error) {
    return socket->calls().lpWSPBind(socket->handle(), Pointer(name),
                                     name.length, error);
  });
}

// id, backlog
Napi::Value Listen(const Info& info) {
  return Status(info, [&](Socket* socket, int* error) {
    return socket->calls().lpWSPListen(socket->handle(), Int(info, 1), error);
  });
}

// id, address, port, caller data, octets of callee data, QOS
Napi::Value Connect(const Info& info) {
  Name name;
  if (!NameOf(info, 1, &name)) return Number(info, WSAEADDRNOTAVAIL);
  Socket* socket = HostOf(info)->socket(Int(info, 0));
  if (socket == nullptr) return Number(info, WSAENOTSOCK);
  WSABUF caller_data = winsock::BufferOf(info[3]);
  QOS sqos;
  const bool has_sqos = winsock::QosOf(info[5], &sqos);
  return Number(info, socket->Connect(Pointer(name), name.length,
                                      caller_data.len > 0 ? &caller_data
                                                          : nullptr,
                                      static_cast<size_t>(Int(info, 4)),
                                      has_sqos ? &sqos : nullptr));
}

// A buffer that a provider filled: [octets or `undefined`, the provider's
// `len`].
Napi::Value RoomValue(const Info& info, const Room& room, bool declared) {
  Napi::Array value = Napi::Array::New(info.Env(), 2);
  value.Set(0u, winsock::OctetsValue(info.Env(), room.octets(),
                                     room.LengthBy(declared)));
  value.Set(1u, Number(info, room.reported()));
  return value;
}

Napi::Value CalleeData(const Info& info) {
  const Socket* socket = HostOf(info)->socket(Int(info, 0));
  if (socket == nullptr) return RoomValue(info, Room(), false);
  // After a failed connect a provider may have left the buffer unchanged.
  return RoomValue(info, socket->callee_data(),
                   socket->connected() &&
                       socket->provider()->Declares(XP1_CONNECT_DATA));
}

Napi::Value Qos(const Info& info) {
  const Socket* socket = HostOf(info)->socket(Int(info, 0));
  return socket == nullptr ? info.Env().Undefined()
                           : winsock::QosValue(info.Env(), socket->sqos());
}

// id, network events, decide; id of the accepted socket, or -error
Napi::Value Accept(const Info& info) {
  Socket* listener = HostOf(info)->socket(Int(info, 0));
  if (listener == nullptr) return Number(info, -WSAENOTSOCK);
  Provider* provider = listener->provider();
  winsock::Offer offer(listener, info[2].As<Napi::Function>());
  int error = 0;
  const SOCKET accepted = offer.Make(&error);
  // An exception is pending: no value is returned.
  if (info.Env().IsExceptionPending()) return Napi::Value();
  if (accepted == INVALID_SOCKET) return Number(info, -error);
  return Created(info, provider, accepted, Int(info, 1));
}

// id, pieces; octets that were taken, or -error
Napi::Value Send(const Info& info) {
  constexpr uint32_t kMostPieces = 64;
  WSABUF pieces[kMostPieces];
  const Napi::Array given = info[1].As<Napi::Array>();
  const uint32_t count = given.Length() < kMostPieces ? given.Length()
                                                      : kMostPieces;
  for (uint32_t at = 0; at < count; at++) {
    pieces[at] = winsock::BufferOf(given.Get(at));
  }
  return Number(info, Result(info, [&](Socket* socket, int* error) {
    DWORD sent = 0;
    const int result =
        socket->calls().lpWSPSend(socket->handle(), pieces, count, &sent, 0,
                                  nullptr, nullptr, nullptr, error);
    return result == 0 ? static_cast<int>(sent) : SOCKET_ERROR;
  }));
}

// id, room, numbers that take the flags; octets, or -error
Napi::Value Receive(const Info& info) {
  WSABUF room = winsock::BufferOf(info[1]);
  Napi::Uint32Array flags_value = info[2].As<Napi::Uint32Array>();
  return Number(info, Result(info, [&](Socket* socket, int* error) {
    DWORD received = 0;
    DWORD flags = 0;
    const int result =
        socket->calls().lpWSPRecv(socket->handle(), &room, 1, &received,
                                  &flags, nullptr, nullptr, nullptr, error);
    flags_value.Data()[0] = flags;
    return result == 0 ? static_cast<int>(received) : SOCKET_ERROR;
  }));
}

// id, data; `undefined`: a NULL pointer
Napi::Value SendDisconnect(const Info& info) {
  WSABUF data = winsock::BufferOf(info[1]);
  const bool has_data = info[1].IsTypedArray();
  return Status(info, [&](Socket* socket, int* error) {
    return socket->calls().lpWSPSendDisconnect(
        socket->handle(), has_data ? &data : nullptr, error);
  });
}

// id, capacity, or -1 for a NULL pointer; [octets, `len`] or an error's number
Napi::Value ReceiveDisconnect(const Info& info) {
  const int capacity = Int(info, 1);
  Room room;
  if (capacity >= 0 && !room.Reserve(static_cast<size_t>(capacity))) {
    return Number(info, WSAENOBUFS);
  }
  bool declared = false;
  const int result = Result(info, [&](Socket* socket, int* error) {
    declared = socket->provider()->Declares(XP1_DISCONNECT_DATA);
    return socket->calls().lpWSPRecvDisconnect(
        socket->handle(), capacity >= 0 ? room.buffer() : nullptr, error);
  });
  return result != 0 ? Number(info, -result) : RoomValue(info, room, declared);
}

// id, how
Napi::Value Shutdown(const Info& info) {
  return Status(info, [&](Socket* socket, int* error) {
    return socket->calls().lpWSPShutdown(socket->handle(), Int(info, 1), error);
  });
}

// id, level, name, octets
Napi::Value SetOption(const Info& info) {
  const WSABUF value = winsock::BufferOf(info[3]);
  return Status(info, [&](Socket* socket, int* error) {
    return socket->calls().lpWSPSetSockOpt(
        socket->handle(), Int(info, 1), Int(info, 2), value.buf,
        static_cast<int>(value.len), error);
  });
}

// id, level, name, room; octets, or -error
Napi::Value GetOption(const Info& info) {
  const WSABUF room = winsock::BufferOf(info[3]);
  return Number(info, Result(info, [&](Socket* socket, int* error) {
    int length = static_cast<int>(room.len);
    const int result =
        socket->calls().lpWSPGetSockOpt(socket->handle(), Int(info, 1),
                                        Int(info, 2), room.buf, &length, error);
    return result == 0 ? length : SOCKET_ERROR;
  }));
}

template <typename Call>
Napi::Value NameFrom(const Info& info, Call call) {
  Name name = {};
  name.length = sizeof name.storage;
  const int result = Result(info, [&](Socket* socket, int* error) {
    return call(socket, reinterpret_cast<sockaddr*>(&name.storage),
                &name.length, error);
  });
  return result != 0 ? info.Env().Undefined()
                     : winsock::NameValue(info.Env(), &name.storage,
                                          static_cast<size_t>(name.length));
}

Napi::Value LocalName(const Info& info) {
  return NameFrom(info, [](Socket* socket, sockaddr* name, int* length,
                           int* error) {
    return socket->calls().lpWSPGetSockName(socket->handle(), name, length,
                                            error);
  });
}

Napi::Value PeerName(const Info& info) {
  return NameFrom(info, [](Socket* socket, sockaddr* name, int* length,
                           int* error) {
    return socket->calls().lpWSPGetPeerName(socket->handle(), name, length,
                                            error);
  });
}

// The functions of this environment's Winsock, or an error's number. Once in
// an environment.
Napi::Value OpenWinsock(const Info& info) {
  int error = 0;
  Host* host = Host::Create(info.Env(), &error);
  if (host == nullptr) return Number(info, error);
  TellOfCrashes();
  Napi::Object functions = Napi::Object::New(info.Env());
#define GOODBYTE_EXPORT(name, function) \
  functions.Set(name, Napi::Function::New<function>(info.Env(), name, host))
  GOODBYTE_EXPORT("start", Start);
  GOODBYTE_EXPORT("countOpen", CountOpen);
  GOODBYTE_EXPORT("countHandles", CountHandles);
  GOODBYTE_EXPORT("ref", CallHost<&Host::Ref>);
  GOODBYTE_EXPORT("unref", CallHost<&Host::Unref>);
  GOODBYTE_EXPORT("catalog", ReadCatalog);
  GOODBYTE_EXPORT("useCatalog", UseCatalog);
  GOODBYTE_EXPORT("useLibrary", UseLibrary);
  GOODBYTE_EXPORT("describe", Describe);
  GOODBYTE_EXPORT("open", Open);
  GOODBYTE_EXPORT("close", Close);
  GOODBYTE_EXPORT("bind", Bind);
  GOODBYTE_EXPORT("listen", Listen);
  GOODBYTE_EXPORT("connect", Connect);
  GOODBYTE_EXPORT("calleeData", CalleeData);
  GOODBYTE_EXPORT("qos", Qos);
  GOODBYTE_EXPORT("accept", Accept);
  GOODBYTE_EXPORT("send", Send);
  GOODBYTE_EXPORT("receive", Receive);
  GOODBYTE_EXPORT("sendDisconnect", SendDisconnect);
  GOODBYTE_EXPORT("receiveDisconnect", ReceiveDisconnect);
  GOODBYTE_EXPORT("shutdown", Shutdown);
  GOODBYTE_EXPORT("setOption", SetOption);
  GOODBYTE_EXPORT("getOption", GetOption);
  GOODBYTE_EXPORT("localName", LocalName);
  GOODBYTE_EXPORT("peerName", PeerName);
#undef GOODBYTE_EXPORT
  return functions;
}

}  // namespace

void ExportWinsock(Napi::Env env, Napi::Object exports) {
  exports.Set("openWinsock",
              Napi::Function::New<OpenWinsock>(env, "openWinsock"));
}

}  // namespace goodbyte
