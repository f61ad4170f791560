/*
 * The framed lifecycle: two ends of src/provider/framed, and the TCP
 * connection between them. README.md says what is modelled and what is not.
 *
 * End 0 is the caller, end 1 the callee. States and inputs have the names of
 * src/provider/framed/lifecycle.ts; an input bears "in_" before its name,
 * since timeout is a word of Promela's own.
 *
 *   -DEAGER      FIN goes out with the last word (eagerFin)
 *   -DRELAY      a relay between the two that does not pass half-close on
 *   -DFEW        less data, for what would take long otherwise
 *   -DTRACE      calls that are refused too, at most VAIN of an end
 */

#define VAIN 2
/* DATA frames unread at which an end stops reading. */
#define CAPACITY(e) (silent[e] -> 1 : 2)
/* DATA frames that an end sends. */
#ifdef FEW
#define DATA(e) (1 - e)
#else
#define DATA(e) 1
#endif
/* What a direction can hold: preface, CONNECT, DATA, last frame, FIN, BAD. */
#define ROOM 7

mtype = { absent,
  idle, dialing, calling, ringing, waiting, greeted, offered, open,
  halfClosedLocal, halfClosedRemote, finReceived, answered, ended, failed,
  parting, lingering, closed };

mtype = { in_connect, in_accept, in_reject, in_send, in_disconnect,
  in_disconnectWithData, in_shutdown, in_close, in_abort,
  in_dialed, in_preface, in_noCommonVersion, in_connectFrame, in_acceptFrame,
  in_rejectFrame, in_data, in_disconnectFrame, in_resetFrame, in_end, in_lost,
  in_violation, in_timeout, in_released };

mtype = { PREFACE, OTHER_VERSION, CONNECT, ACCEPT, REJECT, DATAFRAME,
  DISCONNECT, RESET, FIN, BAD };

mtype = { do_dial, do_call, do_greet, do_offer, do_sendAccept, do_sendReject,
  do_sendRefusal, do_sendDismissal, do_send, do_sendLastWord, do_deliver,
  do_sendFin, do_part, do_release, do_reset, do_cut, do_linger,
  do_lingerBriefly, do_leave, do_complain,
  do_indicateConnected, do_indicateRefused, do_indicateReleased, do_withdraw,
  do_expire, do_disqualify, do_dismiss, do_hearLastWord, do_fail };

/* A last word, or none: what DISCONNECT carries, and what is heard. */
#define NOTHING 0
#define NO_DATA 1
#define WORD    2

#define PEER (1 - e)
#define NEVER assert(false)

#define WSAEINVAL     10022
#define WSAEALREADY   10037
#define WSAENOTSOCK   10038
#define WSAECONNRESET 10054
#define WSAEISCONN    10056
#define WSAENOTCONN   10057
#define WSAESHUTDOWN  10058

/* -- how this run goes, chosen once ------------------------------------- */

/* Clocks run out: linger, connect, handshake and verdict. */
bool deadlines;
/* So do idle limits: a silent end may be one that is stuck. */
bool idleLimits;
/* Nobody listens. */
bool noListener;
/* The caller speaks no version that the callee does. */
bool otherVersion;
/* Closes only after its close indication. */
bool patient[2];
/* Neither reads nor ends anything. */
bool silent[2];

/* -- the medium --------------------------------------------------------- */

/* What an end has sent and the other has not read, oldest first. */
chan wire[2] = [ROOM] of { mtype, byte };
/* The system's socket is there. */
bool medium[2];
/* A reset has arrived, or is on its way: what is unread may be lost. */
bool resetSeen[2];
#ifdef RELAY
/* The relay has ended: what this end sends comes to nothing. */
bool severed[2];
#endif

/* -- the transport of an end -------------------------------------------- */

bool attached[2];      /* it has somebody to tell */
bool drops[2];         /* it lingers: what comes is dropped */
bool finSent[2];
bool finRead[2];
/* Its last frame is out: nothing but FIN may follow. */
bool lastOut[2];
bool released[2];      /* nothing is left of it */
bool prefaceSeen[2];

/* -- the socket of an end ----------------------------------------------- */

