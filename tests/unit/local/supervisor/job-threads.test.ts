import { readUpOptions } from "../../../../local/cli/up-options";
import { roomsOf } from "../../../../local/supervisor/rooms";
import type { PlatformSettings } from "../../../../local/supervisor/settings";

const configured = (jobThreads: number): unknown => {
  const settings = {
    repositoryDir: "/repository",
    data: { path: "/data", room: (name: string) => `/data/${name}` },
    ports: {},
    secrets: {},
    devices: [],
    sender: { source: {}, ledgerPath: null, unattended: true },
    jobThreads,
  } as unknown as PlatformSettings;
  return roomsOf(settings).find(({ name }) => name === "stream-analytics")?.config;
};

describe("threads of the stream jobs", () => {
  it("are none unless they are asked for", () => {
    expect(readUpOptions([]).jobThreads).toBe(0);
    expect(readUpOptions(["--job-threads", "3"]).jobThreads).toBe(3);
  });

  it("reach the process that runs the jobs", () => {
    expect(configured(0)).toMatchObject({ workers: 0 });
    expect(configured(2)).toMatchObject({ workers: 2 });
  });
});
