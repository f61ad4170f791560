// The addon's entry: called once in each environment that loads it (the main
// thread, and every worker), and shares no state between them.

#include <napi.h>

#include "engine/bindings.h"
#include "engine/engine.h"
#include "platform/winsock.h"

namespace {

// Version of the interface, which src/native.ts checks.
constexpr int kInterface = 5;

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("interface", kInterface);
  goodbyte::Engine* engine = goodbyte::Engine::Create(env);
  if (engine == nullptr) {
    Napi::Error::New(env, "no libuv loop, or no memory")
        .ThrowAsJavaScriptException();
    return exports;
  }
  goodbyte::ExportEngine(engine, exports);
  goodbyte::ExportWinsock(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(goodbyte, Init)
