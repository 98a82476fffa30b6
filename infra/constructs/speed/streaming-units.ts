/**
 * Sizes of StandardV2 as the service counts them: 3 is a third of a unit, 7 two thirds, 10 one, 20 two. The values 1 and 6
 * are those of the old SKU and would be taken without a word.
 * @throws RangeError INFRA_STREAMING_UNITS for every other value
 */
export function checkStreamingUnits(units: number): number {
  const valid =
    units === 3 ||
    units === 7 ||
    (Number.isInteger(units) && units >= 10 && units <= 660 && units % 10 === 0);
  if (!valid) {
    throw new RangeError(
      `INFRA_STREAMING_UNITS: ${units} is no size of StandardV2: 3, 7, 10, 20, 30 and so on`,
    );
  }
  return units;
}

/**
 * Units of a dedicated cluster that carries jobs of these sizes: clusters count units of the old kind (ten backend units
 * are six of them) and grow in steps of 36.
 */
export function clusterUnits(jobs: readonly number[]): number {
  const old = jobs.reduce((sum, units) => sum + units * 0.6, 0);
  return Math.max(36, Math.ceil(Math.round(old * 10) / 10 / 36) * 36);
}
