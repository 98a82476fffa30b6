const pattern = /^(\d+) passed, (\d+) failed, (\d+) skipped$/;

/** Nothing counted yet. */
export const noCount = { passed: 0, failed: 0, skipped: 0 };

/** Reads the closing line of a test run, or returns undefined for any other line. */
export function parseCount(line) {
  const match = pattern.exec(line.trim());
  return match === null
    ? undefined
    : { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3]) };
}

/** The closing line of a test run. */
export function formatCount({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Counts a step that is not a test of a suite; only its failure shows. */
export function addStep(count, succeeded) {
  return succeeded ? count : { ...count, failed: count.failed + 1 };
}
