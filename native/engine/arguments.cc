#include "engine/arguments.h"

#include <cmath>
#include <cstdio>

namespace goodbyte {

namespace {
constexpr size_t kMostInArray = 64;
}  // namespace

void Arguments::Fail(const char* expected) {
  if (failed_) return;
  failed_ = true;
  char message[128];
  std::snprintf(message, sizeof message, "argument %u has to be %s",
                static_cast<unsigned>(taken_), expected);
  napi_throw_type_error(env(), "ERR_INVALID_ARG_TYPE", message);
}

double Arguments::Integer(double least, double most) {
  const Napi::Value value = Next();
  if (failed_) return 0;
  double number = 0;
  // NaN is not between the two.
  if (napi_get_value_double(env(), value, &number) == napi_ok &&
      number >= least && number <= most && number == std::floor(number)) {
    return number;
  }
  char expected[64];
  std::snprintf(expected, sizeof expected, "an integer from %.0f to %.0f",
                least, most);
  Fail(expected);
  return 0;
}

int32_t Arguments::Int(int32_t least, int32_t most) {
  return static_cast<int32_t>(Integer(least, most));
}

uint32_t Arguments::Uint(uint32_t most) {
  return static_cast<uint32_t>(Integer(0, most));
}

bool Arguments::Flag() {
  const Napi::Value value = Next();
  if (failed_) return false;
  napi_value coerced = nullptr;
  bool flag = false;
  napi_coerce_to_bool(env(), value, &coerced);
  napi_get_value_bool(env(), coerced, &flag);
  return flag;
}

std::string Arguments::Text() {
  const Napi::Value value = Next();
  if (failed_) return {};
  if (!value.IsString()) {
    Fail("a string");
    return {};
  }
  return value.As<Napi::String>().Utf8Value();
}

bool Arguments::ViewOf(napi_value value, OctetView* view) const {
  bool is_typed_array = false;
  napi_typedarray_type type = napi_int8_array;
  void* data = nullptr;
  napi_value buffer = nullptr;
  if (napi_is_typedarray(env(), value, &is_typed_array) != napi_ok ||
      !is_typed_array ||
      napi_get_typedarray_info(env(), value, &type, &view->length, &data,
                               &buffer, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    return false;
  }
  view->data = static_cast<uint8_t*>(data);
  if (view->length > 0) return true;
  bool is_detached = false;
  napi_is_detached_arraybuffer(env(), buffer, &is_detached);
  return !is_detached;
}

OctetView Arguments::Octets(size_t least) {
  const Napi::Value value = Next();
  OctetView view = {};
  if (failed_) return view;
  if (ViewOf(value, &view) && view.length >= least) return view;
  char expected[80];
  std::snprintf(expected, sizeof expected,
                "a Uint8Array, not detached, of %zu octets at least", least);
  Fail(expected);
  return {};
}

Napi::Function Arguments::Function() {
  const Napi::Value value = Next();
  if (failed_) return {};
  if (!value.IsFunction()) {
    Fail("a function");
    return {};
  }
  return value.As<Napi::Function>();
}

size_t Arguments::OctetArrays(OctetView* views, size_t most) {
  const Napi::Value value = Next();
  if (failed_) return 0;
  uint32_t count = 0;
  napi_value elements[kMostInArray] = {};
  bool well = value.IsArray() &&
              napi_get_array_length(env(), value, &count) == napi_ok &&
              count <= most && count <= kMostInArray;
  // An element may be a getter, which runs code: so all are read before any is
  // relied on.
  for (uint32_t index = 0; well && index < count; index++) {
    well = napi_get_element(env(), value, index, &elements[index]) == napi_ok;
  }
  for (uint32_t index = 0; well && index < count; index++) {
    well = ViewOf(elements[index], &views[index]);
  }
  if (well) return count;
  bool throws = false;
  napi_is_exception_pending(env(), &throws);
  if (throws) {
    failed_ = true;
  } else {
    Fail("an array of at most 64 Uint8Arrays, none detached");
  }
  return 0;
}

}  // namespace goodbyte
