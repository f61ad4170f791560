/** What was asked for cannot be meant. */
export class InvalidUsage extends Error {
  override readonly name = 'InvalidUsage';
}