mtype state[2];
byte unread[2];
bool closeHeard[2];
bool closeIsReset[2];
byte wordHeard[2];
bool closeSoon[2];     /* the close indication follows in this tick */

/* -- the listener ------------------------------------------------------- */

bool deferred;
bool departed;         /* WSAAccept has still to say that the caller left */

/* -- what happened, for what is claimed --------------------------------- */

/* Somebody reset the connection, broke a rule, or let a deadline pass. */
bool broken;
bool called[2];        /* connect was called */
byte connects[2];      /* FD_CONNECT, with 0 or not */
bool connected[2];
bool rejected;         /* REJECT is out */
bool rejectHeard;
bool accepted;         /* ACCEPT is out */
bool closedSelf[2];
byte closes[2];        /* FD_CLOSE */
bool gone[2];          /* the owner was told that all is released */
byte sent[2];
byte readData[2];
byte wordSaid[2];
/* CONNECT has come: there is a request. */
bool requested;
bool settled;          /* the request was accepted, rejected or withdrawn */

/* The world may do one thing more. */
bool calm = true;

#ifdef TRACE
byte vain[2];
#endif

/* -- the medium and the transport --------------------------------------- */

/* What reaches a system that has no such socket any more is reset. */
inline put(frame, word) {
  if
  :: !medium[e]
#ifdef RELAY
  :: medium[e] && severed[e]
  :: medium[e] && !severed[e] && medium[PEER] -> wire[e]!frame,word
  :: medium[e] && !severed[e] && !medium[PEER] -> resetSeen[e] = true
#else
  :: medium[e] && medium[PEER] -> wire[e]!frame,word
  :: medium[e] && !medium[PEER] -> resetSeen[e] = true
#endif
  fi
}

inline forget(from) {
  do
  :: nempty(wire[from]) -> wire[from]?_,_
  :: empty(wire[from]) -> break
  od
}

inline sendFin() {
  if
  :: finSent[e]
  :: !finSent[e] -> finSent[e] = true; put(FIN, 0);
#ifdef RELAY
     /* What goes the other way has lost its relay, but for an end. */
     if
     :: medium[e] && !severed[e] && !finRead[e] ->
        forget(PEER);
        wire[PEER]!FIN,0;
        severed[PEER] = true
     :: else
     fi
#endif
  fi
}

/* Ends the system's socket so that the peer sees a reset. */
inline cut() {
  if
  :: medium[e] ->
     medium[e] = false;
     forget(PEER);
     if
     :: medium[PEER] -> resetSeen[PEER] = true; broken = true
     :: else
     fi
  :: else
  fi
}

/*
 * Closes the system's socket in order. With octets unread (a FIN does not count) the
 * system resets all the same: that is what draining prevents.
 */
inline closeMedium() {
  medium[e] = false;
  if
  :: medium[PEER] && (wire[PEER]??[DATAFRAME,_] || wire[PEER]??[DISCONNECT,_]
       || wire[PEER]??[CONNECT,_] || wire[PEER]??[RESET,_]
       || wire[PEER]??[BAD,_]) -> resetSeen[PEER] = true
  :: else
  fi;
  forget(PEER)
}

/* -- the actions of the table ------------------------------------------- */

/* What a cell says: the next state, and at most one action of each kind. */
inline go(to, send, end, told) {
  state[e] = to;
  toSend = send;
  toEnd = end;
  toTell = told
}

inline indicateReleased() {
  assert(!gone[e]);
  gone[e] = true;
  printf("tell %d released %d\n", e, 0)
}

inline sayReset() {
  broken = true;
  if
  :: !lastOut[e] -> lastOut[e] = true; put(RESET, 0)
  :: else
  fi
}

inline release() { attached[e] = false }

/* A RESET frame says so, since a relay makes FIN of a reset. */
inline reset() {
  if
  :: attached[e] && !released[e] && prefaceSeen[e] && !lastOut[e] ->
     sayReset();
     drops[e] = true;
     sendFin()
  :: attached[e] && !(!released[e] && prefaceSeen[e] && !lastOut[e]) -> cut()
  :: else
  fi;
  attached[e] = false
}

/* The peer has left, and is told nothing more. */
inline cutOff() {
  if
  :: attached[e] -> cut()
  :: else
  fi;
  attached[e] = false
}

