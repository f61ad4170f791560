import { readFileSync } from 'node:fs';

const folder = 'node_modules/goodbyte/conformance/agent/certificate';

/** The conformance agents' certificate. */
export const certificate = {
  cert: readFileSync(new URL(`${folder}/cert.pem`, import.meta.url)),
  key: readFileSync(new URL(`${folder}/key.pem`, import.meta.url)),
};
