// Renews the certificate of the conformance agents, for runs over TLS: self-signed,
// valid for a hundred years. Needs openssl on the PATH.
//
//   node scripts/make-certificate.mjs

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(
  new URL('../conformance/agent/certificate/', import.meta.url),
);

const options = {
  newkey: 'ec',
  pkeyopt: 'ec_paramgen_curve:P-256',
  days: '36500',
  subj: '/CN=goodbyte conformance',
  addext: 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1',
  keyout: `${folder}key.pem`,
  out: `${folder}cert.pem`,
};

execFileSync(
  'openssl',
  ['req', '-x509', '-nodes'].concat(
    Object.entries(options).flatMap(([name, value]) => [`-${name}`, value]),
  ),
  { stdio: 'inherit' },
);
