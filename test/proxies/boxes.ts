import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';

/** A proxy between two ends, with Debian's configuration where it has one. */
export interface Box {
  name: string;
  /** The program that it needs. */
  program: string;
  /** The caller's leg is TLS, which this box terminates. */
  tls?: boolean;
  /** It announces its caller by the PROXY protocol. */
  tellsCaller?: boolean;
  /** Writes its configuration, and returns the command that starts it. */
  command(legs: Legs): string[];
}

export interface Legs {
  /** The callers' port, at 127.0.0.1. */
  from: number;
  /** The server's port, at 127.0.0.1. */
  to: number;
  /** A port of its own. */
  spare: number;
  /** The box's own folder. */
  folder: string;
}

const tlsFile = (name: string) =>
  path.resolve(import.meta.dirname, '../../../test/fixtures/tls', name);

function write({ folder }: Legs, name: string, ...lines: string[]): string {
  const file = path.join(folder, name);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

function nginx(legs: Legs, listen: string, ...more: string[]): string[] {
  const { folder, from, to } = legs;
  const file = write(
    legs,
    'nginx.conf',
    'load_module /usr/lib/nginx/modules/ngx_stream_module.so;',
    `user ${userInfo().username};`,
    'daemon off;',
    `pid ${folder}/nginx.pid;`,
    'events {}',
    `stream { server { listen 127.0.0.1:${from}${listen};`,
    `proxy_pass 127.0.0.1:${to}; ${more.join(' ')} } }`,
  );
  return ['nginx', '-e', path.join(folder, 'error.log'), '-c', file];
}

function haproxy(legs: Legs, bind: string, server: string): string[] {
  const file = write(
    legs,
    'haproxy.cfg',
    'defaults',
    '  mode tcp',
    '  timeout connect 5s',
    '  timeout client 50s',
    '  timeout server 50s',
    'listen goodbyte',
    `  bind 127.0.0.1:${legs.from}${bind}`,
    `  server one 127.0.0.1:${legs.to}${server}`,
  );
  return ['haproxy', '-db', '-f', file];
}

/** haproxy takes key and certificate from one file. */
const pem = (legs: Legs) =>
  write(
    legs,
    'both.pem',
    ...['cert.pem', 'key.pem'].map((name) =>
      readFileSync(tlsFile(name), 'utf8'),
    ),
  );

const stunnelServer = ({ from, to }: Legs) => [
  '[server]',
  `accept = 127.0.0.1:${from}`,
  `connect = 127.0.0.1:${to}`,
  `cert = ${tlsFile('cert.pem')}`,
  `key = ${tlsFile('key.pem')}`,
];

const stunnelGlobal = ['foreground = yes', 'pid ='];

export const boxes: readonly Box[] = [
  {
    name: 'nginx',
    program: 'nginx',
    command: (legs) => nginx(legs, ''),
  },
  {
    name: 'nginx that ends TLS',
    program: 'nginx',
    tls: true,
    command: (legs) =>
      nginx(
        legs,
        ' ssl',
        `ssl_certificate ${tlsFile('cert.pem')};`,
        `ssl_certificate_key ${tlsFile('key.pem')};`,
      ),
  },
  {
    name: 'haproxy',
    program: 'haproxy',
    command: (legs) => haproxy(legs, '', ''),
  },
  {
    name: 'haproxy that ends TLS',
    program: 'haproxy',
    tls: true,
    command: (legs) => haproxy(legs, ` ssl crt ${pem(legs)}`, ''),
  },
  {
    name: 'nginx that announces its caller',
    program: 'nginx',
    tellsCaller: true,
    command: (legs) => nginx(legs, '', 'proxy_protocol on;'),
  },
  {
    name: 'haproxy that announces its caller',
    program: 'haproxy',
    tellsCaller: true,
    command: (legs) => haproxy(legs, '', ' send-proxy'),
  },
  {
    name: 'haproxy that ends TLS and announces its caller',
    program: 'haproxy',
    tls: true,
    tellsCaller: true,
    command: (legs) =>
      haproxy(legs, ` ssl crt ${pem(legs)}`, ' send-proxy-v2-ssl'),
  },
  {
    name: 'stunnel that ends TLS',
    program: 'stunnel4',
    tls: true,
    command: (legs) => [
      'stunnel4',
      write(legs, 'stunnel.conf', ...stunnelGlobal, ...stunnelServer(legs)),
    ],
  },
  {
    name: 'stunnel at both ends',
    program: 'stunnel4',
    command: (legs) => [
      'stunnel4',
      write(
        legs,
        'stunnel.conf',
        ...stunnelGlobal,
        '[client]',
        'client = yes',
        `accept = 127.0.0.1:${legs.from}`,
        `connect = 127.0.0.1:${legs.spare}`,
        ...stunnelServer({ ...legs, from: legs.spare }),
      ),
    ],
  },
  {
    name: 'socat',
    program: 'socat',
    command: ({ from, to }) => [
      'socat',
      `TCP-LISTEN:${from},bind=127.0.0.1,fork,reuseaddr,backlog=128`,
      `TCP:127.0.0.1:${to}`,
    ],
  },
  {
    name: 'ssh -L',
    program: 'sshd',
    command: (legs) => {
      const { folder, from, to } = legs;
      const key = path.join(folder, 'key');
      spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
      copyFileSync(`${key}.pub`, path.join(folder, 'authorized_keys'));
      chmodSync(folder, 0o700);
      const daemon = write(
        legs,
        'sshd_config',
        `HostKey ${key}`,
        `AuthorizedKeysFile ${folder}/authorized_keys`,
        'PidFile none',
        'StrictModes no',
        'PermitRootLogin prohibit-password',
        'UsePAM no',
      );
      // The client starts its daemon, and uses a pipe to it.
      const sshd = `mkdir -p /run/sshd; $(command -v sshd) -i -f ${daemon}`;
      return [
        'ssh',
        '-F',
        'none',
        '-N',
        '-oStrictHostKeyChecking=no',
        `-oUserKnownHostsFile=${folder}/known_hosts`,
        `-oProxyCommand=sh -c '${sshd}'`,
        '-i',
        key,
        '-L',
        `127.0.0.1:${from}:127.0.0.1:${to}`,
        'somewhere',
      ];
    },
  },
];
