/** Values that a window can be shown by; averages are derived on read, as views store what combines. */
export const measures = [
  {
    name: "temperatureAvg",
    title: "temperature, mean (°C)",
    read: (values) => ratio(values.temperatureSum, values.count),
  },
  { name: "count", title: "events", read: ({ count }) => count },
  { name: "temperatureMin", title: "temperature, lowest (°C)", read: ({ temperatureMin }) => temperatureMin },
  {
    name: "temperatureMax",
    title: "temperature, highest (°C)",
    read: ({ temperatureMax }) => temperatureMax,
  },
  {
    name: "vibrationAvg",
    title: "vibration, mean (mm/s)",
    read: (values) => ratio(values.vibrationSum, values.count),
  },
  { name: "vibrationMax", title: "vibration, highest (mm/s)", read: ({ vibrationMax }) => vibrationMax },
  {
    name: "pressureAvg",
    title: "pressure, mean (kPa)",
    read: (values) => ratio(values.pressureSum, values.count),
  },
  { name: "powerAvg", title: "power, mean (kW)", read: (values) => ratio(values.powerKwSum, values.count) },
  { name: "units", title: "units", read: ({ unitsSum }) => unitsSum },
  { name: "defects", title: "defects", read: ({ defectsSum }) => defectsSum },
];

function ratio(sum, count) {
  return count > 0 ? sum / count : Number.NaN;
}
