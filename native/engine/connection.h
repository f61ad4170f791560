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
  // Octets kept while held; and read before JavaScript is told of them.
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
  // It came in, and is connected.
  void Begin();
  // Before that, of what was accepted past libuv; 0 or an error.
  int Take(uv_os_sock_t accepted);

  // -- sending. What was broken by an error drops all that is sent.
  // Copies what the system does not take at once.
  void WriteCopy(const uint8_t* octets, size_t length);
  // The first piece is copied if it has to wait; JavaScript keeps the others
  // alive until kSent or kReleased. The pieces are changed.
  void WriteKept(uv_buf_t* pieces, size_t count);
  // The same, of what is written last, and FIN behind it; returns as Shutdown.
  bool WriteLast(const uint8_t* octets, size_t length);
  // FIN, behind all that was written; whether it is sent already. Otherwise
  // kFinSent follows.
  bool Shutdown();
  // Octets that have come, modulo 2^32.
  uint32_t received() const { return received_; }
  // Octets that were written and that the system does not have.
  size_t unsent() { return uv_stream_get_write_queue_size(stream()); }
  // Octets that the system has, and the peer's side has not; negative: the
  // system does not tell.
  int outstanding() { return CountOutstanding(stream()); }
  // Writes that are under way.
  uint32_t writing() const { return writing_; }
  // Writes are dropped now.
  bool cannot_write() const {
    return write_broken_ || fin_wanted_ || closing();
  }

  // -- receiving
  void Pause();
  void Resume();
  // The verdict is there: what was held is decoded, in the next turn.
  void Release();
  // Decodes what was held, as far as there is room.
  bool OnReady() override;

  // -- the end
  // Drops what comes, sends FIN, closes after both ends' FINs. Whether FIN is
  // sent already.
  bool Linger();
  // Behind an abort: as Linger, but takes little of what the peer still sends,
  // which must not believe that what is dropped has arrived.
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

  // Octets that the system takes at once; negative: the connection is broken.
  ssize_t TryWrite(const uv_buf_t* pieces, size_t count);
  void Submit(Write* write, const uv_buf_t* pieces, size_t count);
  // False: it is broken.
  bool SubmitPart(Write* write, const uv_buf_t* pieces, size_t count);
  void OnWritten(int error);
  // Whether it went well.
  bool OnShutdown(int error);
  void BreakWrites(int error);
  void Lose(int error);
  void CloseIfDone();

  void OnConnect(int error);
  // Reads, or does not, as the state wants it.
  void UpdateReading();
  // nullptr: not in this turn.
  uint8_t* Reserve(size_t* room);
  uv_buf_t RoomToRead();
  // Whether JavaScript must run now, so that it can pause.
  bool HasBroughtEnough() const;
  // It has told as much as one connection may in one turn.
  bool HadItsTurn() const;
  void CountInTurn();
  void OnRead(ssize_t length, const uint8_t* room);
  void OnOctets(const uint8_t* octets, size_t length);
  // Octets in the room of the last Reserve; returns how many it took.
  size_t DecodeInPlace(const uint8_t* octets, size_t length);
  // False: it goes on in the next turn.
  bool DecodeHeld();
  // The peer is gone, by a FIN or with an error: libuv may tell so before all
  // that the peer sent is read, and take a reset for a FIN. The system knows.
  void TakeRest(int error);
  // False: it goes on in the next turn.
  bool ReadRest();
  void TellGone();
  void TellEnd();
  // Events that octets in a room may come to.
  size_t MostEvents(size_t room) const;
  void Hold(const uint8_t* octets, size_t length);

  // One answer does for all PINGs of a turn: only the last is told.
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
  // It has told enough for this turn, and holds the rest.
  bool resting_ = false;
  // Unread data in the system of a peer that is gone.
  enum class Rest : uint8_t { kUntouched, kWanted, kRead, kTold };
  Rest rest_ = Rest::kUntouched;
  // The system has none: a read has found the peer's FIN.
  bool is_drained_ = false;
  // Why it is gone; 0: its FIN.
  int gone_error_ = 0;
  // The peer's FIN is in ...
  bool ended_ = false;
  // ... and is told behind what is held.
  bool end_held_ = false;
  bool fin_wanted_ = false;
  bool fin_sent_ = false;
  bool write_broken_ = false;
  uint32_t writing_ = 0;
  // The last read brought as much as is worth a slab of its own.
  bool brings_much_ = false;
  // Octets of which JavaScript is to be told, if their generation is the same.
  uint32_t brought_ = 0;
  uint32_t brought_generation_ = 0;
  // Events that were told in a turn.
  uint32_t told_ = 0;
  uint32_t told_turn_ = 0;
  uint32_t received_ = 0;
  // Where in the queue kSent stands, if its generation is still the same.
  size_t sent_at_ = 0;
  uint64_t sent_generation_ = 0;
  // The same of a PING.
  size_t ping_at_ = 0;
  uint64_t ping_generation_ = 0;

  Octets held_;
};

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_CONNECTION_H_
