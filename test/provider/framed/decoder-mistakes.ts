/** A mistake in a decoder: a replacement in one of its compiled files. */
export interface Mistake {
  what: string;
  file: 'decoder' | 'fields' | 'frame-fields' | 'handshake/version';
  /** Text that occurs there once. */
  find: string;
  replace: string;
}

const decoder = (what: string, find: string, replace: string): Mistake => ({
  what,
  file: 'decoder',
  find,
  replace,
});
const fields = (what: string, find: string, replace: string): Mistake => ({
  what,
  file: 'fields',
  find,
  replace,
});
const meanings = (what: string, find: string, replace: string): Mistake => ({
  what,
  file: 'frame-fields',
  find,
  replace,
});
const version = (what: string, find: string, replace: string): Mistake => ({
  what,
  file: 'handshake/version',
  find,
  replace,
});

/**
 * Mistakes that a reader of the specification may make. The vectors have to notice
 * each.
 */
export const mistakes: readonly Mistake[] = [
  decoder(
    'the role is judged before the eighth octet',
    'this.#note(octet);\n            at++;',
    'this.#note(octet); at++; if (index === 5 && octet !== this.#options.from) { this.#fail(badRole(octet, this.#options.from)); return at; }',
  ),
  decoder(
    'the type of an unknown frame is judged before its header is whole',
    'this.#note(chunk[at++]);',
    'this.#note(chunk[at++]); if (this.#scratchLength === 1 && this.#scratch[0] > 6 && this.#scratch[0] < 128) { this.#fail(unknownFrame(this.#scratch[0])); return at; }',
  ),
  decoder(
    'a type out of its order is judged before its header is whole',
    'this.#note(chunk[at++]);',
    'this.#note(chunk[at++]); if (this.#scratchLength === 1 && this.#scratch[0] === 2 && this.#options.from === 1) { this.#type = 2; this.#unexpected(); return at; }',
  ),
  decoder(
    'FIN inside a header is between two frames',
    'return cutHeader();',
    'return cutConnection();',
  ),
  decoder(
    'FIN inside an ignorable frame is between two frames',
    'if (this.atBoundary) {',
    'if (this.atBoundary || this.#state === State.Skip) {',
  ),
  decoder(
    'RESET from a callee after ACCEPT is out of order',
    'case FrameType.RESET:\n                break;',
    'case FrameType.RESET:\n                if (this.#phase === Phase.Body && this.#options.from === Role.callee) return this.#unexpected();\n                break;',
  ),
  decoder(
    'RESET before the handshake frame is out of its order',
    'case FrameType.RESET:\n                break;',
    'case FrameType.RESET:\n                if (this.#phase !== Phase.Body) return this.#unexpected();\n                break;',
  ),
  decoder(
    'the message limit applies to callers',
    'else if (length > messageLimit) {',
    'else if (length > messageLimit && this.#options.from === Role.caller) {',
  ),
  decoder(
    'a message of exactly the limit is too long',
    'else if (length > messageLimit) {',
    'else if (length >= messageLimit) {',
  ),
  decoder(
    'a caller takes a plain callee',
    'const { from, allowPlain, messageLimit } = this.#options;',
    'const { allowPlain, messageLimit } = this.#options, from = Role.caller;',
  ),
  decoder(
    'an answer may have a lowest version above its highest',
    'minVersion === 0 || minVersion > maxVersion',
    'minVersion === 0',
  ),
  decoder(
    'there is a version 0',
    'minVersion === 0 || minVersion > maxVersion',
    'minVersion > maxVersion',
  ),
  decoder(
    'length is looked at before order',
    'this.#type = type;\n        switch',
    'this.#type = type;\n        if (type !== FrameType.DATA && type < 7 && length > this.#options.controlLimit) { this.#fail(frameTooLong(type, length, this.#options.controlLimit)); return; }\n        switch',
  ),
  decoder(
    'an ignorable frame has the limit of a control frame',
    'if (type & IGNORABLE) {',
    'if (type & IGNORABLE && length <= this.#options.controlLimit) {',
  ),
  decoder(
    'the extension bit is no part of the type',
    'const type = header[at];',
    'const type = (header[at] & 0x7f) < 7 && header[at] !== 0x80 ? header[at] & 0x7f : header[at];',
  ),
  decoder(
    'an ignorable frame may follow the last one',
    'this.#fail(trailingOctets(this.#type));',
    'if (chunk[at] & 0x80) return; this.#fail(trailingOctets(this.#type));',
  ),
  decoder(
    'octets after REJECT are ignored',
    'this.#fail(trailingOctets(this.#type));',
    'if (this.#type === FrameType.REJECT) return; this.#fail(trailingOctets(this.#type));',
  ),
  decoder('PING has the limit of a control frame', 'limit = MAX_PING;', ''),
  decoder(
    'PING of 255 octets is too long',
    'limit = MAX_PING;',
    'limit = MAX_PING - 1;',
  ),
  decoder(
    'PING may precede the handshake frame, as unknown frames may',
    'case FrameType.PING:',
    'case FrameType.PING: if (this.#phase !== Phase.Body) { this.#missing = length; if (length > 0) this.#state = State.Skip; return; }',
  ),
  decoder(
    'NOTICE is the last frame',
    'type === FrameType.DISCONNECT ||',
    'type === FrameType.DISCONNECT || type === FrameType.NOTICE ||',
  ),
  fields(
    'unknown is reported before overrun',
    'if (length > view.length - at) {',
    'if (id > 6 && id < 0x80) return decodeField(fields, id, view, at, 0); if (length > view.length - at) {',
  ),
  fields(
    'twice is reported before overrun',
    'if (length > view.length - at) {',
    'if (id === 1 && fields.userData) return duplicate(id); if (length > view.length - at) {',
  ),
  fields(
    'a wrong length of STATUS is reported before twice',
    'if (fields.status !== undefined)',
    "if (length !== 2) return badLength(id, '2', length); if (fields.status !== undefined)",
  ),
  fields(
    'a wrong length of LIMITS is reported before twice',
    'if (fields.limits)',
    "if (length !== 8) return badLength(id, '8', length); if (fields.limits)",
  ),
  fields(
    'a wrong length of QOS is reported before twice',
    'if (fields.qos)',
    "if (length < 64) return badLength(id, '64', length); if (fields.qos)",
  ),
  fields(
    'QOS has 64 octets or a multiple of 32',
    'if (length > QOS_MAX_LENGTH) {',
    'if (length > QOS_MAX_LENGTH || length % 32) {',
  ),
  fields(
    'data after the flows of QOS has 255 octets at most',
    'if (length > QOS_MAX_LENGTH) {',
    'if (length > 64 + 255 && length !== QOS_MAX_LENGTH) {',
  ),
  fields(
    'REASON: a space is not printable',
    '[^\\x20-\\x7e]',
    '[^\\x21-\\x7e]',
  ),
  fields(
    'REASON: a tilde is not printable',
    '[^\\x20-\\x7e]',
    '[^\\x20-\\x7d]',
  ),
  fields('REASON: DEL is printable', '[^\\x20-\\x7e]', '[^\\x20-\\x7f]'),
  fields('REASON: 1f is printable', '[^\\x20-\\x7e]', '[^\\x1f-\\x7e]'),
  fields(
    'an empty field is not there, and may be there again',
    'if (fields.userData)\n',
    'if (fields.userData?.length > 0)\n',
  ),
  fields(
    'REPEAT says something with any value',
    'this.mayRepeat = REPEATS[value];',
    'this.mayRepeat = value !== 0;',
  ),
  fields(
    'a code of 0 is no code',
    'fields.code = payload.readUInt32BE(at);',
    'fields.code = payload.readUInt32BE(at) || undefined;',
  ),
  fields(
    'an IDLE_LIMIT of 0 is no limit',
    'fields.idleLimit = payload.readUInt32BE(at);',
    'fields.idleLimit = payload.readUInt32BE(at) || undefined;',
  ),
  meanings(
    'IDLE_LIMIT means something in DISCONNECT',
    "[FrameType.DISCONNECT]: meaning([], ['userData', 'userOptions', 'code'])",
    "[FrameType.DISCONNECT]: meaning([], ['userData', 'userOptions', 'code', 'idleLimit'])",
  ),
  meanings(
    'NOTICE has options',
    "[FrameType.NOTICE]: meaning([], ['userData', 'code'])",
    "[FrameType.NOTICE]: meaning([], ['userData', 'userOptions', 'code'])",
  ),
  meanings(
    'a field too long is reported before a missing one',
    'for (const name of mandatory) {',
    "for (const name of ['userData', 'userOptions']) if ((fields[name]?.length ?? 0) > userDataLimit) return violation('user-data-too-long', ''); for (const name of mandatory) {",
  ),
  meanings(
    'caller data has no limit',
    'if (length > userDataLimit) {',
    'if (length > userDataLimit && type !== FrameType.CONNECT) {',
  ),
  meanings(
    'options have a limit only in ACCEPT',
    'if (length > userDataLimit) {',
    "if (length > userDataLimit && (name !== 'userOptions' || type === FrameType.ACCEPT)) {",
  ),
  meanings(
    'user data of exactly the limit is too long',
    'if (length > userDataLimit) {',
    'if (length >= userDataLimit && userDataLimit > 0 && length > 0) {',
  ),
  meanings(
    'REASON means something in CONNECT',
    "['userData', 'userOptions', 'qos', 'idleLimit']),\n    [FrameType.ACCEPT]",
    "['userData', 'userOptions', 'qos', 'idleLimit', 'reason']),\n    [FrameType.ACCEPT]",
  ),
  meanings(
    'options mean something in REJECT',
    "['userData', 'limits', 'reason', 'code', 'mayRepeat']",
    "['userData', 'userOptions', 'limits', 'reason', 'code', 'mayRepeat']",
  ),
  version(
    'a range that only overlaps is out of the question',
    'answer.max < own.min || answer.min > own.max',
    'answer.max > own.max || answer.min < own.min',
  ),
  version('a range is a choice', 'answer.min !== answer.max', 'false'),
];
