import { readFileSync } from 'node:fs';
import { packageFile } from '../package-file.js';
import type { Schema } from '../schema.js';

/** The schema of an object. */
type Described = Schema & Required<Pick<Schema, 'properties' | 'required'>>;

interface ProtocolSchema extends Schema {
  $defs: Record<string, Schema> &
    Record<'agent' | 'calls', Record<string, Described>>;
}

let schema: ProtocolSchema | undefined;

/** The JSON Schema of the agent protocol's messages, read at first use. */
export function protocolSchema(): ProtocolSchema {
  schema ??= JSON.parse(
    readFileSync(
      packageFile('conformance', 'protocol', 'agent-protocol.schema.json'),
      'utf8',
    ),
  ) as ProtocolSchema;
  return schema;
}
