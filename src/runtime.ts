/**
 * The runtime and its version, such as `Node 24.21.0`. Bun and Deno also report
 * the version of Node that they emulate.
 */
export function runtimeName(versions: NodeJS.ProcessVersions): string {
  const { bun, deno, node } = versions;
  if (bun) return `Bun ${bun}`;
  if (deno) return `Deno ${deno}`;
  return `Node ${node}`;
}

/** An environment variable; in Deno one without permission is absent. */
export function environmentVariable(name: string): string | undefined {
  try {
    return process.env[name];
  } catch {
    return undefined;
  }
}
