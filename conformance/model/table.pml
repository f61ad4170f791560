/*
 * The table of src/provider/framed/lifecycle.ts, row by row, written a second
 * time. What is `never` there, and what this world has no cause for, breaks
 * an assertion here; a call that is refused changes nothing.
 */

#define refuse(code) printf("status %d %d\n", e, code)

/* The same for every state in which it is refused, or another one by state. */
#define isCall(i) (i == in_connect || i == in_accept || i == in_reject || \
                   i == in_send || i == in_disconnect || \
                   i == in_disconnectWithData || i == in_shutdown || \
                   i == in_close)
#define isVerdict(i) (i == in_accept || i == in_reject)
#define isSending(i) (i == in_send || i == in_disconnect || \
                      i == in_disconnectWithData || i == in_shutdown)

if
:: state[e] == idle ->
   if
   :: in == in_connect -> go(dialing, do_dial, 0, 0)
   :: in == in_close || in == in_abort -> go(closed, 0, do_release, 0)
   :: isVerdict(in) -> refuse(WSAEINVAL)
   :: isSending(in) -> refuse(WSAENOTCONN)
   :: else -> NEVER
   fi

:: state[e] == dialing ->
   if
   :: in == in_connect -> refuse(WSAEALREADY)
   :: isSending(in) -> refuse(WSAENOTCONN)
   :: in == in_close || in == in_abort -> go(closed, 0, do_reset, 0)
   :: in == in_dialed -> go(calling, do_call, 0, 0)
   :: in == in_lost -> go(idle, 0, do_release, do_indicateRefused)
   :: in == in_timeout -> go(idle, 0, do_reset, do_indicateRefused)
   :: else -> NEVER
   fi

:: state[e] == calling ->
   if
   :: in == in_connect -> refuse(WSAEALREADY)
   :: isSending(in) -> refuse(WSAENOTCONN)
   :: in == in_close || in == in_abort -> go(closed, 0, do_reset, 0)
   :: in == in_preface -> go(ringing, 0, 0, 0)
   :: in == in_lost -> go(idle, 0, do_release, do_indicateRefused)
   :: in == in_end || in == in_violation || in == in_timeout ->
      go(idle, 0, do_reset, do_indicateRefused)
   :: else -> NEVER
   fi

:: state[e] == ringing ->
   if
   :: in == in_connect -> refuse(WSAEALREADY)
   :: isSending(in) -> refuse(WSAENOTCONN)
   :: in == in_close || in == in_abort -> go(closed, 0, do_reset, 0)
   :: in == in_acceptFrame -> go(open, 0, 0, do_indicateConnected)
   :: in == in_rejectFrame -> go(idle, 0, do_linger, do_indicateRefused)
   :: in == in_lost -> go(idle, 0, do_release, do_indicateRefused)
   :: in == in_violation -> go(idle, 0, do_complain, do_indicateRefused)
   :: in == in_resetFrame || in == in_end || in == in_timeout ->
      go(idle, 0, do_reset, do_indicateRefused)
   :: else -> NEVER
   fi

:: state[e] == waiting ->
   if
   :: in == in_connect || isVerdict(in) -> refuse(WSAEINVAL)
   :: isSending(in) -> refuse(WSAENOTCONN)
   :: in == in_preface -> go(greeted, do_greet, 0, 0)
   :: in == in_noCommonVersion -> go(lingering, do_greet, do_linger, do_withdraw)
   :: in == in_lost -> go(closed, 0, do_release, do_withdraw)
   :: in == in_close || in == in_end || in == in_violation ||
      in == in_timeout -> go(closed, 0, do_reset, do_withdraw)
   :: else -> NEVER
   fi

