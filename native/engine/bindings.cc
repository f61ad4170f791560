// Longer than other files: a function for each call from JavaScript.

#include "engine/bindings.h"

#include <algorithm>
#include <functional>
#include <string>

#include "engine/address.h"
#include "engine/arguments.h"
#include "engine/engine.h"
#include "platform/peer_identity.h"
#include "platform/socket_options.h"
#include "platform/stream.h"

// src/native.ts documents arguments and results. Each function takes its
// arguments first, and does nothing if one is invalid: its result is then
// unseen, because it throws. A call for an id whose handle is gone has no
// effect.

namespace goodbyte {

namespace {

constexpr uint32_t kMostPort = 65535;

// The numbers of an address, and of the record's other uses.
constexpr size_t kRecordLength = sizeof(Address);

Napi::Value Number(const Arguments& arguments, double number) {
  return Napi::Number::New(arguments.env(), number);
}

Napi::Value Boolean(const Arguments& arguments, bool value) {
  return Napi::Boolean::New(arguments.env(), value);
}

// A function that may only be called after `start`: before, there is no shared
// memory.
template <Napi::Value (*function)(Engine*, Arguments&)>
Napi::Value Started(const Napi::CallbackInfo& info) {
  Engine* engine = static_cast<Engine*>(info.Data());
  if (!engine->started()) {
    napi_throw_error(info.Env(), nullptr, "the engine was not started");
    return {};
  }
  Arguments arguments(info);
  return function(engine, arguments);
}

// Decoding options of a connection, from the next three arguments.
ConnectionOptions OptionsOf(Arguments& arguments, framing::Role from) {
  ConnectionOptions options;
  options.decoder.from = from;
  options.decoder.control_limit = arguments.Uint();
  options.decoder.message_limit = arguments.Uint();
  options.hold_limit = arguments.Uint();
  return options;
}

// -- the environment ----------------------------------------------------------

Napi::Value Start(const Napi::CallbackInfo& info) {
  Engine* engine = static_cast<Engine*>(info.Data());
  Arguments arguments(info);
  if (engine->started()) {
    napi_throw_error(info.Env(), nullptr, "the engine was started already");
    return {};
  }
  const auto aligned = [&](size_t least, size_t alignment) {
    const OctetView view = arguments.Octets(least);
    if (reinterpret_cast<uintptr_t>(view.data) % alignment != 0) {
      arguments.Fail("aligned for the numbers in it");
    }
    return view;
  };
  const OctetView events = aligned(2 * sizeof(Event), alignof(Event));
  const OctetView outgoing = arguments.Octets(1);
  const OctetView record = aligned(kRecordLength, alignof(uint32_t));
  const Napi::Function drain = arguments.Function();
  if (arguments.failed()) return {};
  engine->Start({reinterpret_cast<Event*>(events.data),
                 events.length / sizeof(Event), outgoing.data, outgoing.length,
                 reinterpret_cast<uint32_t*>(record.data)},
                drain);
  return {};
}

Napi::Value MissingSlab(Engine* engine, Arguments& arguments) {
  return Number(arguments, engine->slabs().Missing());
}

Napi::Value SetSlab(Engine* engine, Arguments& arguments) {
  const uint32_t index = arguments.Uint();
  if (static_cast<int64_t>(index) != engine->slabs().Missing()) {
    arguments.Fail("where a slab is missing");
  }
  const OctetView slab = arguments.Octets(Slabs::kLeast);
  if (!arguments.failed()) engine->slabs().Set(index, slab.data, slab.length);
  return {};
}

// two buffers; whether the first lies behind the second in memory
Napi::Value LiesAbove(Engine*, Arguments& arguments) {
  const OctetView one = arguments.Octets(1);
  const OctetView other = arguments.Octets(1);
  if (arguments.failed()) return {};
  return Boolean(arguments,
                 std::greater<const uint8_t*>()(one.data, other.data));
}

Napi::Value Next(Engine* engine, Arguments& arguments) {
  return Number(arguments, static_cast<double>(engine->Next()));
}

// Also before `start`: nothing is open then.
Napi::Value CountOpen(const Napi::CallbackInfo& info) {
  const Engine* engine = static_cast<Engine*>(info.Data());
  return Napi::Number::New(info.Env(), static_cast<double>(engine->open()));
}

// -- setup: each returns an id, or libuv's (negative) number for an error -----

template <typename T, typename Begin>
Napi::Value Adopted(Engine* engine, const Arguments& arguments, T* handle,
                    Medium medium, Begin begin) {
  int error = 0;
  const int32_t id = engine->Adopt(handle, medium, &error);
  if (id < 0) return Number(arguments, error);
  error = begin(handle);
  if (error == 0) return Number(arguments, id);
  handle->Close();
  return Number(arguments, error);
}

// The path of a Unix socket or a named pipe: 0, or the error if it cannot be
// one.
int CheckPath(const std::string& path) {
  if (path.size() > kMostPathOctets) return UV_ENAMETOOLONG;
  // In front it makes a name of Linux's own, inside it would end the path.
  const bool has_nul = path.find('\0', 1) != std::string::npos;
  return path.empty() || (has_nul && path[0] != '\0') ? UV_EINVAL : 0;
}

// address, port, local address or '', local port, limits
Napi::Value ConnectTcp(Engine* engine, Arguments& arguments) {
  const std::string address = arguments.Text();
  const int port = static_cast<int>(arguments.Uint(kMostPort));
  const std::string local = arguments.Text();
  const int local_port = static_cast<int>(arguments.Uint(kMostPort));
  const ConnectionOptions options =
      OptionsOf(arguments, framing::Role::kCallee);
  if (arguments.failed()) return {};
  sockaddr_storage to;
  sockaddr_storage from;
  if (!Parse(address.c_str(), port, &to) ||
      (!local.empty() && !Parse(local.c_str(), local_port, &from))) {
    return Number(arguments, UV_EINVAL);
  }
  return Adopted(engine, arguments, new Connection(engine, options),
                 Medium::kTcp, [&](Connection* connection) {
                   return connection->ConnectTcp(
                       local.empty() ? nullptr : &from, to);
                 });
}

// path, limits
Napi::Value ConnectPipe(Engine* engine, Arguments& arguments) {
  const std::string path = arguments.Text();
  const ConnectionOptions options =
      OptionsOf(arguments, framing::Role::kCallee);
  if (arguments.failed()) return {};
  const int wrong = CheckPath(path);
  if (wrong != 0) return Number(arguments, wrong);
  return Adopted(engine, arguments, new Connection(engine, options),
                 Medium::kPipe, [&](Connection* connection) {
                   return connection->ConnectPipe(path.data(), path.size());
                 });
}

ConnectionOptions ListenerOptionsOf(Arguments& arguments) {
  ConnectionOptions options = OptionsOf(arguments, framing::Role::kCaller);
  options.decoder.allow_plain = arguments.Flag();
  options.decoder.hold_request = true;
  return options;
}

// address, port, backlog, IPv6 only, share the port, limits, allow plain
Napi::Value ListenTcp(Engine* engine, Arguments& arguments) {
  const std::string text = arguments.Text();
  const int port = static_cast<int>(arguments.Uint(kMostPort));
  const int backlog = arguments.Int();
  const bool ipv6_only = arguments.Flag();
  const bool reuse_port = arguments.Flag();
  const ConnectionOptions options = ListenerOptionsOf(arguments);
  if (arguments.failed()) return {};
  sockaddr_storage address;
  if (!Parse(text.c_str(), port, &address)) {
    return Number(arguments, UV_EINVAL);
  }
  const Medium at_once =
      address.ss_family == AF_INET6 ? Medium::kTcp6 : Medium::kTcp4;
  return Adopted(engine, arguments, new Listener(engine, options),
                 reuse_port ? at_once : Medium::kTcp, [&](Listener* listener) {
                   const int error =
                       listener->BindTcp(address, ipv6_only, reuse_port);
                   return error != 0 ? error : listener->Listen(backlog);
                 });
}

// path, backlog, access, limits, allow plain
Napi::Value ListenPipe(Engine* engine, Arguments& arguments) {
  const std::string path = arguments.Text();
  const int backlog = arguments.Int();
  const int access =
      static_cast<int>(arguments.Uint(UV_READABLE | UV_WRITABLE));
  const ConnectionOptions options = ListenerOptionsOf(arguments);
  if (arguments.failed()) return {};
  const int wrong = CheckPath(path);
  if (wrong != 0) return Number(arguments, wrong);
  return Adopted(engine, arguments, new Listener(engine, options),
                 Medium::kPipe, [&](Listener* listener) {
                   const int error =
                       listener->BindPipe(path.data(), path.size(), access);
                   return error != 0 ? error : listener->Listen(backlog);
                 });
}

// -- sending: each returns how many writes are under way, or -1 where nothing
//    can be written ------------------------------------------------------------

Napi::Value Writing(const Arguments& arguments, const Connection& connection) {
  return Number(arguments,
                connection.cannot_write() ? -1 : connection.writing());
}

// That many octets of the outgoing buffer.
size_t Outgoing(const Engine* engine, Arguments& arguments) {
  return arguments.Uint(
      static_cast<uint32_t>(engine->shared().outgoing_length));
}

// id, octets of the outgoing buffer
Napi::Value Write(Engine* engine, Arguments& arguments) {
  Connection* connection = engine->connection(arguments.Int());
  const size_t length = Outgoing(engine, arguments);
  if (arguments.failed()) return {};
  if (connection == nullptr) return Number(arguments, -1);
  connection->WriteCopy(engine->shared().outgoing, length);
  return Writing(arguments, *connection);
}

// id, octets of the outgoing buffer that go ahead, pieces that are kept
Napi::Value WriteKept(Engine* engine, Arguments& arguments) {
  constexpr size_t kMostPieces = 64;
  const int32_t id = arguments.Int();
  const size_t length = Outgoing(engine, arguments);
  OctetView kept[kMostPieces];
  const size_t count = arguments.OctetArrays(kept, kMostPieces);
  uv_buf_t pieces[1 + kMostPieces];
  pieces[0] =
      uv_buf_init(reinterpret_cast<char*>(engine->shared().outgoing),
                  static_cast<unsigned int>(length));
  for (size_t index = 0; index < count; index++) {
    if (kept[index].length > UINT32_MAX) {
      arguments.Fail("of pieces of less than 4 GiB");
    }
    pieces[1 + index] =
        uv_buf_init(reinterpret_cast<char*>(kept[index].data),
                    static_cast<unsigned int>(kept[index].length));
  }
  if (arguments.failed()) return {};
  Connection* connection = engine->connection(id);
  if (connection == nullptr) return Number(arguments, -1);
  connection->WriteKept(pieces, 1 + count);
  return Writing(arguments, *connection);
}

Napi::Value CountUnsent(Engine* engine, Arguments& arguments) {
  Connection* connection = engine->connection(arguments.Int());
  if (arguments.failed()) return {};
  return Number(arguments, connection == nullptr
                               ? 0
                               : static_cast<double>(connection->unsent()));
}

Napi::Value CountReceived(Engine* engine, Arguments& arguments) {
  Connection* connection = engine->connection(arguments.Int());
  if (arguments.failed()) return {};
  return Number(arguments,
                connection == nullptr ? 0 : connection->received());
}

Napi::Value CountOutstandingOf(Engine* engine, Arguments& arguments) {
  Connection* connection = engine->connection(arguments.Int());
  if (arguments.failed()) return {};
  return Number(arguments, connection == nullptr
                               ? UV_EBADF
                               : connection->outstanding());
}

// Also before `start`: the handle does not belong to the engine.
Napi::Value CountOutstandingIn(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const int descriptor = arguments.Int();
  if (arguments.failed()) return {};
  return Number(arguments, CountOutstanding(descriptor));
}

// The same.
Napi::Value IsInOrderIn(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const int descriptor = arguments.Int();
  if (arguments.failed()) return {};
  return Boolean(arguments, IsInOrder(descriptor));
}

// id, octets of the outgoing buffer; whether all is sent already, with FIN
Napi::Value WriteLast(Engine* engine, Arguments& arguments) {
  Connection* connection = engine->connection(arguments.Int());
  const size_t length = Outgoing(engine, arguments);
  if (arguments.failed()) return {};
  return Boolean(arguments,
                 connection != nullptr &&
                     connection->WriteLast(engine->shared().outgoing, length));
}

// id; whether FIN is sent already
template <bool (Connection::*call)()>
Napi::Value CallForFin(Engine* engine, Arguments& arguments) {
  Connection* connection = engine->connection(arguments.Int());
  if (arguments.failed()) return {};
  return Boolean(arguments, connection != nullptr && (connection->*call)());
}

// -- a call of a connection without arguments or result -----------------------

template <void (Connection::*call)()>
Napi::Value Call(Engine* engine, Arguments& arguments) {
  Connection* connection = engine->connection(arguments.Int());
  if (!arguments.failed() && connection != nullptr) (connection->*call)();
  return {};
}

template <void (Handle::*call)()>
Napi::Value CallHandle(Engine* engine, Arguments& arguments) {
  Handle* handle = engine->handle(arguments.Int());
  if (!arguments.failed() && handle != nullptr) (handle->*call)();
  return {};
}

// -- the medium: each returns 0 or an error -----------------------------------

// id, on
Napi::Value SetNoDelay(Engine* engine, Arguments& arguments) {
  Connection* connection = engine->connection(arguments.Int());
  const bool on = arguments.Flag();
  if (arguments.failed()) return {};
  if (connection == nullptr || connection->is_pipe()) {
    return Number(arguments, 0);
  }
  return Number(arguments, uv_tcp_nodelay(connection->tcp(), on));
}

// id, on, seconds before the first probe
Napi::Value SetKeepAlive(Engine* engine, Arguments& arguments) {
  Connection* connection = engine->connection(arguments.Int());
  const bool on = arguments.Flag();
  const uint32_t delay = arguments.Uint();
  if (arguments.failed()) return {};
  if (connection == nullptr || connection->is_pipe()) {
    return Number(arguments, 0);
  }
  return Number(arguments, uv_tcp_keepalive(connection->tcp(), on, delay));
}

SocketOption OptionOf(Arguments& arguments) {
  return static_cast<SocketOption>(
      arguments.Uint(static_cast<uint32_t>(SocketOption::kServiceClass)));
}

// id, which, value
Napi::Value SetSocketOption(Engine* engine, Arguments& arguments) {
  Connection* connection = engine->connection(arguments.Int());
  const SocketOption option = OptionOf(arguments);
  const uint32_t value = arguments.Uint();
  if (arguments.failed()) return {};
  if (connection == nullptr) return Number(arguments, 0);
  if (connection->is_pipe()) return Number(arguments, UV_ENOTSUP);
  return Number(arguments, SetOption(connection->handle(), option, value));
}

// id, which; the value goes into the record
Napi::Value GetSocketOption(Engine* engine, Arguments& arguments) {
  Connection* connection = engine->connection(arguments.Int());
  const SocketOption option = OptionOf(arguments);
  if (arguments.failed()) return {};
  if (connection == nullptr || connection->is_pipe()) {
    return Number(arguments, UV_ENOTSUP);
  }
  return Number(arguments, GetOption(connection->handle(), option,
                                     engine->shared().record));
}

// -- names, by the record -----------------------------------------------------

template <Address (*of)(const uv_tcp_t*)>
Napi::Value NameOf(Engine* engine, Arguments& arguments) {
  Handle* handle = engine->handle(arguments.Int());
  if (arguments.failed()) return {};
  Address address = {};
  if (handle != nullptr && !handle->is_pipe()) address = of(handle->tcp());
  std::copy_n(reinterpret_cast<const uint32_t*>(&address),
              sizeof address / sizeof(uint32_t), engine->shared().record);
  return {};
}

// The text of the address in the record.
Napi::Value AddressText(Engine* engine, Arguments& arguments) {
  Address address;
  std::copy_n(engine->shared().record, sizeof address / sizeof(uint32_t),
              reinterpret_cast<uint32_t*>(&address));
  char text[kAddressTextLength];
  return Napi::String::New(arguments.env(), TextOf(address, text) ? text : "");
}

Napi::Value PeerIdentityOf(Engine* engine, Arguments& arguments) {
  Handle* handle = engine->handle(arguments.Int());
  if (arguments.failed()) return {};
  if (handle == nullptr || !handle->is_pipe()) {
    return Number(arguments, UV_ENOTSUP);
  }
  PeerIdentity identity = {};
  const int error = IdentityOfPeer(handle->handle(), &identity);
  uint32_t* record = engine->shared().record;
  record[0] = identity.process;
  record[1] = identity.user;
  record[2] = identity.group;
  return Number(arguments, error);
}

#ifdef GOODBYTE_TORTURE
Napi::Value FailAllocationOf(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const int nth = arguments.Int();
  return Number(arguments, FailAllocation(nth));
}
#endif

}  // namespace

void ExportEngine(Engine* engine, Napi::Object exports) {
  const Napi::Env env = exports.Env();
  const auto set = [&](const char* name, Napi::Function function) {
    exports.Set(name, function);
  };
#define GOODBYTE_EXPORT(name, function) \
  set(name, Napi::Function::New<Started<function>>(env, name, engine))
  set("start", Napi::Function::New<Start>(env, "start", engine));
  GOODBYTE_EXPORT("setSlab", SetSlab);
  GOODBYTE_EXPORT("liesAbove", LiesAbove);
  GOODBYTE_EXPORT("next", Next);
  GOODBYTE_EXPORT("missingSlab", MissingSlab);
  set("countOpen", Napi::Function::New<CountOpen>(env, "countOpen", engine));
  GOODBYTE_EXPORT("connectTcp", ConnectTcp);
  GOODBYTE_EXPORT("connectPipe", ConnectPipe);
  GOODBYTE_EXPORT("listenTcp", ListenTcp);
  GOODBYTE_EXPORT("listenPipe", ListenPipe);
  GOODBYTE_EXPORT("write", Write);
  GOODBYTE_EXPORT("writeKept", WriteKept);
  GOODBYTE_EXPORT("writeLast", WriteLast);
  GOODBYTE_EXPORT("countUnsent", CountUnsent);
  GOODBYTE_EXPORT("countOutstanding", CountOutstandingOf);
  set("countOutstandingIn",
      Napi::Function::New<CountOutstandingIn>(env, "countOutstandingIn"));
  set("isInOrder", Napi::Function::New<IsInOrderIn>(env, "isInOrder"));
  GOODBYTE_EXPORT("countReceived", CountReceived);
  GOODBYTE_EXPORT("shutdown", CallForFin<&Connection::Shutdown>);
  GOODBYTE_EXPORT("pause", Call<&Connection::Pause>);
  GOODBYTE_EXPORT("resume", Call<&Connection::Resume>);
  GOODBYTE_EXPORT("release", Call<&Connection::Release>);
  GOODBYTE_EXPORT("linger", CallForFin<&Connection::Linger>);
  GOODBYTE_EXPORT("lingerBriefly", CallForFin<&Connection::LingerBriefly>);
  GOODBYTE_EXPORT("reset", Call<&Connection::Reset>);
  GOODBYTE_EXPORT("close", CallHandle<&Handle::Close>);
  GOODBYTE_EXPORT("ref", CallHandle<&Handle::Ref>);
  GOODBYTE_EXPORT("unref", CallHandle<&Handle::Unref>);
  GOODBYTE_EXPORT("setNoDelay", SetNoDelay);
  GOODBYTE_EXPORT("setKeepAlive", SetKeepAlive);
  GOODBYTE_EXPORT("setOption", SetSocketOption);
  GOODBYTE_EXPORT("getOption", GetSocketOption);
  GOODBYTE_EXPORT("localName", NameOf<&LocalOf>);
  GOODBYTE_EXPORT("peerName", NameOf<&PeerOf>);
  GOODBYTE_EXPORT("addressText", AddressText);
  GOODBYTE_EXPORT("peerIdentity", PeerIdentityOf);
#ifdef GOODBYTE_TORTURE
  set("failAllocation",
      Napi::Function::New<FailAllocationOf>(env, "failAllocation"));
#endif
#undef GOODBYTE_EXPORT
}

}  // namespace goodbyte
