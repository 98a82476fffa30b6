/** Day after which the service takes no job with a Power BI output. */
export const powerBiStreamingEnds = "2027-10-31";

/** @throws Error INFRA_POWER_BI_STREAMING once the service has ended the output */
export function checkPowerBiStreaming(today: Date): void {
  if (today.toISOString().slice(0, 10) > powerBiStreamingEnds) {
    throw new Error(
      `INFRA_POWER_BI_STREAMING: Stream Analytics ended its Power BI output on ${powerBiStreamingEnds}: ` +
        "switch the flag powerBiStreamingOutput off and read Data Explorer by DirectQuery",
    );
  }
}