inline linger() {
  if
  :: released[e] ->
     printf("step %d in_released %e\n", e, state[e]);
     state[e] = closed;
     release();
     indicateReleased()
  :: !released[e] ->
     drops[e] = true;
     sendFin()
  fi
}

inline leave() {
  if
  :: released[e]
  :: else -> drops[e] = true; sendFin()
  fi;
  attached[e] = false
}

inline complain() {
  sayReset();
  drops[e] = true;
  sendFin();
  attached[e] = false
}

inline indicateClose() {
  if
  :: closes[e] > 0 || closedSelf[e]
  :: else ->
     closes[e]++;
     printf("tell %d FD_CLOSE %d %d\n", e, closeIsReset[e], wordHeard[e]);
     /* Exactly one, and none after one's own closesocket (row 7). */
     assert(closes[e] == 1);
     assert(!closedSelf[e]);
     /* Behind all data (row 7). */
     assert(unread[e] == 0);
     if
     :: closeIsReset[e] -> assert(broken)
     :: else ->
        /* Nothing lost, and the word is the one that was said. */
        assert(readData[e] == sent[PEER]);
        assert(wordSaid[PEER] != NOTHING);
        assert(wordHeard[e] == wordSaid[PEER])
     fi
  fi
}

inline hearClose(isReset, word) {
  if
  :: closeHeard[e]
  :: else ->
     closeHeard[e] = true;
     closeIsReset[e] = isReset;
     wordHeard[e] = word;
     if
     :: unread[e] == 0 -> indicateClose()
     :: else
     fi
  fi
}

inline sendLastWord() {
  wordSaid[e] = (in == in_disconnectWithData -> WORD : NO_DATA);
  put(DISCONNECT, wordSaid[e]);
  lastOut[e] = true;
#ifdef EAGER
  sendFin()
#endif
}

inline deliver() {
  unread[e]++
}

inline indicateConnected() {
  connects[e]++;
  connected[e] = true;
  printf("tell %d FD_CONNECT %d\n", e, 0);
  assert(connects[e] == 1);
  assert(accepted)
}

inline indicateRefused() {
  connects[e]++;
  printf("tell %d FD_CONNECT %d\n", e, 1);
  assert(connects[e] == 1);
  if
  :: in == in_rejectFrame -> rejectHeard = true
  /* A refusal is learnt as one, unless there was a reset (row 4). */
  :: else -> assert(broken || !rejected)
  fi
}

inline refuseCaller() {
  rejected = true;
  lastOut[e] = true;
  put(REJECT, 0)
}

inline sendReject() {
  settled = true;
  refuseCaller()
}

/* A listener, or none: then the dialling is refused. */
inline dial() {
  attached[e] = true;
  medium[e] = true;
  if
  :: noListener -> resetSeen[e] = true; broken = true
  :: else -> medium[PEER] = true
  fi
}

inline call() {
  if
  :: otherVersion -> put(OTHER_VERSION, 0)
  :: else -> put(PREFACE, 0)
  fi;
  put(CONNECT, 0)
}

inline greet() {
  if
  :: otherVersion -> put(OTHER_VERSION, 0)
  :: else -> put(PREFACE, 0)
  fi
}

inline offer() {
  requested = true;
  printf("tell %d FD_ACCEPT 0\n", e)
}

inline sendAccept() {
  accepted = true;
  settled = true;
  connected[e] = true;
  put(ACCEPT, 0)
}

inline send() {
  sent[e]++;
  put(DATAFRAME, 0)
}

/* Nobody was given the connection: nobody is told that it is released. */
inline forgetRequest() {
  assert(!requested || !settled);
  if
  :: state[e] == closed -> gone[e] = true
  :: else
  fi
}

inline withdraw() {
  forgetRequest();
  if
  :: requested ->
     if
     :: deferred ->
        departed = true;
        printf("tell %d FD_ACCEPT %d\n", e, 0)
     :: else -> settled = true
     fi
  :: else
  fi
}

inline dismiss() {
  forgetRequest();
  if
  :: requested -> settled = true
  :: else
  fi
}

