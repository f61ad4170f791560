// A JavaScript function that is called from the loop, on the environment's
// thread.
#ifndef GOODBYTE_CALLBACK_H_
#define GOODBYTE_CALLBACK_H_

#include <napi.h>

namespace goodbyte {

class Callback {
 public:
  explicit Callback(napi_env env) : env_(env) {}
  ~Callback() { Forget(); }
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;

  // `resource` is its name among asynchronous resources.
  void Set(const char* resource, Napi::Function function);
  bool empty() const { return function_.IsEmpty(); }
  void Call(double argument);
  // Nothing is called from now on: the environment ends.
  void Forget();

 private:
  const Napi::Env env_;
  napi_async_context context_ = nullptr;
  Napi::FunctionReference function_;
};

}  // namespace goodbyte

#endif  // GOODBYTE_CALLBACK_H_
