/** 1,234,567 */
export const grouped = (value: number): string => Math.round(value).toLocaleString("en-US");
/** 1.5 MB/s */
export const megabytes = (bytes: number): string =>
  `${(bytes / 1e6).toLocaleString("en-US", { maximumFractionDigits: 2 })} MB/s`;
/** Rounded up, but not for what arithmetic in floating point adds. */
export const up = (value: number): number => Math.ceil(value - 1e-9);
export const secondsPerDay = 86_400;
export const secondsPerMonth = 730 * 3600;
