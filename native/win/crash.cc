#include "win/crash.h"

#include <windows.h>

#include <cstddef>
#include <cstdint>

namespace goodbyte {

namespace {

// Everything that the filter uses is here: after a fault neither the heap nor
// the C library can be relied on.
class Line {
 public:
  void Add(const char* text) {
    for (; *text != '\0' && length_ < sizeof text_; text++) {
      text_[length_++] = *text;
    }
  }
  void AddHex(uintptr_t number) {
    Add("0x");
    int shift = 8 * sizeof number - 4;
    while (shift > 0 && (number >> shift) == 0) shift -= 4;
    for (; shift >= 0; shift -= 4) {
      const char digit[] = {"0123456789abcdef"[(number >> shift) & 15], '\0'};
      Add(digit);
    }
  }
  void Write() const {
    DWORD written = 0;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), text_,
              static_cast<DWORD>(length_), &written, nullptr);
  }

 private:
  char text_[MAX_PATH + 256];
  size_t length_ = 0;
};

LPTOP_LEVEL_EXCEPTION_FILTER previous = nullptr;

HMODULE ModuleOf(const void* address, DWORD flags) {
  HMODULE module = nullptr;
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | flags,
                     static_cast<LPCWSTR>(address), &module);
  return module;
}

void AddAccess(Line* line, const EXCEPTION_RECORD& record) {
  // "EXCEPTION_RECORD structure": the kind of access, and the address.
  if (record.ExceptionCode != EXCEPTION_ACCESS_VIOLATION ||
      record.NumberParameters < 2) {
    return;
  }
  const ULONG_PTR how = record.ExceptionInformation[0];
  line->Add(how == 0 ? ", reading " : how == 1 ? ", writing " : ", executing ");
  line->AddHex(record.ExceptionInformation[1]);
}

LONG WINAPI OnException(EXCEPTION_POINTERS* pointers) {
  const EXCEPTION_RECORD& record = *pointers->ExceptionRecord;
  Line line;
  line.Add("goodbyte: unhandled exception ");
  line.AddHex(record.ExceptionCode);
  line.Add(" at ");
  line.AddHex(reinterpret_cast<uintptr_t>(record.ExceptionAddress));
  AddAccess(&line, record);
  const HMODULE module = ModuleOf(
      record.ExceptionAddress, GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT);
  char path[MAX_PATH];
  const DWORD length =
      module == nullptr ? 0 : GetModuleFileNameA(module, path, sizeof path);
  if (length > 0 && length < sizeof path) {
    line.Add(", in ");
    line.Add(path);
    line.Add("+");
    line.AddHex(reinterpret_cast<uintptr_t>(record.ExceptionAddress) -
                reinterpret_cast<uintptr_t>(module));
  } else {
    line.Add(", in no module");
  }
  line.Add("\n");
  line.Write();
  return previous == nullptr ? EXCEPTION_CONTINUE_SEARCH : previous(pointers);
}

}  // namespace

void TellOfCrashes() {
  static LONG installed = 0;
  if (InterlockedExchange(&installed, 1) != 0) return;
  // For as long as the process lives: environments end and unload the addon,
  // but the filter may be another filter's predecessor by then.
  ModuleOf(reinterpret_cast<const void*>(&OnException),
           GET_MODULE_HANDLE_EX_FLAG_PIN);
  previous = SetUnhandledExceptionFilter(OnException);
}

}  // namespace goodbyte
