import * as names from './names.js';

export * from './names.js';

const net = { ...names };
// Programs test for its existence with `in`.
if (!net.BoundSocket) Reflect.deleteProperty(net, 'BoundSocket');

// The types `net.Socket` and so on, named as in the module: TypeScript has no
// shorter way to declare them beside a const.
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

// oxlint-disable-next-line import/no-default-export -- for `import net from`
export default net;

// require() returns this object, so that programs can replace its members, as
// with net: a module namespace's members cannot be replaced. Compiled ES
// modules read the two hidden members.
for (const [name, value] of [
  ['default', net],
  ['__esModule', true],
] as const) {
  Object.defineProperty(net, name, { value });
}
export { net as 'module.exports' };
