// One connection: moves frames between libuv and the event queue.
#ifndef GOODBYTE_ENGINE_CONNECTION_H_
#define GOODBYTE_ENGINE_CONNECTION_H_

#include <uv.h>

#include <cstddef>
#include <cstdint>

#include "engine/event_queue.h"
#include "engine/handle.h"
#include "engine/octets.h"
#include "framing/decoder.h"
#include "platform/stream.h"

namespace goodbyte {

struct ConnectionOptions {
  framing::DecoderOptions decoder;
  // Most octets kept while held, and read before JavaScript receives them.
  uint32_t hold_limit = 0;
};

class Connection final : public Handle, private framing::DecoderSink {
 public:
  Connection(Engine* engine, const ConnectionOptions& options)
      : Handle(engine),
        decoder_(options.decoder),
        hold_limit_(options.hold_limit) {}

  Connection* AsConnection() override { return this; }

  // -- setup. Each returns 0 or an error; kConnected follows on 0.
  // `from` may be nullptr.
  int ConnectTcp(const sockaddr_storage* from, const sockaddr_storage& to);
  int ConnectPipe(const char* path, size_t length);
  // An incoming connection, which is connected.
  void Begin();
  // Called before it for a connection accepted without libuv; 0 or an error.
  int Take(uv_os_sock_t accepted);

  // -- sending. A broken connection drops everything. Copies octets that the
  // system does not take at once.
  void WriteCopy(const uint8_t* octets, size_t length);
  // The first piece is copied if it has to wait; JavaScript keeps the others
  // alive until kSent or kReleased. The pieces are changed.
  void WriteKept(uv_buf_t* pieces, size_t count);
  // The same for the last write, with FIN after it; returns as Shutdown.
  bool WriteLast(const uint8_t* octets, size_t length);
  // Sends FIN after all writes; returns whether it is sent already. Otherwise
  // kFinSent follows.
  bool Shutdown();
  // Octets received, modulo 2^32.
  uint32_t received() const { return received_; }
  // Octets written but not yet handed to the system.
  size_t unsent() { return uv_stream_get_write_queue_size(stream()); }
  // Octets that the system has and the peer's side has not taken; negative: the
  // system does not report them.
  int outstanding() { return CountOutstanding(stream()); }
  // Writes under way.
  uint32_t writing() const { return writing_; }
  // Writes are dropped now.
  bool cannot_write() const {
    return write_broken_ || fin_wanted_ || closing();
  }

  // -- receiving
  void Pause();
  void Resume();
  // The verdict has come: held octets are decoded in the next turn.
  void Release();
  // Decodes held octets, as far as there is room.
  bool OnReady() override;

  // -- the end
  // Drops input, sends FIN, closes after both ends' FINs. Returns whether FIN is
  // sent already.
  bool Linger();
  // After an abort: as Linger, but takes few of the peer's octets, since it
  // must not believe that dropped octets have arrived.
  bool LingerBriefly();
  // Closes so that the peer sees a reset.
  void Reset();

 private:
  struct Write;
  template <typename T>
  struct Request;

  static Connection* Of(const uv_handle_t* handle) {
    return static_cast<Handle*>(handle->data)->AsConnection();
  }

  void OnClosing() override;
  void Tell(EventKind kind, uint32_t a = 0);

  // Octets that the system took at once; negative: the connection is broken.
  ssize_t TryWrite(const uv_buf_t* pieces, size_t count);
  void Submit(Write* write, const uv_buf_t* pieces, size_t count);
  // False: it is broken.
  bool SubmitPart(Write* write, const uv_buf_t* pieces, size_t count);
  void OnWritten(int error);
  // Whether it succeeded.
  bool OnShutdown(int error);
  void BreakWrites(int error);
  void Lose(int error);
  void CloseIfDone();

  void OnConnect(int error);
  // Starts or stops reading, as the state requires.
  void UpdateReading();
  // nullptr: not in this turn.
  uint8_t* Reserve(size_t* room);
  uv_buf_t RoomToRead();
  // Whether JavaScript must run now, so that it can pause.
  bool HasBroughtEnough() const;
  // It has reported as much as one connection may in one turn.
  bool HadItsTurn() const;
  void CountInTurn();
  void OnRead(ssize_t length, const uint8_t* room);
  void OnOctets(const uint8_t* octets, size_t length);
  // Decodes octets in the room of the last Reserve; returns the number taken.
  size_t DecodeInPlace(const uint8_t* octets, size_t length);
  // False: it continues in the next turn.
  bool DecodeHeld();
  // The peer is gone, by a FIN or with an error: libuv may report this before
  // all of its octets are read, and take a reset for a FIN. The system knows.
  void TakeRest(int error);
  // False: it continues in the next turn.
  bool ReadRest();
  void TellGone();
  void TellEnd();
  // Most events that octets in a room can produce.
  size_t MostEvents(size_t room) const;
  void Hold(const uint8_t* octets, size_t length);

  // One answer serves all PINGs of a turn: only the last is reported.
  void OnPing(const uint8_t* payload, size_t length);

  // -- DecoderSink; called while the octets lie in the current slab
  void OnPreface(uint8_t min_version, uint8_t max_version) override;
  void OnPlain(const uint8_t* before, size_t length) override;
  void OnFrame(uint8_t type, const uint8_t* payload, size_t length) override;
  void OnFrameStart(uint8_t type, uint32_t total) override;
  void OnFramePiece(const uint8_t* piece, size_t length, bool last) override;
  void OnData(const uint8_t* data, size_t length) override;
  void OnViolation(const framing::Violation& violation) override;

  framing::Decoder decoder_;
  const uint32_t hold_limit_;

  bool connected_ = false;
  bool reading_ = false;
  bool paused_ = false;
  bool dropping_ = false;
  // Octets that may still be dropped.
  size_t droppable_ = SIZE_MAX;
  // It has reported enough for this turn, and holds the rest.
  bool resting_ = false;
  // The peer is gone, and the system may have unread data.
  enum class Rest : uint8_t { kUntouched, kWanted, kRead, kTold };
  Rest rest_ = Rest::kUntouched;
  // The system has none: a read has found the peer's FIN.
  bool is_drained_ = false;
  // Its error; 0: its FIN.
  int gone_error_ = 0;
  // The peer's FIN has come ...
  bool ended_ = false;
  // ... and is reported after the held octets.
  bool end_held_ = false;
  bool fin_wanted_ = false;
  bool fin_sent_ = false;
  bool write_broken_ = false;
  uint32_t writing_ = 0;
  // The last read brought enough for a slab of its own.
  bool brings_much_ = false;
  // Octets to be reported to JavaScript, if their generation is the same.
  uint32_t brought_ = 0;
  uint32_t brought_generation_ = 0;
  // Events reported in a turn.
  uint32_t told_ = 0;
  uint32_t told_turn_ = 0;
  uint32_t received_ = 0;
  // kSent's place in the queue, if its generation is still the same.
  size_t sent_at_ = 0;
  uint64_t sent_generation_ = 0;
  // The same for a PING.
  size_t ping_at_ = 0;
  uint64_t ping_generation_ = 0;

  Octets held_;
};

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_CONNECTION_H_
