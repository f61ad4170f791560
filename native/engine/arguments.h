// Checks the arguments that JavaScript passes to a function. The first wrong
// argument throws a TypeError, once; later ones then read as 0, and the
// function returns without effect.
#ifndef GOODBYTE_ENGINE_ARGUMENTS_H_
#define GOODBYTE_ENGINE_ARGUMENTS_H_

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace goodbyte {

struct OctetView {
  uint8_t* data;
  size_t length;
};

// Each call takes the next argument.
class Arguments {
 public:
  explicit Arguments(const Napi::CallbackInfo& info) : info_(info) {}
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  Napi::Env env() const { return info_.Env(); }
  bool failed() const { return failed_; }

  // An integer.
  int32_t Int(int32_t least = INT32_MIN, int32_t most = INT32_MAX);
  uint32_t Uint(uint32_t most = UINT32_MAX);
  // Any value: true or false as in JavaScript.
  bool Flag();
  // A string, in UTF-8.
  std::string Text();
  // A Uint8Array that is not detached, of at least that many octets.
  OctetView Octets(size_t least = 0);
  Napi::Function Function();
  // An array of them, of at most `most`; returns how many.
  size_t OctetArrays(OctetView* views, size_t most);

  // Reports that the last argument is invalid.
  void Fail(const char* expected);

 private:
  Napi::Value Next() { return info_[taken_++]; }
  double Integer(double least, double most);
  bool ViewOf(napi_value value, OctetView* view) const;

  const Napi::CallbackInfo& info_;
  size_t taken_ = 0;
  bool failed_ = false;
};

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_ARGUMENTS_H_
