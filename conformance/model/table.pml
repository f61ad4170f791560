/*
 * The table of src/provider/framed/lifecycle.ts: npm run model -- --table
 * writes it. What cannot happen there breaks an assertion here; a call that is
 * refused changes nothing.
 */

#define refuse(code) printf("status %d %d\n", e, code)

if
:: state[e] == idle ->
   if
   :: in == in_connect -> go(dialing, do_dial, 0, 0)
   :: in == in_accept || in == in_reject -> refuse(WSAEINVAL)
   :: in == in_send || in == in_disconnect || in == in_disconnectWithData ||
      in == in_shutdown -> refuse(WSAENOTCONN)
   :: in == in_close || in == in_abort ->
      go(closed, 0, do_release, do_indicateReleased)
   :: in == in_lost || in == in_violation || in == in_released -> skip
   :: else -> NEVER
   fi

:: state[e] == dialing ->
   if
   :: in == in_connect -> refuse(WSAEALREADY)
   :: in == in_accept || in == in_reject -> refuse(WSAEINVAL)
   :: in == in_send || in == in_disconnect || in == in_disconnectWithData ||
      in == in_shutdown -> refuse(WSAENOTCONN)
   :: in == in_close || in == in_abort ->
      go(closed, 0, do_reset, do_indicateReleased)
   :: in == in_dialed -> go(calling, do_call, 0, 0)
   :: in == in_end || in == in_lost || in == in_released ->
      go(idle, 0, do_release, do_indicateRefused)
   :: in == in_violation || in == in_timeout ->
      go(idle, 0, do_reset, do_indicateRefused)
   :: else -> NEVER
   fi

:: state[e] == calling ->
   if
   :: in == in_connect -> refuse(WSAEALREADY)
   :: in == in_accept || in == in_reject -> refuse(WSAEINVAL)
   :: in == in_send || in == in_disconnect || in == in_disconnectWithData ||
      in == in_shutdown -> refuse(WSAENOTCONN)
   :: in == in_close || in == in_abort ->
      go(closed, 0, do_reset, do_indicateReleased)
   :: in == in_preface -> go(ringing, 0, 0, 0)
   :: in == in_end -> go(idle, 0, do_cut, do_indicateRefused)
   :: in == in_lost || in == in_released ->
      go(idle, 0, do_release, do_indicateRefused)
   :: in == in_violation || in == in_timeout ->
      go(idle, 0, do_reset, do_indicateRefused)
   :: else -> NEVER
   fi

:: state[e] == ringing ->
   if
   :: in == in_connect -> refuse(WSAEALREADY)
   :: in == in_accept || in == in_reject -> refuse(WSAEINVAL)
   :: in == in_send || in == in_disconnect || in == in_disconnectWithData ||
      in == in_shutdown -> refuse(WSAENOTCONN)
   :: in == in_close || in == in_abort ->
      go(closed, 0, do_reset, do_indicateReleased)
   :: in == in_acceptFrame -> go(open, 0, 0, do_indicateConnected)
   :: in == in_rejectFrame -> go(idle, 0, do_leave, do_indicateRefused)
   :: in == in_resetFrame || in == in_end ->
      go(idle, 0, do_cut, do_indicateRefused)
   :: in == in_lost || in == in_released ->
      go(idle, 0, do_release, do_indicateRefused)
   :: in == in_violation -> go(idle, 0, do_complain, do_indicateRefused)
   :: in == in_timeout -> go(idle, 0, do_reset, do_indicateRefused)
   :: else -> NEVER
   fi

:: state[e] == waiting ->
   if
   :: in == in_connect || in == in_accept || in == in_reject ->
      refuse(WSAEINVAL)
   :: in == in_send || in == in_disconnect || in == in_disconnectWithData ||
      in == in_shutdown -> refuse(WSAENOTCONN)
   :: in == in_close || in == in_abort -> go(closed, 0, do_reset, do_dismiss)
   :: in == in_preface -> go(greeted, do_greet, 0, 0)
   :: in == in_noCommonVersion ->
      go(lingering, do_greet, do_linger, do_disqualify)
   :: in == in_end -> go(closed, 0, do_cut, do_withdraw)
   :: in == in_lost || in == in_released ->
      go(closed, 0, do_release, do_withdraw)
   :: in == in_violation -> go(closed, 0, do_reset, do_disqualify)
   :: in == in_timeout -> go(closed, 0, do_reset, do_expire)
   :: else -> NEVER
   fi

