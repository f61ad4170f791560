/** Octets of messages that are sent together: more would be copied for nothing. */
const MOST = 64 * 1024;

/**
 * Groups messages that are to be sent one after the other: several short ones
 * make a list, any other stands alone.
 *
 * @param longest octets of a message that counts as short.
 */
export function inGroups(
  messages: readonly Uint8Array[],
  longest: number,
): (Uint8Array | Uint8Array[])[] {
  const groups: (Uint8Array | Uint8Array[])[] = [];
  let group: Uint8Array[] = [];
  let length = 0;
  const close = () => {
    if (group.length > 0) groups.push(group.length > 1 ? group : group[0]!);
    group = [];
    length = 0;
  };
  for (const message of messages) {
    const isShort = message.length <= longest;
    if (!isShort || length + message.length > MOST) close();
    if (isShort) {
      group.push(message);
      length += message.length;
    } else {
      groups.push(message);
    }
  }
  close();
  return groups;
}