/* Nobody reads any more, and nothing is told. */
inline discard() {
  closedSelf[e] = true;
  unread[e] = 0;
  readData[e] = 0;
  closeHeard[e] = false;
  closeIsReset[e] = false;
  wordHeard[e] = NOTHING
}

/* -- an end ------------------------------------------------------------- */

#define isOpen(s) (s == open || s == halfClosedRemote || s == finReceived)
/* shutdown(SD_SEND) still ends something. */
#define mayShut(s) (isOpen(s) || s == halfClosedLocal || s == answered)
#define inSetup(s) (s == dialing || s == calling || s == ringing || \
                    s == waiting || s == greeted || s == offered)
#define isConnected(s) (s == open || s == halfClosedLocal || \
                        s == halfClosedRemote || s == finReceived || \
                        s == answered || s == ended || s == failed)
#define isThere(s) (s != absent && s != parting && s != lingering && \
                    s != closed)
/* May this application end the connection by itself? */
#define endsItself(e) (!silent[e] && (!patient[e] || closes[e] > 0 || \
                       (state[e] == idle && called[e])))
/* The tick in which all data was read is not over. */
#define quiet(e) (!closeSoon[e])

proctype End(byte e) {
  mtype in, frame, from, toSend, toEnd, toTell;
  byte word;
end:
  do
  /* What is told before anything else can happen here. */
  :: atomic { closeSoon[e] ->
       closeSoon[e] = false;
       printf("soon %d\n", e);
       indicateClose()
     }

  /* The listener takes the connection in, or has too many pending. */
  :: atomic { e == 1 && state[e] == absent && medium[e] ->
       if
       :: state[e] = waiting; attached[e] = true; printf("answer %d\n", e)
       :: state[e] = closed; gone[e] = true; closedSelf[e] = true;
          printf("overLimit %d\n", e);
#ifdef TRACE
          vain[e] = VAIN;
#endif
          cut()
       fi
     }

  /* The application reads. */
  :: atomic { unread[e] > 0 && !closedSelf[e] && !silent[e] ->
       unread[e]--;
       readData[e]++;
       printf("read %d\n", e);
       if
       :: unread[e] == 0 && closeHeard[e] -> closeSoon[e] = true
       :: else
       fi
     }

  /* The application defers, and learns that a deferred caller has left. */
  :: atomic { e == 1 && state[e] == offered && !deferred ->
       deferred = true;
       printf("defer %d\n", e)
     }
  :: atomic { e == 1 && departed ->
       departed = false;
       settled = true;
       printf("departed %d\n", e)
     }

  /* What lingers reads on and drops. */
  :: atomic { medium[e] && drops[e] && !finRead[e] && nempty(wire[PEER]) ->
       wire[PEER]?frame,word;
       printf("drop %d %e\n", e, frame);
       if
       :: frame == FIN -> finRead[e] = true
       :: else
       fi;
       frame = 0; word = 0
     }
  /* Nobody is told of the end of a transport that has nobody to tell. */
  :: atomic { medium[e] && !attached[e] && finSent[e] && finRead[e] ->
       printf("gone %d\n", e);
       released[e] = true;
       closeMedium()
     }
  :: atomic { medium[e] && !attached[e] && state[e] != absent &&
              (resetSeen[e] || (deadlines && drops[e])) ->
       if
       :: resetSeen[e] -> printf("cut %d\n", e)
       :: deadlines && drops[e] -> printf("deadline %d\n", e);
       fi;
       released[e] = true;
       cut()
     }

  /* An input of the table. */
  :: atomic {
       if
       /* What the application does. */
       :: e == 0 && state[e] == idle && !called[e] && quiet(e) ->
          in = in_connect; called[e] = true
       :: state[e] == offered -> in = in_accept
       :: state[e] == offered -> in = in_reject
       :: isOpen(state[e]) && sent[e] < DATA(e) && quiet(e) -> in = in_send
       :: isOpen(state[e]) && !silent[e] && quiet(e) -> in = in_disconnect
       :: isOpen(state[e]) && !silent[e] && quiet(e) ->
          in = in_disconnectWithData
#ifndef RELAY
       :: mayShut(state[e]) && !finSent[e] && !silent[e] && quiet(e) ->
          in = in_shutdown
#endif
       :: isThere(state[e]) && endsItself(e) && !(e == 0 && !called[e]) ->
          in = in_close
       :: (isThere(state[e]) || (state[e] == lingering && !deadlines) ||
           /* Nor is one to end a wait that nothing else would end. */
           (state[e] == parting && !deadlines && !patient[PEER])) &&
          endsItself(e) &&
          !patient[e] && !(e == 0 && !called[e]) &&
          !(e == 1 && inSetup(state[e])) -> in = in_abort

       /* What the transport tells. */
       :: state[e] == dialing && medium[e] && medium[PEER] && quiet(e) ->
          in = in_dialed
       :: medium[e] && attached[e] && !drops[e] && !finRead[e] && quiet(e) &&
          state[e] != dialing && unread[e] < CAPACITY(e) && !released[e] &&
          nempty(wire[PEER]) &&
          /* Held undecoded until the verdict, but for an end. */
          (state[e] != offered || wire[PEER]?[FIN,_]) ->
          wire[PEER]?frame,word;
          if
          :: frame == PREFACE -> in = in_preface; prefaceSeen[e] = true
          :: frame == OTHER_VERSION ->
             if
             :: e == 1 -> in = in_noCommonVersion
             :: else -> in = in_violation
             fi
          :: frame == CONNECT -> in = in_connectFrame
          :: frame == ACCEPT -> in = in_acceptFrame
          :: frame == REJECT -> in = in_rejectFrame
          :: frame == DATAFRAME -> in = in_data
          :: frame == DISCONNECT -> in = in_disconnectFrame
          :: frame == RESET -> in = in_resetFrame
          :: frame == BAD -> in = in_violation
          :: frame == FIN -> finRead[e] = true;
             if
             /* A cut: DISCONNECT had to come first. */
             :: state[e] == open || state[e] == halfClosedLocal ->
                /* Who is not broken off says DISCONNECT. */
                assert(broken);
                in = in_violation
             :: else -> in = in_end
             fi
          fi
       /* What is unread when a reset comes is lost, all or a part of it. */
       :: medium[e] && attached[e] && resetSeen[e] && quiet(e) ->
          cut();
          if
          :: drops[e] -> printf("cause reset\n");
             in = in_released; released[e] = true
          :: else -> in = in_lost; released[e] = true
          fi
       :: medium[e] && attached[e] && finSent[e] && finRead[e] && quiet(e) ->
          closeMedium();
          released[e] = true;
          in = in_released

       /* The clock. */
       :: deadlines && medium[e] && attached[e] && drops[e] ->
          printf("cause deadline\n");
          cut();
          released[e] = true;
          in = in_released
       :: deadlines && (inSetup(state[e]) || state[e] == parting) ->
          in = in_timeout
       :: idleLimits && attached[e] && !released[e] && silent[PEER] &&
          (state[e] == open || state[e] == halfClosedLocal) ->
          broken = true;
          in = in_timeout
#ifdef TRACE
       /* In vain: what the table refuses. */
       :: vain[e] < VAIN && state[e] != absent && quiet(e) ->
          if
          :: !(e == 0 && state[e] == idle) -> in = in_connect
          :: state[e] != offered && e == 1 -> in = in_accept
          :: state[e] != offered && e == 1 -> in = in_reject
          :: !isOpen(state[e]) -> in = in_send
          :: !isOpen(state[e]) -> in = in_disconnect
          :: !isOpen(state[e]) -> in = in_disconnectWithData
          :: !mayShut(state[e]) -> in = in_shutdown
          :: state[e] == parting || state[e] == lingering ||
             state[e] == closed -> in = in_close
          fi;
          vain[e]++
#endif
       fi;

       from = state[e];
       printf("step %d %e %e\n", e, in, from);
       if
       :: (in == in_close || in == in_abort) && from != closed ->
          discard()
       :: else
       fi;
#include "table.pml"
       /* The transport is settled before the application is told. */
       if
       :: toSend == do_dial -> dial()
       :: toSend == do_call -> call()
       :: toSend == do_greet -> greet()
       :: toSend == do_offer -> offer()
       :: toSend == do_sendAccept -> sendAccept()
       :: toSend == do_sendReject -> sendReject()
       :: toSend == do_sendRefusal || toSend == do_sendDismissal ->
          refuseCaller()
       :: toSend == do_send -> send()
       :: toSend == do_sendLastWord -> sendLastWord()
       :: toSend == do_deliver -> deliver()
       :: else
       fi;
       if
       :: toEnd == do_sendFin -> sendFin()
       :: toEnd == do_release -> release()
       :: toEnd == do_reset -> reset()
       :: toEnd == do_cut -> cutOff()
       :: toEnd == do_linger || toEnd == do_lingerBriefly -> linger()
       :: toEnd == do_leave -> leave()
       :: toEnd == do_complain -> complain()
       :: else
       fi;
       if
       :: toTell == do_indicateConnected -> indicateConnected()
       :: toTell == do_indicateRefused -> indicateRefused()
       :: toTell == do_indicateReleased -> indicateReleased()
       :: toTell == do_withdraw || toTell == do_expire ||
          toTell == do_disqualify -> withdraw()
       :: toTell == do_dismiss -> dismiss()
       :: toTell == do_hearLastWord -> hearClose(false, word)
       :: toTell == do_fail -> hearClose(true, NOTHING)
       :: else
       fi;
       printf("now %d %e\n", e, state[e]);
       in = 0; frame = 0; from = 0; word = 0;
       toSend = 0; toEnd = 0; toTell = 0
     }
  od
}

