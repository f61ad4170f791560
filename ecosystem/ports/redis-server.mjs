import { net } from './libraries.mjs';

const bulk = (text) =>
  text === undefined ? '$-1\r\n' : `$${text.length}\r\n${text}\r\n`;

/** Speaks the part of Redis' protocol that clients need for GET and SET. */
export function redisServer() {
  const values = new Map();
  const answer = (name, key, value) => {
    switch (name.toUpperCase()) {
      case 'SET':
        values.set(key, value);
        return '+OK\r\n';
      case 'GET':
        return bulk(values.get(key));
      case 'INFO':
        return bulk('redis_version:7.0.0\r\nloading:0\r\n');
      default:
        return '+OK\r\n';
    }
  };
  return net.createServer((socket) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (more) => {
      text += more;
      for (;;) {
        const [whole, count] = /^\*(\d+)\r\n/.exec(text) ?? [];
        if (!whole) return;
        const parts = text.slice(whole.length).split('\r\n');
        if (parts.length <= count * 2) return;
        const words = parts.slice(0, count * 2).filter((_, index) => index % 2);
        text = parts.slice(count * 2).join('\r\n');
        socket.write(answer(...words));
      }
    });
  });
}
