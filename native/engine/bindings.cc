#include "engine/bindings.h"

#include <algorithm>
#include <string>

#include "engine/address.h"
#include "engine/engine.h"
#include "platform/peer_identity.h"
#include "platform/socket_options.h"

// Arguments were validated in TypeScript (src/native.ts has their types): what
// comes is of the right type and in range. An id whose handle is gone is no
// error; nothing happens then.

namespace goodbyte {

namespace {

using Info = Napi::CallbackInfo;

Engine* EngineOf(const Info& info) {
  return static_cast<Engine*>(info.Data());
}

int32_t Int(const Info& info, size_t index) {
  return info[index].As<Napi::Number>().Int32Value();
}

uint32_t Uint(const Info& info, size_t index) {
  return info[index].As<Napi::Number>().Uint32Value();
}

std::string Text(const Info& info, size_t index) {
  return info[index].As<Napi::String>().Utf8Value();
}

Napi::Value Number(const Info& info, double number) {
  return Napi::Number::New(info.Env(), number);
}

uint8_t* OctetsOf(const Napi::Value& value, size_t* length) {
  Napi::Uint8Array array = value.As<Napi::Uint8Array>();
  *length = array.ByteLength();
  return array.Data();
}

Connection* ConnectionOf(const Info& info) {
  return EngineOf(info)->connection(Int(info, 0));
}

// What three arguments from `index` on say of how a connection decodes.
ConnectionOptions OptionsOf(const Info& info, size_t index,
                            framing::Role from) {
  ConnectionOptions options;
  options.decoder.from = from;
  options.decoder.control_limit = Uint(info, index);
  options.decoder.message_limit = Uint(info, index + 1);
  options.hold_limit = Uint(info, index + 2);
  return options;
}

// -- the environment ----------------------------------------------------------

Napi::Value Start(const Info& info) {
  SharedMemory shared = {};
  size_t length = 0;
  shared.events = reinterpret_cast<Event*>(OctetsOf(info[0], &length));
  shared.event_capacity = length / sizeof(Event);
  shared.outgoing = OctetsOf(info[1], &length);
  shared.record = reinterpret_cast<uint32_t*>(OctetsOf(info[2], &length));
  EngineOf(info)->Start(shared, info[3].As<Napi::Function>());
  return info.Env().Undefined();
}

Napi::Value SetSlab(const Info& info) {
  size_t length = 0;
  uint8_t* base = OctetsOf(info[1], &length);
  EngineOf(info)->slabs().Set(Uint(info, 0), base, length);
  return info.Env().Undefined();
}

Napi::Value Next(const Info& info) {
  return Number(info, static_cast<double>(EngineOf(info)->Next()));
}

Napi::Value TakeExhausted(const Info& info) {
  return Napi::Boolean::New(info.Env(),
                            EngineOf(info)->slabs().TakeExhausted());
}

Napi::Value CountOpen(const Info& info) {
  return Number(info, static_cast<double>(EngineOf(info)->open()));
}

// -- setup: each returns an id, or libuv's (negative) number for an error -----

template <typename T, typename Begin>
Napi::Value Adopted(const Info& info, T* handle, Medium medium, Begin begin) {
  int error = 0;
  const int32_t id = EngineOf(info)->Adopt(handle, medium, &error);
  if (id < 0) return Number(info, error);
  error = begin(handle);
  if (error == 0) return Number(info, id);
  handle->Close();
  return Number(info, error);
}

// address, port, local address or '', local port, limits
Napi::Value ConnectTcp(const Info& info) {
  sockaddr_storage to;
  sockaddr_storage from;
  const std::string local = Text(info, 2);
  if (!Parse(Text(info, 0).c_str(), Int(info, 1), &to) ||
      (!local.empty() && !Parse(local.c_str(), Int(info, 3), &from))) {
    return Number(info, UV_EINVAL);
  }
  Engine* engine = EngineOf(info);
  return Adopted(
      info,
      new Connection(engine, OptionsOf(info, 4, framing::Role::kCallee)),
      Medium::kTcp, [&](Connection* connection) {
        return connection->ConnectTcp(local.empty() ? nullptr : &from, to);
      });
}

// path, limits
Napi::Value ConnectPipe(const Info& info) {
  const std::string path = Text(info, 0);
  Engine* engine = EngineOf(info);
  return Adopted(
      info,
      new Connection(engine, OptionsOf(info, 1, framing::Role::kCallee)),
      Medium::kPipe, [&](Connection* connection) {
        return connection->ConnectPipe(path.data(), path.size());
      });
}

ConnectionOptions ListenerOptionsOf(const Info& info, size_t index) {
  ConnectionOptions options = OptionsOf(info, index, framing::Role::kCaller);
  options.decoder.allow_plain = info[index + 3].As<Napi::Boolean>();
  options.decoder.hold_request = true;
  return options;
}

// address, port, backlog, IPv6 only, share the port, limits, allow plain
Napi::Value ListenTcp(const Info& info) {
  sockaddr_storage address;
  if (!Parse(Text(info, 0).c_str(), Int(info, 1), &address)) {
    return Number(info, UV_EINVAL);
  }
  const bool reuse_port = info[4].As<Napi::Boolean>();
  const Medium at_once =
      address.ss_family == AF_INET6 ? Medium::kTcp6 : Medium::kTcp4;
  Engine* engine = EngineOf(info);
  return Adopted(info, new Listener(engine, ListenerOptionsOf(info, 5)),
                 reuse_port ? at_once : Medium::kTcp, [&](Listener* listener) {
                   const int error = listener->BindTcp(
                       address, info[3].As<Napi::Boolean>(), reuse_port);
                   return error != 0 ? error : listener->Listen(Int(info, 2));
                 });
}

// path, backlog, access, limits, allow plain
Napi::Value ListenPipe(const Info& info) {
  const std::string path = Text(info, 0);
  Engine* engine = EngineOf(info);
  return Adopted(info, new Listener(engine, ListenerOptionsOf(info, 3)),
                 Medium::kPipe, [&](Listener* listener) {
                   const int error = listener->BindPipe(
                       path.data(), path.size(), Int(info, 2));
                   return error != 0 ? error : listener->Listen(Int(info, 1));
                 });
}

// -- sending: each returns how many writes are under way, or -1 where nothing
//    can be written ------------------------------------------------------------

Napi::Value Writing(const Info& info, const Connection& connection) {
  return Number(info, connection.cannot_write() ? -1 : connection.writing());
}

// id, octets of the outgoing buffer
Napi::Value Write(const Info& info) {
  Connection* connection = ConnectionOf(info);
  if (connection == nullptr) return Number(info, -1);
  connection->WriteCopy(EngineOf(info)->shared().outgoing, Uint(info, 1));
  return Writing(info, *connection);
}

// id, octets of the outgoing buffer that go ahead, pieces that are kept
Napi::Value WriteKept(const Info& info) {
  Connection* connection = ConnectionOf(info);
  if (connection == nullptr) return Number(info, -1);
  constexpr size_t kMostPieces = 64;
  uv_buf_t pieces[1 + kMostPieces];
  pieces[0] = uv_buf_init(
      reinterpret_cast<char*>(EngineOf(info)->shared().outgoing),
      Uint(info, 1));
  const Napi::Array kept = info[2].As<Napi::Array>();
  const uint32_t count =
      std::min(kept.Length(), static_cast<uint32_t>(kMostPieces));
  for (uint32_t index = 0; index < count; index++) {
    size_t length = 0;
    uint8_t* octets = OctetsOf(kept[index], &length);
    pieces[1 + index] = uv_buf_init(reinterpret_cast<char*>(octets),
                                    static_cast<unsigned int>(length));
  }
  connection->WriteKept(pieces, 1 + count);
  return Writing(info, *connection);
}

Napi::Value CountUnsent(const Info& info) {
  Connection* connection = ConnectionOf(info);
  return Number(info, connection == nullptr
                          ? 0
                          : static_cast<double>(connection->unsent()));
}

// id, octets of the outgoing buffer; whether all is sent already, with FIN
Napi::Value WriteLast(const Info& info) {
  Connection* connection = ConnectionOf(info);
  return Napi::Boolean::New(
      info.Env(),
      connection != nullptr &&
          connection->WriteLast(EngineOf(info)->shared().outgoing,
                                Uint(info, 1)));
}

// id; whether FIN is sent already
Napi::Value Shutdown(const Info& info) {
  Connection* connection = ConnectionOf(info);
  return Napi::Boolean::New(info.Env(),
                            connection != nullptr && connection->Shutdown());
}

// -- a call of a connection without arguments or result -----------------------

template <void (Connection::*call)()>
Napi::Value Call(const Info& info) {
  Connection* connection = ConnectionOf(info);
  if (connection != nullptr) (connection->*call)();
  return info.Env().Undefined();
}

template <void (Handle::*call)()>
Napi::Value CallHandle(const Info& info) {
  Handle* handle = EngineOf(info)->handle(Int(info, 0));
  if (handle != nullptr) (handle->*call)();
  return info.Env().Undefined();
}

// -- the medium: each returns 0 or an error -----------------------------------

// id, on
Napi::Value SetNoDelay(const Info& info) {
  Connection* connection = ConnectionOf(info);
  if (connection == nullptr || connection->is_pipe()) return Number(info, 0);
  return Number(info,
                uv_tcp_nodelay(connection->tcp(), info[1].As<Napi::Boolean>()));
}

// id, on, seconds before the first probe
Napi::Value SetKeepAlive(const Info& info) {
  Connection* connection = ConnectionOf(info);
  if (connection == nullptr || connection->is_pipe()) return Number(info, 0);
  return Number(info,
                uv_tcp_keepalive(connection->tcp(), info[1].As<Napi::Boolean>(),
                                 Uint(info, 2)));
}

// id, which, value
Napi::Value SetSocketOption(const Info& info) {
  Connection* connection = ConnectionOf(info);
  if (connection == nullptr) return Number(info, 0);
  if (connection->is_pipe()) return Number(info, UV_ENOTSUP);
  return Number(info, SetOption(connection->handle(),
                                static_cast<SocketOption>(Uint(info, 1)),
                                Uint(info, 2)));
}

// id, which; the value goes into the record
Napi::Value GetSocketOption(const Info& info) {
  Engine* engine = EngineOf(info);
  Connection* connection = ConnectionOf(info);
  if (connection == nullptr || connection->is_pipe()) {
    return Number(info, UV_ENOTSUP);
  }
  return Number(info, GetOption(connection->handle(),
                                static_cast<SocketOption>(Uint(info, 1)),
                                engine->shared().record));
}

// -- names, by the record -----------------------------------------------------

template <Address (*of)(const uv_tcp_t*)>
Napi::Value NameOf(const Info& info) {
  Engine* engine = EngineOf(info);
  Handle* handle = engine->handle(Int(info, 0));
  Address address = {};
  if (handle != nullptr && !handle->is_pipe()) address = of(handle->tcp());
  std::copy_n(reinterpret_cast<const uint32_t*>(&address),
              sizeof address / sizeof(uint32_t), engine->shared().record);
  return info.Env().Undefined();
}

// The text of the address in the record.
Napi::Value AddressText(const Info& info) {
  Address address;
  std::copy_n(EngineOf(info)->shared().record,
              sizeof address / sizeof(uint32_t),
              reinterpret_cast<uint32_t*>(&address));
  char text[kAddressTextLength];
  return Napi::String::New(info.Env(), TextOf(address, text) ? text : "");
}

Napi::Value PeerIdentityOf(const Info& info) {
  Engine* engine = EngineOf(info);
  Handle* handle = engine->handle(Int(info, 0));
  if (handle == nullptr || !handle->is_pipe()) return Number(info, UV_ENOTSUP);
  PeerIdentity identity = {};
  const int error = IdentityOfPeer(handle->handle(), &identity);
  uint32_t* record = engine->shared().record;
  record[0] = identity.process;
  record[1] = identity.user;
  record[2] = identity.group;
  return Number(info, error);
}

#ifdef GOODBYTE_TORTURE
Napi::Value FailAllocationOf(const Info& info) {
  return Number(info, FailAllocation(Int(info, 0)));
}
#endif

}  // namespace

void ExportEngine(Engine* engine, Napi::Object exports) {
  const Napi::Env env = exports.Env();
  const auto set = [&](const char* name, Napi::Function function) {
    exports.Set(name, function);
  };
#define GOODBYTE_EXPORT(name, function) \
  set(name, Napi::Function::New<function>(env, name, engine))
  GOODBYTE_EXPORT("start", Start);
  GOODBYTE_EXPORT("setSlab", SetSlab);
  GOODBYTE_EXPORT("next", Next);
  GOODBYTE_EXPORT("takeExhausted", TakeExhausted);
  GOODBYTE_EXPORT("countOpen", CountOpen);
  GOODBYTE_EXPORT("connectTcp", ConnectTcp);
  GOODBYTE_EXPORT("connectPipe", ConnectPipe);
  GOODBYTE_EXPORT("listenTcp", ListenTcp);
  GOODBYTE_EXPORT("listenPipe", ListenPipe);
  GOODBYTE_EXPORT("write", Write);
  GOODBYTE_EXPORT("writeKept", WriteKept);
  GOODBYTE_EXPORT("writeLast", WriteLast);
  GOODBYTE_EXPORT("countUnsent", CountUnsent);
  GOODBYTE_EXPORT("shutdown", Shutdown);
  GOODBYTE_EXPORT("pause", Call<&Connection::Pause>);
  GOODBYTE_EXPORT("resume", Call<&Connection::Resume>);
  GOODBYTE_EXPORT("release", Call<&Connection::Release>);
  GOODBYTE_EXPORT("linger", Call<&Connection::Linger>);
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
  GOODBYTE_EXPORT("failAllocation", FailAllocationOf);
#endif
#undef GOODBYTE_EXPORT
}

}  // namespace goodbyte