:: state[e] == greeted ->
   if
   :: in == in_connect || in == in_accept || in == in_reject ->
      refuse(WSAEINVAL)
   :: in == in_send || in == in_disconnect || in == in_disconnectWithData ||
      in == in_shutdown -> refuse(WSAENOTCONN)
   :: in == in_close -> go(lingering, do_sendDismissal, do_linger, do_dismiss)
   :: in == in_abort -> go(closed, 0, do_reset, do_dismiss)
   :: in == in_connectFrame -> go(offered, do_offer, 0, 0)
   :: in == in_resetFrame || in == in_end -> go(closed, 0, do_cut, do_withdraw)
   :: in == in_lost || in == in_released ->
      go(closed, 0, do_release, do_withdraw)
   :: in == in_violation ->
      go(lingering, do_sendRefusal, do_linger, do_disqualify)
   :: in == in_timeout ->
      go(lingering, do_sendRefusal, do_lingerBriefly, do_expire)
   :: else -> NEVER
   fi

:: state[e] == offered ->
   if
   :: in == in_connect -> refuse(WSAEINVAL)
   :: in == in_accept -> go(open, do_sendAccept, 0, 0)
   :: in == in_reject -> go(lingering, do_sendReject, do_linger, 0)
   :: in == in_send || in == in_disconnect || in == in_disconnectWithData ||
      in == in_shutdown -> refuse(WSAENOTCONN)
   :: in == in_close -> go(lingering, do_sendDismissal, do_linger, do_dismiss)
   :: in == in_abort -> go(closed, 0, do_reset, do_dismiss)
   :: in == in_end -> go(closed, 0, do_cut, do_withdraw)
   :: in == in_lost || in == in_released ->
      go(closed, 0, do_release, do_withdraw)
   :: in == in_timeout ->
      go(lingering, do_sendRefusal, do_lingerBriefly, do_expire)
   :: else -> NEVER
   fi

:: state[e] == open ->
   if
   :: in == in_connect -> refuse(WSAEISCONN)
   :: in == in_accept || in == in_reject -> refuse(WSAEINVAL)
   :: in == in_send -> go(open, do_send, 0, 0)
   :: in == in_disconnect || in == in_disconnectWithData ->
      go(halfClosedLocal, do_sendLastWord, 0, 0)
   :: in == in_shutdown -> go(halfClosedLocal, do_sendLastWord, do_sendFin, 0)
   :: in == in_close -> go(parting, do_sendLastWord, do_part, 0)
   :: in == in_abort -> go(closed, 0, do_reset, do_indicateReleased)
   :: in == in_data -> go(open, do_deliver, 0, 0)
   :: in == in_disconnectFrame -> go(halfClosedRemote, 0, 0, do_hearLastWord)
   :: in == in_resetFrame -> go(failed, 0, do_cut, do_fail)
   :: in == in_end -> go(finReceived, 0, 0, do_hearLastWord)
   :: in == in_lost || in == in_released -> go(failed, 0, do_release, do_fail)
   :: in == in_violation -> go(failed, 0, do_complain, do_fail)
   :: in == in_timeout -> go(failed, 0, do_reset, do_fail)
   :: else -> NEVER
   fi

:: state[e] == halfClosedLocal ->
   if
   :: in == in_connect -> refuse(WSAEISCONN)
   :: in == in_accept || in == in_reject -> refuse(WSAEINVAL)
   :: in == in_send || in == in_disconnectWithData -> refuse(WSAESHUTDOWN)
   :: in == in_disconnect -> refuse(0)
   :: in == in_shutdown -> go(halfClosedLocal, 0, do_sendFin, 0)
   :: in == in_close -> go(parting, 0, do_part, 0)
   :: in == in_abort -> go(closed, 0, do_reset, do_indicateReleased)
   :: in == in_data -> go(halfClosedLocal, do_deliver, 0, 0)
   :: in == in_disconnectFrame || in == in_end ->
      go(ended, 0, do_sendFin, do_hearLastWord)
   :: in == in_resetFrame -> go(failed, 0, do_cut, do_fail)
   :: in == in_lost || in == in_released -> go(failed, 0, do_release, do_fail)
   :: in == in_violation -> go(failed, 0, do_complain, do_fail)
   :: in == in_timeout -> go(failed, 0, do_reset, do_fail)
   :: else -> NEVER
   fi

:: state[e] == halfClosedRemote ->
   if
   :: in == in_connect -> refuse(WSAEISCONN)
   :: in == in_accept || in == in_reject -> refuse(WSAEINVAL)
   :: in == in_send -> go(halfClosedRemote, do_send, 0, 0)
   :: in == in_disconnect || in == in_disconnectWithData ->
      go(answered, do_sendLastWord, 0, 0)
   :: in == in_shutdown -> go(ended, do_sendLastWord, do_sendFin, 0)
   :: in == in_close -> go(parting, do_sendLastWord, do_part, 0)
   :: in == in_abort -> go(closed, 0, do_reset, do_indicateReleased)
   :: in == in_end -> go(finReceived, 0, 0, 0)
   :: in == in_lost || in == in_released -> go(failed, 0, do_release, do_fail)
   :: in == in_violation -> go(failed, 0, do_complain, do_fail)
   :: else -> NEVER
   fi

