// Reasons to skip a test on a system. By their first words `npm run test:windows` knows
// that nothing is missing that could be installed.

export const isWindows = process.platform === 'win32';

/** Wine passes its processes the paths of its own files. */
export const isWine = isWindows && process.env['WINECONFIGDIR'] !== undefined;

/** For `skip`: a feature that Windows does not have. */
export const needsUnix = (feature: string): string | false =>
  isWindows && `needs Unix: ${feature}`;

/** For `skip`: a feature of Windows that Wine lacks, or has wrong. */
export const wineLacks = (feature: string): string | false =>
  isWine && `Wine lacks ${feature}`;
