import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findProjectFile, loadNearestProject, loadProject } from "../../../../asa/node/project";
import { readJobConfig } from "../../../../asa/node/project/job-config";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "asa-project-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  }
}

const minimal = { name: "job", startFile: "job.asaql", configurations: [] };

describe("loadProject", () => {
  it("reads a project of the new generation with backslashes, a byte order mark and empty files", () => {
    write({
      "asaproj.json": `\uFEFF${JSON.stringify({
        name: "job",
        startFile: "Query.asaql",
        configurations: [
          { filePath: "JobConfig.json", subType: "JobConfig" },
          { filePath: "Inputs\\Local_in.json", subType: "InputMock" },
          { filePath: "Inputs\\in.json", subType: "input" },
          { filePath: "inputs\\empty.json", subType: "Input" },
          { filePath: "Outputs\\out.json", subType: "Output" },
          { filePath: "Functions\\len.js.json", subType: "JSFunction" },
        ],
      })}`,
      "Query.asaql": "SELECT * FROM [in]",
      "JobConfig.json": {
        EventsOutOfOrderPolicy: "DROP",
        EventsLateArrivalMaxDelayInSeconds: 10,
        Unknown: {},
      },
      "Inputs/Local_in.json": {
        Name: "in",
        Type: "Data Stream",
        DataSourceType: "Local Input",
        Serialization: { Type: "Csv", FieldDelimiter: "semicolon", Encoding: "UTF8" },
        FilePath: "..\\data\\In.CSV",
        ScriptType: "InputMock",
      },
      "data/in.csv": "a;b\n1;2\n",
      "Inputs/in.json": {
        Name: "IN",
        Type: "data stream",
        DataSourceType: "Event Hub",
        EventHubProperties: { EventHubName: "telemetry", ConsumerGroupName: "analytics" },
        Serialization: { Type: "Json" },
        CompresssionType: "GZip",
        ScriptType: "Input",
      },
      "Inputs/empty.json": "",
      "Outputs/out.json": {
        Name: "out",
        DataSourceType: "Cosmos DB",
        DocumentDbProperties: { DocumentId: "id", PartitionKey: "pk", CollectionNamePattern: "c" },
        Serialization: null,
      },
      "Functions/len.js": "function main(s) { return s.length; }",
      "Functions/len.js.json": {
        Name: "len",
        Type: "Scalar",
        ScriptType: "JSFunction",
        OutputType: "bigint",
      },
    });
    const project = loadProject(folder);
    expect(project.query).toBe(join(folder, "Query.asaql"));
    expect(project.settings.policies).toEqual({
      policy: "drop",
      lateToleranceTicks: 100_000_000n,
      outOfOrderToleranceTicks: 0n,
    });
    expect(
      project.inputs.map(({ alias, role, serialization, data }) => ({ alias, role, serialization, data })),
    ).toEqual([
      {
        alias: "in",
        role: "mock",
        serialization: { format: "csv", delimiter: ";", layout: "lines", compression: "none" },
        data: { kind: "file", file: join(folder, "data/in.csv") },
      },
      {
        alias: "IN",
        role: "live",
        serialization: { format: "json", delimiter: ",", layout: "lines", compression: "gzip" },
        data: undefined,
      },
    ]);
    expect(project.outputs).toEqual([
      expect.objectContaining({ alias: "out", documentId: "id", partitionKey: "pk", container: "c" }),
    ]);
    expect(project.functions).toEqual([
      expect.objectContaining({ name: "len", kind: "scalar", outputType: "bigint" }),
    ]);
  });

  it("reads an MSBuild project with blanks, escapes and comments", () => {
    write({
      "Old Job.asaproj": `<?xml version="1.0"?>
<Project ToolsVersion="4.0" xmlns="http://schemas.microsoft.com/developer/msbuild/2003">
  <PropertyGroup><Name>Old &amp; Job</Name><StartFile>My%20Script.asaql</StartFile></PropertyGroup>
  <!-- <Configure Include="gone.json"><SubType>Input</SubType></Configure> -->
  <ItemGroup>
    <Script Include="My%20Script.asaql" />
    <Configure Include="Inputs\\Local In.json"><SubType>InputMock</SubType></Configure>
    <Configure Include="JobConfig.json"><SubType>JobConfig</SubType></Configure>
  </ItemGroup>
</Project>`,
      "My Script.asaql": "SELECT 1 FROM a",
      "JobConfig.json": { CompatibilityLevel: "1.1" },
      "Inputs/Local In.json": {
        InputAlias: "a",
        Type: "Data Stream",
        Format: "Json",
        FilePath: "C:\\Users\\me\\a.json",
        ScriptType: "InputMock",
        Sample: '{"x":1}',
      },
    });
    const project = loadProject(join(folder, "Old Job.asaproj"));
    expect(project.name).toBe("Old & Job");
    expect(project.query).toBe(join(folder, "My Script.asaql"));
    expect(project.settings.compatibilityLevel).toBe("1.1");
    expect(project.inputs).toEqual([
      expect.objectContaining({ alias: "a", data: { kind: "inline", text: '{"x":1}' } }),
    ]);
  });

  it("finds an aggregate by its kind, by its script and in an unlisted folder", () => {
    write({
      "asaproj.json": minimal,
      "job.asaql": "",
      "Functions/a.js": "function main() { this.accumulate = function () {}; }",
      "Functions/b.js": "function main() {}",
      "Functions/b.js.json": { Name: "b", Type: "Aggregate", ScriptType: "JSAggregate" },
    });
    expect(loadProject(folder).functions.map(({ name, kind }) => [name, kind])).toEqual([
      ["a", "aggregate"],
      ["b", "aggregate"],
    ]);
  });

  it("keeps C# and machine learning functions as foreign ones", () => {
    write({
      "asaproj.json": {
        ...minimal,
        configurations: [
          { filePath: "Functions/c.json", subType: "CSharpFunction" },
          { filePath: "Functions/m.json", subType: "MLFunction" },
        ],
      },
      "Functions/c.json": { Name: "c", ScriptType: "CSharpFunction", AssemblyName: "A", ClassName: "B" },
      "Functions/m.json": { Name: "m", Properties: {} },
    });
    expect(loadProject(folder).foreignFunctions.map(({ name, reason }) => [name, reason])).toEqual([
      ["c", expect.stringContaining("C# function")],
      ["m", expect.stringContaining("machine learning")],
    ]);
  });

  it.each([
    ["an empty project file", { "asaproj.json": "" }, "ASA_PROJECT_INVALID", "is empty"],
    [
      "broken JSON with its place",
      { "asaproj.json": '{\n  "name": "x",\n}' },
      "ASA_JSON_INVALID",
      "member name",
    ],
    [
      "a list that is none",
      { "asaproj.json": { configurations: 5 } },
      "ASA_PROJECT_INVALID",
      '"configurations" is 5',
    ],
    [
      "an item without a path",
      { "asaproj.json": { configurations: [{ subType: "Input" }] } },
      "ASA_PROJECT_INVALID",
      'has no "filePath"',
    ],
    [
      "a missing definition",
      { "asaproj.json": { configurations: [{ filePath: "x.json", subType: "Input" }] } },
      "ASA_FILE_NOT_FOUND",
      "x.json",
    ],
    ["XML that is no project", { "a.asaproj": "<a/>" }, "ASA_PROJECT_INVALID", "not an MSBuild project"],
    [
      "two project files",
      { "a.asaproj": "<Project/>", "b.asaproj": "<Project/>" },
      "ASA_PROJECT_AMBIGUOUS",
      "2 project files",
    ],
    ["no project file", { "x.txt": "" }, "ASA_PROJECT_NOT_FOUND", "no asaproj.json"],
  ])("refuses %s", (_title, files, code, message) => {
    write({ "job.asaql": "", ...files });
    const fail = () =>
      Object.keys(files).some((name) => name.startsWith("b."))
        ? findProjectFile(folder)
        : loadProject(folder);
    expect(fail).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  it("names line and column of broken JSON", () => {
    write({ "asaproj.json": '{\n  "name": "x",\n}' });
    expect(() => loadProject(folder)).toThrow(
      expect.objectContaining({ place: { file: join(folder, "asaproj.json"), line: 3, column: 1 } }),
    );
  });

  it.each([
    [{ Name: "i", Type: "Table" }, "ASA_INPUT_INVALID", 'input type "Table" does not exist'],
    [{ Type: "Data Stream" }, "ASA_INPUT_INVALID", 'the input has no "Name"'],
    [{ Name: "i", Serialization: { Type: "Xml" } }, "ASA_FORMAT_NOT_SUPPORTED", 'format "Xml"'],
    [
      { Name: "i", Serialization: { Type: "Csv", FieldDelimiter: "#" } },
      "ASA_FORMAT_NOT_SUPPORTED",
      'delimiter "#"',
    ],
    [
      { Name: "i", Serialization: { Type: "Json", Encoding: "UTF16" } },
      "ASA_FORMAT_NOT_SUPPORTED",
      'encoding "UTF16"',
    ],
    [{ Name: "i", CompressionType: "Brotli" }, "ASA_FORMAT_NOT_SUPPORTED", 'compression "Brotli"'],
    ["[1]", "ASA_INPUT_INVALID", "the file is not an object"],
  ])("refuses the input %j", (input, code, message) => {
    write({
      "asaproj.json": { ...minimal, configurations: [{ filePath: "i.json", subType: "Input" }] },
      "i.json": input,
    });
    expect(() => loadProject(folder)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});

describe("loadNearestProject", () => {
  it("goes up to the first folder with a project", () => {
    write({ "asaproj.json": minimal, "test/deep/x.txt": "" });
    expect(loadNearestProject(join(folder, "test/deep"))?.name).toBe("job");
  });
});

describe("readJobConfig", () => {
  const read = (config: object) => {
    write({ "JobConfig.json": config });
    return readJobConfig(join(folder, "JobConfig.json"));
  };

  it("reads an unlimited late tolerance and the units of both generations", () => {
    expect(read({ EventsLateArrivalMaxDelayInSeconds: -1, StreamingUnits: 6 })).toMatchObject({
      policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 0n, policy: "adjust" },
      streamingUnits: "6",
    });
    expect(read({ Sku: { Name: "StandardV2", StreamingUnits: "1/3" }, StreamingUnits: null })).toMatchObject({
      sku: "StandardV2",
      streamingUnits: "1/3",
    });
  });

  it.each([
    [{ EventsOutOfOrderPolicy: "Keep" }, '"EventsOutOfOrderPolicy" is "Keep"'],
    [{ EventsLateArrivalMaxDelayInSeconds: -2 }, "is -2"],
    [{ EventsLateArrivalMaxDelayInSeconds: 1_814_400 }, "is 1814400"],
    [{ EventsOutOfOrderMaxDelayInSeconds: "soon" }, 'is "soon"'],
    [{ CompatibilityLevel: "2.0" }, 'is "2.0"'],
    [{ OutputErrorPolicy: "Ignore" }, 'is "Ignore"'],
  ])("refuses %j", (config, message) => {
    expect(() => read(config)).toThrow(
      expect.objectContaining({ code: "ASA_JOB_CONFIG_INVALID", message: expect.stringContaining(message) }),
    );
  });
});

describe("an output definition", () => {
  it("needs a name", () => {
    write({
      "asaproj.json": { ...minimal, configurations: [{ filePath: "o.json", subType: "Output" }] },
      "job.asaql": "SELECT * FROM i",
      "o.json": { DataSourceType: "Cosmos DB" },
    });
    expect(() => loadProject(folder)).toThrow(expect.objectContaining({ code: "ASA_OUTPUT_INVALID" }));
  });
});