/* -- the world ---------------------------------------------------------- */

proctype World() {
  byte e;
end:
  do
  /* Nothing happens: what waits in vain then would wait for ever. */
  :: calm -> calm = false
  /* A reset of both ends: a machine between them, a cable. */
  :: atomic { calm && (medium[0] || medium[1]) ->
       calm = false;
       broken = true;
       printf("netReset\n");
       resetSeen[0] = medium[0];
       resetSeen[1] = medium[1]
     }
  /* Octets that no end of ours would send. */
  :: atomic { calm && medium[0] && !finSent[0] && state[0] != dialing ->
       e = 0;
       calm = false;
       broken = true;
       printf("garbage 0\n");
       put(BAD, 0)
     }
  :: atomic { calm && medium[1] && !finSent[1] && attached[1] ->
       e = 1;
       calm = false;
       broken = true;
       printf("garbage 1\n");
       put(BAD, 0);
       e = 0
     }
  od
}

/* What has to be so when nothing can happen any more. */
proctype Judge() {
  byte e;
  timeout ->
  d_step {
    do
    :: e < 2 ->
       if
       :: silent[e] -> assert(!isConnected(state[e]) || closes[e] == 1 ||
            unread[e] > 0 || !finRead[e])
       :: else ->
          assert(state[e] == closed || state[e] == absent);
          assert(state[e] == absent || gone[e]);
          assert(!medium[e]);
          assert(!connected[e] || closes[e] == 1 || closedSelf[e])
       fi;
       e++
    :: else -> break
    od;
    assert(!called[0] || connects[0] == 1 || closedSelf[0]);
    assert(requested == settled);
    assert(!departed);
    assert(!rejected || rejectHeard || broken || closedSelf[0]);
    printf("over\n")
  }
}

init {
  atomic {
    state[0] = idle;
    state[1] = absent;
    if
    :: true
    :: patient[0] = true
    :: patient[1] = true
    :: patient[0] = true; patient[1] = true
#ifndef RELAY
    :: deadlines = true
    :: deadlines = true; silent[0] = true
    :: deadlines = true; silent[1] = true
    :: deadlines = true; silent[0] = true; idleLimits = true
    :: deadlines = true; silent[1] = true; idleLimits = true
    :: noListener = true
    :: otherVersion = true
#endif
#ifdef TRACE
    /* More often, for long traces. */
    :: patient[0] = true; patient[1] = true
    :: patient[0] = true; patient[1] = true
    :: patient[0] = true; patient[1] = true
    :: patient[1] = true
    :: patient[1] = true
#endif
    fi;
    printf("run %d %d\n", noListener, otherVersion);
    run End(0);
    run End(1);
    run World();
    run Judge()
  }
}

/* Fairness is not needed: a run has no circle, each step uses something up. */
ltl released {
  [] (closedSelf[0] -> <> gone[0]) && [] (closedSelf[1] -> <> gone[1])
}
