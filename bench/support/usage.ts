/** The options make no sense. */
export class InvalidUsage extends Error {
  override readonly name = 'InvalidUsage';
}
