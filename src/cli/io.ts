/** What a command writes to, and reads its surroundings from. */
export interface Io {
  stdout: Output;
  stderr: Output;
  env: NodeJS.ProcessEnv;
}

export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
}
