/** Winsock2's constants (winsock2.h, ws2def.h), with Winsock2's numbers. */

export const AF_UNSPEC = 0;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 23;

export const SOCK_STREAM = 1;
export const SOCK_SEQPACKET = 5;

export const FROM_PROTOCOL_INFO = -1;

export const IPPROTO_TCP = 6;
export const IPPROTO_IPV6 = 41;

export const SD_RECEIVE = 0;
export const SD_SEND = 1;
export const SD_BOTH = 2;

export const MSG_PARTIAL = 0x8000;
export const MSG_PEEK = 0x2;

export const CF_ACCEPT = 0;
export const CF_REJECT = 1;
export const CF_DEFER = 2;

export const FD_READ_BIT = 0;
export const FD_READ = 0x1;
export const FD_WRITE_BIT = 1;
export const FD_WRITE = 0x2;
export const FD_OOB_BIT = 2;
export const FD_OOB = 0x4;
export const FD_ACCEPT_BIT = 3;
export const FD_ACCEPT = 0x8;
export const FD_CONNECT_BIT = 4;
export const FD_CONNECT = 0x10;
export const FD_CLOSE_BIT = 5;
export const FD_CLOSE = 0x20;
export const FD_MAX_EVENTS = 10;
export const FD_ALL_EVENTS = 0x3ff;

export const SOL_SOCKET = 0xffff;
export const SO_ACCEPTCONN = 0x0002;
export const SO_KEEPALIVE = 0x0008;
export const SO_LINGER = 0x0080;
export const SO_SNDBUF = 0x1001;
export const SO_RCVBUF = 0x1002;
export const SO_ERROR = 0x1007;
export const SO_TYPE = 0x1008;
export const SO_PROTOCOL_INFO = 0x2005;
export const SO_CONDITIONAL_ACCEPT = 0x3002;
export const SO_CONNDATA = 0x7000;
export const SO_CONNOPT = 0x7001;
export const SO_DISCDATA = 0x7002;
export const SO_DISCOPT = 0x7003;
export const SO_CONNDATALEN = 0x7004;
export const SO_CONNOPTLEN = 0x7005;
export const SO_DISCDATALEN = 0x7006;
export const SO_DISCOPTLEN = 0x7007;
export const TCP_NODELAY = 0x0001;
export const TCP_KEEPIDLE = 0x0003;
export const TCP_MAXRTMS = 0x000e;
export const TCP_KEEPCNT = 0x0010;
export const TCP_KEEPINTVL = 0x0011;
export const IPV6_V6ONLY = 27;

export const SG_UNCONSTRAINED_GROUP = 0x01;
export const SG_CONSTRAINED_GROUP = 0x02;

export const PFL_MULTIPLE_PROTO_ENTRIES = 0x00000001;
export const PFL_RECOMMENDED_PROTO_ENTRY = 0x00000002;
export const PFL_HIDDEN = 0x00000004;
export const PFL_MATCHES_PROTOCOL_ZERO = 0x00000008;

export const XP1_CONNECTIONLESS = 0x00000001;
export const XP1_GUARANTEED_DELIVERY = 0x00000002;
export const XP1_GUARANTEED_ORDER = 0x00000004;
export const XP1_MESSAGE_ORIENTED = 0x00000008;
export const XP1_PSEUDO_STREAM = 0x00000010;
export const XP1_GRACEFUL_CLOSE = 0x00000020;
export const XP1_EXPEDITED_DATA = 0x00000040;
export const XP1_CONNECT_DATA = 0x00000080;
export const XP1_DISCONNECT_DATA = 0x00000100;
export const XP1_SUPPORT_BROADCAST = 0x00000200;
export const XP1_SUPPORT_MULTIPOINT = 0x00000400;
export const XP1_QOS_SUPPORTED = 0x00002000;
export const XP1_UNI_SEND = 0x00008000;
export const XP1_UNI_RECV = 0x00010000;
export const XP1_IFS_HANDLES = 0x00020000;
export const XP1_PARTIAL_MESSAGE = 0x00040000;

export const SOCKET_ERROR = -1;
export const SOMAXCONN = 0x7fffffff;
export const INFINITE = 0xffffffff;
export const WSA_INFINITE = INFINITE;
export const WSA_WAIT_EVENT_0 = 0;
export const WSA_WAIT_TIMEOUT = 0x102;
export const WSA_WAIT_FAILED = 0xffffffff;
export const WSA_MAXIMUM_WAIT_EVENTS = 64;
