import { SERVICETYPE_BESTEFFORT, flowspec } from '../../src/vocabulary/qos.js';
import { libraryCalls } from '../agent/calls.js';
import type { AgentOptions } from '../agent/agent.js';
import { replacing } from './wrap.js';

const real = libraryCalls;

/** Reports success for every setsockopt, and sets nothing. */
function forgetsOptions(): AgentOptions {
  return replacing({ setsockopt: () => 0 });
}

/** Gives the same value for every option. */
function misreadsOptions(): AgentOptions {
  return replacing({ getsockopt: () => 7 });
}

/** Uses the default limits and time-outs, whatever is requested. */
function ignoresLimits(): AgentOptions {
  return replacing({
    WSASocket: (af, type, protocol, info) =>
      real.WSASocket(af, type, protocol, info),
  });
}

/** Leaves TLS out. */
function speaksWithoutTls(): AgentOptions {
  return replacing({
    WSASocket: (af, type, protocol, info, options) =>
      real.WSASocket(af, type, protocol, info, { ...options, tls: undefined }),
  });
}

/** Takes any FIN for a graceful end. */
function takesAnyFin(): AgentOptions {
  return replacing({
    WSASocket: (af, type, protocol, info, options) =>
      real.WSASocket(af, type, protocol, info, {
        ...options,
        allowBareFin: true,
      }),
  });
}

/** Reports success, and does not request the quality of service. */
function dropsQos(): AgentOptions {
  return replacing({
    WSAConnect: (s, name, callerData, calleeData) =>
      real.WSAConnect(s, name, callerData, calleeData),
  });
}

/** Grants the request, whatever the condition function returns. */
function grantsWhatWasAsked(): AgentOptions {
  return replacing({
    WSAAccept: (s, addr, condition, data) =>
      real.WSAAccept(
        s,
        addr,
        condition &&
          ((id, callerData, sqos, ...rest) =>
            condition(id, callerData, sqos && structuredClone(sqos), ...rest)),
        data,
      ),
  });
}

/** Gives the condition function a quality of service that nobody asked for. */
function inventsQos(): AgentOptions {
  const flow = flowspec({ serviceType: SERVICETYPE_BESTEFFORT });
  return replacing({
    WSAAccept: (s, addr, condition, data) =>
      real.WSAAccept(
        s,
        addr,
        condition &&
          ((id, callerData, sqos, ...rest) =>
            condition(
              id,
              callerData,
              sqos ?? { sending: flow, receiving: { ...flow } },
              ...rest,
            )),
        data,
      ),
  });
}

export const optionFaults = {
  'forgets-options': forgetsOptions,
  'misreads-options': misreadsOptions,
  'ignores-limits': ignoresLimits,
  'speaks-without-tls': speaksWithoutTls,
  'takes-any-fin': takesAnyFin,
  'drops-qos': dropsQos,
  'grants-what-was-asked': grantsWhatWasAsked,
  'invents-qos': inventsQos,
};