:: state[e] == greeted ->
   if
   :: in == in_connect || isVerdict(in) -> refuse(WSAEINVAL)
   :: isSending(in) -> refuse(WSAENOTCONN)
   :: in == in_connectFrame -> go(offered, do_offer, 0, 0)
   :: in == in_close || in == in_violation || in == in_timeout ->
      go(lingering, do_sendReject, do_linger, do_withdraw)
   :: in == in_lost -> go(closed, 0, do_release, do_withdraw)
   :: in == in_resetFrame || in == in_end -> go(closed, 0, do_reset, do_withdraw)
   :: else -> NEVER
   fi

:: state[e] == offered ->
   if
   :: in == in_connect -> refuse(WSAEINVAL)
   :: isSending(in) -> refuse(WSAENOTCONN)
   :: in == in_accept -> go(open, do_sendAccept, 0, 0)
   :: in == in_reject -> go(lingering, do_sendReject, do_linger, 0)
   :: in == in_close || in == in_timeout ->
      go(lingering, do_sendReject, do_linger, do_withdraw)
   :: in == in_end -> go(closed, 0, do_reset, do_withdraw)
   :: in == in_lost -> go(closed, 0, do_release, do_withdraw)
   :: else -> NEVER
   fi

:: state[e] == open ->
   if
   :: in == in_connect -> refuse(WSAEISCONN)
   :: isVerdict(in) -> refuse(WSAEINVAL)
   :: in == in_send -> stay(do_send)
   :: in == in_disconnect || in == in_disconnectWithData ->
      go(halfClosedLocal, do_sendLastWord, 0, 0)
   :: in == in_shutdown -> go(halfClosedLocal, do_sendLastWord, do_sendFin, 0)
   :: in == in_close -> go(parting, do_sendLastWord, do_part, 0)
   :: in == in_abort -> go(closed, 0, do_reset, 0)
   :: in == in_data -> stay(do_deliver)
   :: in == in_disconnectFrame -> go(halfClosedRemote, 0, 0, do_hearLastWord)
   :: in == in_end -> go(finReceived, 0, 0, do_hearLastWord)
   :: in == in_resetFrame -> go(failed, 0, do_reset, do_fail)
   :: in == in_lost -> go(failed, 0, do_release, do_fail)
   :: in == in_violation -> go(failed, 0, do_complain, do_fail)
   :: else -> NEVER
   fi

:: state[e] == halfClosedLocal ->
   if
   :: in == in_connect -> refuse(WSAEISCONN)
   :: isVerdict(in) -> refuse(WSAEINVAL)
   :: in == in_send || in == in_disconnectWithData -> refuse(WSAESHUTDOWN)
   :: in == in_disconnect -> refuse(0)
   :: in == in_shutdown -> go(halfClosedLocal, 0, do_sendFin, 0)
   :: in == in_close -> go(parting, 0, do_part, 0)
   :: in == in_abort -> go(closed, 0, do_reset, 0)
   :: in == in_data -> stay(do_deliver)
   :: in == in_disconnectFrame || in == in_end ->
      go(ended, 0, do_sendFin, do_hearLastWord)
   :: in == in_resetFrame -> go(failed, 0, do_reset, do_fail)
   :: in == in_lost -> go(failed, 0, do_release, do_fail)
   :: in == in_violation -> go(failed, 0, do_complain, do_fail)
   :: else -> NEVER
   fi

:: state[e] == halfClosedRemote ->
   if
   :: in == in_connect -> refuse(WSAEISCONN)
   :: isVerdict(in) -> refuse(WSAEINVAL)
   :: in == in_send -> stay(do_send)
   :: in == in_disconnect || in == in_disconnectWithData ->
      go(answered, do_sendLastWord, 0, 0)
   :: in == in_shutdown -> go(ended, do_sendLastWord, do_sendFin, 0)
   :: in == in_close -> go(parting, do_sendLastWord, do_part, 0)
   :: in == in_abort -> go(closed, 0, do_reset, 0)
   :: in == in_end -> go(finReceived, 0, 0, 0)
   :: in == in_lost -> go(failed, 0, do_release, do_fail)
   :: in == in_violation -> go(failed, 0, do_complain, do_fail)
   :: else -> NEVER
   fi

