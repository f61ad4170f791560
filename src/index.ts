import * as names from './names.js';

export * from './names.js';

const net = { ...names };
// Programs ask by `in` whether there is one.
if (!net.BoundSocket) Reflect.deleteProperty(net, 'BoundSocket');

// The types `net.Socket` and so on. The names are those of the module itself:
// TypeScript has no shorter way to say so beside a const.
declare namespace net {
  export type AddressInfo = names.AddressInfo;
  export type BlockList = names.BlockList;
  export type BoundSocket = names.BoundSocket;
  export type BoundSocketOptions = names.BoundSocketOptions;
  export type ConnectOpts = names.ConnectOpts;
  export type DropArgument = names.DropArgument;
  export type IpcNetConnectOpts = names.IpcNetConnectOpts;
  export type IpcSocketConnectOpts = names.IpcSocketConnectOpts;
  export type IPVersion = names.IPVersion;
  export type ListenOptions = names.ListenOptions;
  export type LookupFunction = names.LookupFunction;
  export type NetConnectOpts = names.NetConnectOpts;
  export type OnReadOpts = names.OnReadOpts;
  export type Server = names.Server;
  export type ServerEventMap = names.ServerEventMap;
  export type ServerOpts = names.ServerOpts;
  export type Socket = names.Socket;
  export type SetKeepAliveOptions = names.SetKeepAliveOptions;
  export type SocketAddress = names.SocketAddress;
  export type SocketAddressInitOptions = names.SocketAddressInitOptions;
  export type SocketConnectOpts = names.SocketConnectOpts;
  export type SocketConstructorOpts = names.SocketConstructorOpts;
  export type SocketEventMap = names.SocketEventMap;
  export type SocketReadyState = names.SocketReadyState;
  export type TcpNetConnectOpts = names.TcpNetConnectOpts;
  export type TcpSocketConnectOpts = names.TcpSocketConnectOpts;
}

// `import net from 'node:net'` has to go on working when it says 'goodbyte'.
// oxlint-disable-next-line import/no-default-export
export default net;

// require() gives this one, whose members a program may replace, as those of net:
// a module's own cannot be. Compiled ES modules ask for the hidden two.
for (const [name, value] of [
  ['default', net],
  ['__esModule', true],
] as const) {
  Object.defineProperty(net, name, { value });
}
export { net as 'module.exports' };
