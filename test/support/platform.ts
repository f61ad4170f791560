// Reasons to skip a test on a system. By their first words `npm run test:windows`
// knows that nothing is missing which could be installed.

export const isWindows = process.platform === 'win32';

/** Wine tells the processes that it starts where its own files are. */
export const isWine = isWindows && process.env['WINECONFIGDIR'] !== undefined;

/** For `skip`: a feature that Windows does not have. */
export const needsUnix = (feature: string): string | false =>
  isWindows && `needs Unix: ${feature}`;

/** For `skip`: what Windows has, and Wine has not, or has wrong. */
export const wineLacks = (feature: string): string | false =>
  isWine && `Wine lacks ${feature}`;