:: state[e] == finReceived ->
   if
   :: in == in_connect -> refuse(WSAEISCONN)
   :: isVerdict(in) -> refuse(WSAEINVAL)
   :: in == in_send -> stay(do_send)
   :: in == in_disconnect || in == in_disconnectWithData ||
      in == in_shutdown -> go(ended, do_sendLastWord, do_sendFin, 0)
   :: in == in_close -> go(lingering, do_sendLastWord, do_linger, 0)
   :: in == in_abort -> go(closed, 0, do_reset, 0)
   :: in == in_lost -> go(failed, 0, do_release, do_fail)
   :: else -> NEVER
   fi

:: state[e] == answered ->
   if
   :: in == in_connect -> refuse(WSAEISCONN)
   :: isVerdict(in) -> refuse(WSAEINVAL)
   :: in == in_send || in == in_disconnectWithData -> refuse(WSAESHUTDOWN)
   :: in == in_disconnect -> refuse(0)
   :: in == in_shutdown || in == in_end -> go(ended, 0, do_sendFin, 0)
   :: in == in_close -> go(parting, 0, do_part, 0)
   :: in == in_abort -> go(closed, 0, do_reset, 0)
   :: in == in_lost -> go(failed, 0, do_release, do_fail)
   :: in == in_violation -> go(failed, 0, do_complain, do_fail)
   :: else -> NEVER
   fi

:: state[e] == ended ->
   if
   :: in == in_connect -> refuse(WSAEISCONN)
   :: isVerdict(in) -> refuse(WSAEINVAL)
   :: in == in_send || in == in_disconnectWithData -> refuse(WSAESHUTDOWN)
   :: in == in_disconnect || in == in_shutdown -> refuse(0)
   :: in == in_close -> go(lingering, 0, do_linger, 0)
   :: in == in_abort -> go(closed, 0, do_reset, 0)
   :: in == in_end || in == in_released -> skip
   :: in == in_lost -> go(failed, 0, do_release, do_fail)
   :: in == in_violation -> go(failed, 0, do_complain, do_fail)
   :: else -> NEVER
   fi

:: state[e] == failed ->
   if
   :: in == in_connect -> refuse(WSAEISCONN)
   :: isVerdict(in) -> refuse(WSAEINVAL)
   :: isSending(in) -> refuse(WSAECONNRESET)
   :: in == in_close -> go(closed, 0, do_release, 0)
   :: in == in_abort -> go(closed, 0, do_reset, 0)
   :: else -> NEVER
   fi

:: state[e] == parting ->
   if
   :: isVerdict(in) -> refuse(WSAECONNRESET)
   :: isCall(in) && !isVerdict(in) -> refuse(WSAENOTSOCK)
   :: in == in_data -> skip
   :: in == in_disconnectFrame || in == in_end || in == in_violation ||
      in == in_timeout -> go(lingering, 0, do_linger, 0)
   :: in == in_abort || in == in_resetFrame -> go(closed, 0, do_reset, 0)
   :: in == in_lost -> go(closed, 0, do_release, 0)
   :: else -> NEVER
   fi

:: state[e] == lingering ->
   if
   :: isVerdict(in) -> refuse(WSAECONNRESET)
   :: isCall(in) && !isVerdict(in) -> refuse(WSAENOTSOCK)
   :: in == in_abort -> go(closed, 0, do_reset, 0)
   :: in == in_released -> go(closed, 0, do_release, 0)
   :: else -> NEVER
   fi

:: state[e] == closed ->
   if
   :: isVerdict(in) -> refuse(WSAECONNRESET)
   :: isCall(in) && !isVerdict(in) -> refuse(WSAENOTSOCK)
   :: else -> NEVER
   fi
fi
