/** An agent's first message, in full: docs/agent-protocol.md. */
export const hello = {
  type: 'hello',
  protocol: 'goodbyte-agent',
  version: 1,
  agent: 'test 1',
  system: 'a test',
  provider: 'none',
  protocols: [],
  calls: [],
};
