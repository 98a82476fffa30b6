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
 * Where nodes stand, how hops run and where their figures are written. Points of nodes are top left corners; `label`
 * is the first line of a hop's figures.
 */
export const wideLayout = {
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
    "devices>iot-hub": { path: "M69 194 C69 110 130 66 216 66", label: [58, 84] },
    "devices>event-hubs": { path: "M130 220 H430", label: [283, 208] },
    "iot-hub>event-hubs": { path: "M344 66 C430 66 497 110 497 188", label: [412, 36] },
    "event-hubs>stream-analytics": { path: "M558 208 C610 180 610 70 674 66", label: [566, 96] },
    "event-hubs>functions": { path: "M558 222 H674", label: [617, 210] },
    "event-hubs>capture": { path: "M558 236 C606 270 606 380 674 386", label: [566, 318] },
    "capture>lake": { path: "M802 386 H914", label: [860, 374] },
    "stream-analytics>cosmos": { path: "M802 60 C880 56 970 64 978 110", label: [896, 50] },
    "functions>cosmos": { path: "M802 208 C850 204 860 164 914 152", label: [834, 132] },
    "cosmos>functions": { path: "M968 168 C960 240 880 240 808 232", label: [914, 276] },
    "lake>spark": { path: "M1042 386 H1140", label: [1092, 374] },
    "spark>cosmos": { path: "M1207 360 C1200 250 1050 260 1010 174", label: [1182, 210] },
    "cosmos>serving": { path: "M1042 142 H1140", label: [1092, 130] },
  },
};

export const narrowLayout = {
  width: 360,
  height: 878,
  node: { width: 116, height: 46 },
  nodes: {
    devices: [122, 6],
    "iot-hub": [241, 120],
    "event-hubs": [122, 238],
    "stream-analytics": [1, 400],
    functions: [122, 400],
    capture: [243, 400],
    cosmos: [37, 620],
    lake: [243, 560],
    spark: [243, 720],
    serving: [37, 820],
  },
  hops: {
    "devices>iot-hub": { path: "M236 29 C290 29 299 70 299 114", label: [318, 34] },
    "devices>event-hubs": { path: "M170 52 V232", label: [118, 116] },
    "iot-hub>event-hubs": { path: "M299 166 C299 230 270 255 241 260", label: [306, 206] },
    "event-hubs>stream-analytics": { path: "M140 284 C100 330 60 340 58 394", label: [46, 318] },
    "event-hubs>functions": { path: "M180 284 V394", label: [180, 318] },
    "event-hubs>capture": { path: "M220 284 C260 320 300 340 301 394", label: [310, 318] },
    "capture>lake": { path: "M301 446 V554", label: [301, 478] },
    "stream-analytics>cosmos": { path: "M50 446 C50 520 60 560 70 614", label: [36, 500] },
    "functions>cosmos": { path: "M160 446 C160 520 120 560 108 614", label: [116, 542] },
    "cosmos>functions": { path: "M150 632 C200 600 200 520 196 452", label: [198, 500] },
    "lake>spark": { path: "M301 606 V714", label: [301, 638] },
    "spark>cosmos": { path: "M246 744 C190 744 150 720 130 672", label: [186, 760] },
    "cosmos>serving": { path: "M80 666 V814", label: [76, 716] },
  },
};
