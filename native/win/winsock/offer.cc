#include "win/winsock/offer.h"

#include <cstring>

#include "win/winsock/values.h"

namespace goodbyte::winsock {

SOCKET Offer::Make(int* error) {
  *error = 0;
  SOCKET accepted = listener_->calls().lpWSPAccept(
      listener_->handle(), nullptr, nullptr, Condition,
      reinterpret_cast<DWORD_PTR>(this), error);
  if (accepted == INVALID_SOCKET) *error = FailureOf(*error);
  if (strayed_) *error = WSASYSCALLFAILURE;
  if (thrown_ == nullptr) return accepted;
  // Nobody would receive it.
  if (accepted != INVALID_SOCKET) {
    int ignored = 0;
    listener_->calls().lpWSPCloseSocket(accepted, &ignored);
  }
  napi_throw(decide_.Env(), thrown_);
  return INVALID_SOCKET;
}

bool Offer::TookException() {
  const Napi::Env env = decide_.Env();
  if (!env.IsExceptionPending()) return false;
  napi_get_and_clear_last_exception(env, &thrown_);
  return true;
}

int CALLBACK Offer::Condition(LPWSABUF caller_id, LPWSABUF caller_data,
                              LPQOS sqos, LPQOS, LPWSABUF callee_id,
                              LPWSABUF callee_data, GROUP*, DWORD_PTR self) {
  Offer* offer = reinterpret_cast<Offer*>(self);
  // WSAAccept's page says that it runs on the calling thread. JavaScript cannot
  // be called on another one.
  if (GetCurrentThreadId() != offer->thread_) {
    offer->strayed_ = true;
    return CF_REJECT;
  }
  // If connect data is not declared, lpCalleeData may be an arbitrary pointer
  // (in Wine it is not initialised).
  const bool declared = offer->listener_->provider()->Declares(XP1_CONNECT_DATA);
  return offer->Ask(caller_id, caller_data, sqos, callee_id,
                    declared ? callee_data : nullptr,
                    Seen(caller_data, callee_data));
}

int32_t Offer::Seen(const WSABUF* caller_data, const WSABUF* callee_data) {
  return (caller_data != nullptr ? 1 : 0) |
         (caller_data != nullptr && caller_data->buf != nullptr ? 2 : 0) |
         (callee_data != nullptr ? 4 : 0) |
         (callee_data != nullptr && callee_data->buf != nullptr ? 8 : 0);
}

int Offer::Ask(const WSABUF* caller_id, const WSABUF* caller_data, QOS* sqos,
               const WSABUF* callee_id, WSABUF* callee_data, int32_t seen) {
  // A provider that asks again, though it should wait.
  if (thrown_ != nullptr) return CF_DEFER;
  const Napi::Env env = decide_.Env();
  const auto name = [&](const WSABUF* id) {
    return id == nullptr ? env.Undefined() : NameValue(env, id->buf, id->len);
  };
  const size_t capacity =
      callee_data == nullptr || callee_data->buf == nullptr ? 0
                                                            : callee_data->len;
  const napi_value arguments[] = {
      name(caller_id),
      caller_data == nullptr
          ? env.Undefined()
          : OctetsValue(env, caller_data->buf, caller_data->len),
      QosValue(env, sqos),
      name(callee_id),
      Napi::Number::New(env, static_cast<double>(capacity)),
      Napi::Number::New(env, seen),
  };
  // Out of memory for one of them.
  if (TookException()) return CF_DEFER;
  napi_value returned = nullptr;
  const napi_status called = napi_call_function(
      env, env.Undefined(), decide_, sizeof arguments / sizeof *arguments,
      arguments, &returned);
  // An environment that is being stopped has nothing to throw.
  if (TookException() || called != napi_ok) return CF_DEFER;
  const Napi::Array verdict = Napi::Value(env, returned).As<Napi::Array>();
  const Napi::Value verdict_value = verdict.Get(0u);
  const Napi::Value data_value = verdict.Get(1u);
  const Napi::Value qos_value = verdict.Get(2u);
  if (TookException()) return CF_DEFER;
  // TypeScript has checked that the data fits.
  if (callee_data != nullptr) {
    const WSABUF data = BufferOf(data_value);
    if (data.len > 0 && data.len <= capacity) {
      std::memcpy(callee_data->buf, data.buf, data.len);
      callee_data->len = data.len;
    } else {
      callee_data->len = 0;
    }
  }
  QOS changed;
  if (sqos != nullptr && QosOf(qos_value, &changed)) {
    sqos->SendingFlowspec = changed.SendingFlowspec;
    sqos->ReceivingFlowspec = changed.ReceivingFlowspec;
  }
  return verdict_value.As<Napi::Number>().Int32Value();
}

}  // namespace goodbyte::winsock
