// The catalog of Winsock's service providers, as WSCEnumProtocols lists it:
// layered ones and chains too.
#ifndef GOODBYTE_WIN_WINSOCK_CATALOG_H_
#define GOODBYTE_WIN_WINSOCK_CATALOG_H_

#include <winsock2.h>
#include <ws2spi.h>

#include <cstdlib>

namespace goodbyte::winsock {

class Catalog {
 public:
  Catalog() = default;
  ~Catalog() { std::free(entries_); }
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  // 0 or an error; once.
  int Read();
  int count() const { return count_; }
  const WSAPROTOCOL_INFOW& operator[](int index) const {
    return entries_[index];
  }

 private:
  WSAPROTOCOL_INFOW* entries_ = nullptr;
  int count_ = 0;
};

// The path of an entry's DLL, as the catalog has it; empty: it has none.
// `path` has room for kMostPath.
inline constexpr int kMostPath = 1024;
void PathOf(const WSAPROTOCOL_INFOW& entry, wchar_t* path);

}  // namespace goodbyte::winsock

#endif  // GOODBYTE_WIN_WINSOCK_CATALOG_H_
