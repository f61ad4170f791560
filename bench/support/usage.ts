/** Thrown if the options are invalid. */
export class InvalidUsage extends Error {
  override readonly name = 'InvalidUsage';
}
