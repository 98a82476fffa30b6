/** Estimates of request units from the documented figures for 1 KB items; they are not the service's meter. */
export const charges = {
  read: (bytes: number): number => round(1 + Math.max(0, bytes / 1024 - 1) * 0.1),
  write: (bytes: number): number => round(5.3 + Math.max(0, bytes / 1024 - 1) * 0.5),
  remove: 5.3,
  query: (rows: number, bytes: number): number => round(2.3 + rows * 0.05 + (bytes / 1024) * 0.1),
  feed: (bytes: number): number => round(1 + (bytes / 1024) * 0.1),
} as const;

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
