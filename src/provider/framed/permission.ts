/**
 * The reason that Node's permission model denies the network to this process
 * (`--permission` without `--allow-net`). The addon is native code, which Node
 * does not restrict.
 */
export function networkDenial(): Error | undefined {
  const { permission, allowedNodeEnvironmentFlags } = process as {
    permission?: { has(scope: string): boolean };
    allowedNodeEnvironmentFlags: ReadonlySet<string>;
  };
  // Versions without the option do not restrict the network.
  if (!permission || !allowedNodeEnvironmentFlags.has('--allow-net')) {
    return undefined;
  }
  if (permission.has('net')) return undefined;
  return Object.assign(
    new Error('access to the network is denied; allow it with --allow-net'),
    { code: 'ERR_ACCESS_DENIED', permission: 'Net' },
  );
}
