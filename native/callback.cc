#include "callback.h"

namespace goodbyte {

void Callback::Set(const char* resource, Napi::Function function) {
  function_ = Napi::Persistent(function);
  napi_async_init(env_, nullptr, Napi::String::New(env_, resource), &context_);
}

void Callback::Call(double argument) {
  const Napi::HandleScope scope(env_);
  const napi_value number = Napi::Number::New(env_, argument);
  napi_value result = nullptr;
  const napi_status status =
      napi_make_callback(env_, context_, Napi::Object::New(env_),
                         function_.Value(), 1, &number, &result);
  // The function itself does not throw; the application's ticks and microtasks
  // that run after it may. The other failure is that the environment is being
  // stopped: then nobody receives a report.
  napi_value error = nullptr;
  if (status == napi_pending_exception &&
      napi_get_and_clear_last_exception(env_, &error) == napi_ok) {
    napi_fatal_exception(env_, error);
  }
}

void Callback::Forget() {
  function_.Reset();
  if (context_ != nullptr) napi_async_destroy(env_, context_);
  context_ = nullptr;
}

}  // namespace goodbyte
