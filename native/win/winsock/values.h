// Winsock's structures as JavaScript sees them.
#ifndef GOODBYTE_WIN_WINSOCK_VALUES_H_
#define GOODBYTE_WIN_WINSOCK_VALUES_H_

#include <napi.h>
#include <winsock2.h>

#include <cstddef>
#include <cstdint>

namespace goodbyte::winsock {

// A copy; `undefined` for none.
Napi::Value OctetsValue(Napi::Env env, const void* octets, size_t length);

// `[family, address, port]`, family 4 or 6; `undefined` where it is neither.
Napi::Value NameValue(Napi::Env env, const void* name, size_t length);

// A QOS: its sixteen numbers as they lie in memory, and what is specific to
// the provider behind them.
Napi::Value QosValue(Napi::Env env, const QOS* qos);
// The other way; it points into `value`, which outlives it. False: none.
bool QosOf(const Napi::Value& value, QOS* qos);

// It points into `value`; of `undefined`: nothing.
WSABUF BufferOf(const Napi::Value& value);

Napi::Value ProtocolValue(Napi::Env env, const WSAPROTOCOL_INFOW& entry);

}  // namespace goodbyte::winsock

#endif  // GOODBYTE_WIN_WINSOCK_VALUES_H_
