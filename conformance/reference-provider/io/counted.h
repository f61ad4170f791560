// Objects with several owners. Counts change under the lock only.
#ifndef GOODBYTE_REFERENCE_PROVIDER_IO_COUNTED_H_
#define GOODBYTE_REFERENCE_PROVIDER_IO_COUNTED_H_

#include <utility>

namespace goodbyte::provider {

class Counted {
 public:
  Counted() = default;
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  void Retain() { count_++; }
  void Release() {
    if (--count_ == 0) delete this;
  }

 protected:
  virtual ~Counted() = default;

 private:
  int count_ = 0;
};

template <typename T>
class Ref {
 public:
  Ref() = default;
  Ref(T* object) : object_(object) {
    if (object_ != nullptr) object_->Retain();
  }
  Ref(const Ref& other) : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  ~Ref() {
    if (object_ != nullptr) object_->Release();
  }
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  bool operator==(const T* other) const { return object_ == other; }

 private:
  T* object_ = nullptr;
};

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_IO_COUNTED_H_