:: state[e] == finReceived ->
   if
   :: in == in_connect -> refuse(WSAEISCONN)
   :: in == in_accept || in == in_reject -> refuse(WSAEINVAL)
   :: in == in_send -> go(finReceived, do_send, 0, 0)
   :: in == in_disconnect || in == in_disconnectWithData || in == in_shutdown ->
      go(ended, do_sendLastWord, do_sendFin, 0)
   :: in == in_close -> go(lingering, do_sendLastWord, do_linger, 0)
   :: in == in_abort -> go(closed, 0, do_reset, do_indicateReleased)
   :: in == in_lost || in == in_released -> go(failed, 0, do_release, do_fail)
   :: else -> NEVER
   fi

:: state[e] == answered ->
   if
   :: in == in_connect -> refuse(WSAEISCONN)
   :: in == in_accept || in == in_reject -> refuse(WSAEINVAL)
   :: in == in_send || in == in_disconnectWithData -> refuse(WSAESHUTDOWN)
   :: in == in_disconnect -> refuse(0)
   :: in == in_shutdown || in == in_end -> go(ended, 0, do_sendFin, 0)
   :: in == in_close -> go(parting, 0, do_part, 0)
   :: in == in_abort -> go(closed, 0, do_reset, do_indicateReleased)
   :: in == in_lost || in == in_released -> go(failed, 0, do_release, do_fail)
   :: in == in_violation -> go(failed, 0, do_complain, do_fail)
   :: else -> NEVER
   fi

:: state[e] == ended ->
   if
   :: in == in_connect -> refuse(WSAEISCONN)
   :: in == in_accept || in == in_reject -> refuse(WSAEINVAL)
   :: in == in_send || in == in_disconnectWithData -> refuse(WSAESHUTDOWN)
   :: in == in_disconnect || in == in_shutdown -> refuse(0)
   :: in == in_close -> go(lingering, 0, do_linger, 0)
   :: in == in_abort -> go(closed, 0, do_reset, do_indicateReleased)
   :: in == in_end || in == in_released -> skip
   :: in == in_lost -> go(failed, 0, do_release, do_fail)
   :: in == in_violation -> go(failed, 0, do_complain, do_fail)
   :: else -> NEVER
   fi

:: state[e] == failed ->
   if
   :: in == in_connect -> refuse(WSAEISCONN)
   :: in == in_accept || in == in_reject -> refuse(WSAEINVAL)
   :: in == in_send || in == in_disconnect || in == in_disconnectWithData ||
      in == in_shutdown -> refuse(WSAECONNRESET)
   :: in == in_close -> go(closed, 0, do_release, do_indicateReleased)
   :: in == in_abort -> go(closed, 0, do_reset, do_indicateReleased)
   :: in == in_end || in == in_lost || in == in_violation ||
      in == in_released -> skip
   :: else -> NEVER
   fi

:: state[e] == parting ->
   if
   :: in == in_connect || in == in_send || in == in_disconnect ||
      in == in_disconnectWithData || in == in_shutdown || in == in_close ->
      refuse(WSAENOTSOCK)
   :: in == in_accept || in == in_reject -> refuse(WSAECONNRESET)
   :: in == in_abort -> go(closed, 0, do_reset, do_indicateReleased)
   :: in == in_data -> skip
   :: in == in_disconnectFrame || in == in_end || in == in_violation ->
      go(lingering, 0, do_linger, 0)
   :: in == in_resetFrame -> go(closed, 0, do_cut, do_indicateReleased)
   :: in == in_lost || in == in_released ->
      go(closed, 0, do_release, do_indicateReleased)
   :: in == in_timeout -> go(lingering, 0, do_lingerBriefly, 0)
   :: else -> NEVER
   fi

:: state[e] == lingering ->
   if
   :: in == in_connect || in == in_send || in == in_disconnect ||
      in == in_disconnectWithData || in == in_shutdown || in == in_close ->
      refuse(WSAENOTSOCK)
   :: in == in_accept || in == in_reject -> refuse(WSAECONNRESET)
   :: in == in_abort -> go(closed, 0, do_reset, do_indicateReleased)
   :: in == in_end || in == in_lost -> skip
   :: in == in_released -> go(closed, 0, do_release, do_indicateReleased)
   :: else -> NEVER
   fi

:: state[e] == closed ->
   if
   :: in == in_connect || in == in_send || in == in_disconnect ||
      in == in_disconnectWithData || in == in_shutdown || in == in_close ||
      in == in_abort -> refuse(WSAENOTSOCK)
   :: in == in_accept || in == in_reject -> refuse(WSAECONNRESET)
   :: in == in_dialed || in == in_end || in == in_lost || in == in_violation ||
      in == in_released -> skip
   :: else -> NEVER
   fi
fi
