/**
 * Why this process may not use the network, if Node's permission model says so
 * (`--permission` without `--allow-net`). The addon is native code, which Node
 * does not hold back.
 */
export function networkDenial(): Error | undefined {
  const { permission, allowedNodeEnvironmentFlags } = process as {
    permission?: { has(scope: string): boolean };
    allowedNodeEnvironmentFlags: ReadonlySet<string>;
  };
  // Versions without the option know nothing of the network.
  if (!permission || !allowedNodeEnvironmentFlags.has('--allow-net')) {
    return undefined;
  }
  if (permission.has('net')) return undefined;
  return Object.assign(
    new Error('access to the network is denied; allow it by --allow-net'),
    { code: 'ERR_ACCESS_DENIED', permission: 'Net' },
  );
}
