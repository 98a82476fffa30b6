/** Nodes of the flow: its name in the state's hops, its title, and the process that shows whether it runs. */
export const flowNodes = [
  { name: "devices", title: "Devices", process: "simulator" },
  { name: "iot-hub", title: "IoT Hub", process: "iot-hub" },
  { name: "event-hubs", title: "Event Hubs", process: "event-hubs" },
  { name: "stream-analytics", title: "Stream Analytics", process: "stream-analytics" },
  { name: "functions", title: "Functions", process: "functions" },
  { name: "capture", title: "Capture", process: "capture" },
  { name: "cosmos", title: "Cosmos DB", process: "cosmos" },
  { name: "lake", title: "Data Lake", process: "storage" },
  { name: "spark", title: "Spark", process: "batch" },
  { name: "serving", title: "Merged answer", process: "functions" },
];

/**
 * Where nodes stand, how hops run and where their figures are written. Points of nodes are top left corners. `label` is the
 * base line of a hop's rate; further figures stand below it. `across` leaves room for a line that runs through the figures,
 * `anchor` says which part of the texts stands at the point. The picture reaches from `left` over its width.
 */
export const wideLayout = {
  left: 0,
  width: 1280,
  height: 424,
  node: { width: 122, height: 52 },
  nodes: {
    devices: [8, 194],
    "iot-hub": [222, 40],
    "event-hubs": [436, 194],
    "stream-analytics": [680, 40],
    functions: [680, 194],
    capture: [680, 360],
    cosmos: [920, 116],
    lake: [920, 360],
    spark: [1146, 360],
    serving: [1146, 116],
  },
  hops: {
    "devices>iot-hub": { path: "M69 194 C69 110 130 66 216 66", label: [107, 78], anchor: "end" },
    "devices>event-hubs": { path: "M130 220 H430", label: [283, 196], across: true },
    "iot-hub>event-hubs": { path: "M344 66 C430 66 497 110 497 188", label: [440, 54], anchor: "start" },
    "event-hubs>stream-analytics": {
      path: "M558 208 C610 180 610 70 674 66",
      label: [594, 106],
      anchor: "end",
    },
    "event-hubs>functions": { path: "M558 222 H674", label: [617, 198], across: true },
    "event-hubs>capture": { path: "M558 236 C606 270 606 380 674 386", label: [588, 326], anchor: "end" },
    "capture>lake": { path: "M802 386 H914", label: [860, 362], across: true },
    "stream-analytics>cosmos": {
      path: "M802 60 C880 56 970 64 978 110",
      label: [880, 32],
    },
    "functions>cosmos": { path: "M802 208 C850 204 860 164 914 152", label: [846, 160], anchor: "end" },
    "cosmos>functions": { path: "M968 168 C960 240 880 240 808 232", label: [906, 256] },
    "lake>spark": { path: "M1042 386 H1140", label: [1092, 362], across: true },
    "spark>cosmos": {
      path: "M1207 360 C1200 250 1050 260 1010 174",
      label: [1132, 240],
      anchor: "start",
    },
    "cosmos>serving": { path: "M1042 142 H1140", label: [1092, 118], across: true },
  },
};

export const narrowLayout = {
  left: -14,
  width: 374,
  height: 872,
  node: { width: 116, height: 46 },
  nodes: {
    devices: [62, 6],
    "iot-hub": [241, 120],
    "event-hubs": [62, 238],
    "stream-analytics": [1, 400],
    functions: [122, 400],
    capture: [243, 400],
    cosmos: [32, 606],
    lake: [243, 560],
    spark: [243, 706],
    serving: [32, 812],
  },
  hops: {
    "devices>iot-hub": { path: "M178 29 C270 29 299 50 299 114", label: [270, 68], anchor: "end" },
    "devices>event-hubs": { path: "M120 52 V232", label: [112, 130], anchor: "end" },
    "iot-hub>event-hubs": { path: "M299 166 C299 230 260 258 184 261", label: [272, 190], anchor: "end" },
    "event-hubs>stream-analytics": {
      path: "M104 284 C98 320 97 350 97 394",
      label: [92, 318],
      anchor: "end",
    },
    "event-hubs>functions": { path: "M150 284 C186 306 200 340 200 394", label: [190, 336], anchor: "end" },
    "event-hubs>capture": { path: "M178 272 C260 280 301 320 301 394", label: [288, 340], anchor: "end" },
    "capture>lake": { path: "M301 446 V554", label: [293, 484], anchor: "end" },
    "stream-analytics>cosmos": { path: "M84 446 C84 500 82 550 80 600", label: [76, 500], anchor: "end" },
    "functions>cosmos": { path: "M160 446 C160 520 124 550 114 600", label: [146, 490], anchor: "end" },
    "cosmos>functions": { path: "M148 622 C206 610 206 520 196 452", label: [156, 638], anchor: "start" },
    "lake>spark": { path: "M301 606 V700", label: [293, 672], anchor: "end" },
    "spark>cosmos": { path: "M243 734 C190 734 140 710 120 658", label: [240, 754], anchor: "end" },
    "cosmos>serving": { path: "M80 652 V806", label: [88, 778], anchor: "start" },
  },
};
