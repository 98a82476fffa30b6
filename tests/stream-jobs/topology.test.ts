import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../asa";
import { inputDeclarations, loadProject, queryFileOf, readTextFile } from "../../asa/node";
import { hubNamed, topology } from "../../contracts";
import { root } from "./support";

const ticksPerSecond = 10_000_000n;

describe("stream jobs and the topology", () => {
  it("names folders that exist", () => {
    for (const { folder } of topology.jobs) expect(existsSync(join(root, folder, "asaproj.json"))).toBe(true);
  });

  describe.each(topology.jobs.map((job) => [job.folder, job] as const))("%s", (folder, job) => {
    const project = loadProject(join(root, folder));

    it("is named as in the topology", () => {
      expect(project.name).toBe(job.name);
      expect(folder).toBe(`stream-jobs/${job.name}/${job.version}`);
      expect(existsSync(join(root, folder, "README.md"))).toBe(true);
    });

    it("has the inputs, hubs and consumer groups of the topology", () => {
      expect(
        project.inputs
          .filter(({ role }) => role === "live")
          .map(({ alias, eventHub, consumerGroup }) => ({ alias, hub: eventHub, consumerGroup })),
      ).toEqual(job.inputs);
    });

    it("reads each hub in a consumer group of its own", () => {
      for (const { hub, consumerGroup } of job.inputs) {
        const group = hubNamed(hub).consumerGroups.find(({ name }) => name === consumerGroup);
        expect(group?.reader).toBe(`job:${job.name}:${job.version}`);
      }
    });

    it("has the outputs, containers and keys of the topology", () => {
      expect(
        project.outputs.map(({ alias, container, documentId, partitionKey }) => ({
          alias,
          container,
          documentId,
          partitionKey,
        })),
      ).toEqual(
        job.outputs.map(({ alias, container, documentId, partitionKey }) => ({
          alias,
          container,
          documentId,
          partitionKey,
        })),
      );
      for (const { container, partitionKey } of job.outputs)
        expect(topology.cosmos.containers).toContainEqual(
          expect.objectContaining({ name: container, partitionKey: `/${partitionKey}` }),
        );
    });

    it("has the tolerances of the topology, policy Drop and level 1.2", () => {
      const { policies, compatibilityLevel, sku } = project.settings;
      expect(policies).toEqual({
        policy: "drop",
        lateToleranceTicks: BigInt(job.lateToleranceSeconds) * ticksPerSecond,
        outOfOrderToleranceTicks: BigInt(job.outOfOrderToleranceSeconds) * ticksPerSecond,
      });
      expect(policies.outOfOrderToleranceTicks).toBeGreaterThan(policies.lateToleranceTicks as bigint);
      expect([compatibilityLevel, sku]).toEqual(["1.2", "StandardV2"]);
    });

    it("compiles as the service would check it", () => {
      const file = queryFileOf(project);
      const { diagnostics } = compile(readTextFile(file), {
        file,
        purpose: "check",
        inputs: job.inputs.map(({ alias }) => ({ alias, kind: "stream" as const })),
        outputs: job.outputs.map(({ alias }) => alias),
      });
      expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    });
  });
});

describe("every version of a stream job", () => {
  const folders = readdirSync(join(root, "stream-jobs"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((job) =>
      readdirSync(join(root, "stream-jobs", job.name)).map((version) => [job.name, version] as const),
    );
  const groups = new Map<string, string>();

  it.each(folders)(
    "%s %s reads and writes what the topology has, with the platform's policies",
    (name, version) => {
      const project = loadProject(join(root, "stream-jobs", name, version));
      expect(project.name).toBe(name);
      expect(project.settings).toMatchObject({
        compatibilityLevel: "1.2",
        sku: "StandardV2",
        policies: {
          policy: "drop",
          lateToleranceTicks: 100_000_000n,
          outOfOrderToleranceTicks: 110_000_000n,
        },
      });
      for (const { eventHub, consumerGroup, contractColumns } of project.inputs) {
        expect(() => hubNamed(eventHub as string)).not.toThrow();
        expect(contractColumns).toContain("eventId");
        expect(groups.get(`${eventHub}/${consumerGroup}`)).toBeUndefined();
        groups.set(`${eventHub}/${consumerGroup}`, name);
      }
      for (const { container, partitionKey, documentId } of project.outputs) {
        expect(topology.cosmos.containers).toContainEqual(
          expect.objectContaining({ name: container, partitionKey: `/${partitionKey}` }),
        );
        expect(documentId).toBe("id");
      }
      const file = queryFileOf(project);
      const { diagnostics } = compile(readTextFile(file), {
        file,
        purpose: "check",
        inputs: inputDeclarations(project.inputs),
        outputs: project.outputs.map(({ alias }) => alias),
      });
      expect(diagnostics).toEqual([]);
      expect(readTextFile(file)).toContain(`-- Job:      ${name}, version ${version}`);
    },
  );
});
