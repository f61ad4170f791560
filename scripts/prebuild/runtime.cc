// Stands in for the C++ runtime library, which is linked into no prebuilt
// addon: what the addon uses of it is in headers, but for what is here. It
// saves building libc++ for every target (minutes), and 150 KB in each.
//
// A failed allocation ends the process, as it does without exceptions.
#include <cstdlib>
#include <new>
#include <string>

void* operator new(std::size_t size) {
  void* memory = std::malloc(size != 0 ? size : 1);
  if (memory == nullptr) std::abort();
  return memory;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size != 0 ? size : 1);
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

extern "C" [[noreturn]] void __cxa_pure_virtual() { std::abort(); }

namespace std {
const nothrow_t nothrow{};
}

_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char*, ...) noexcept {
  std::abort();
}
template class basic_string<char>;
_LIBCPP_END_NAMESPACE_STD
