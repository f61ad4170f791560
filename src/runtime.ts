/**
 * The runtime and its version, such as `Node 24.21.0`. Bun and Deno also tell a
 * version of Node, which is the one that they are like.
 */
export function runtimeName(versions: NodeJS.ProcessVersions): string {
  const { bun, deno, node } = versions;
  if (bun) return `Bun ${bun}`;
  if (deno) return `Deno ${deno}`;
  return `Node ${node}`;
}

/** A variable of the environment; in Deno one that may not be read is absent. */
export function environmentVariable(name: string): string | undefined {
  try {
    return process.env[name];
  } catch {
    return undefined;
  }
}
