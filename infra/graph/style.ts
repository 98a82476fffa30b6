/** Colours of flows that leave or enter one service: on a light page, and on a dark one. */
const flows: readonly (readonly [light: string, dark: string])[] = [
  ["#0b63b8", "#58a6ff"],
  ["#b3400e", "#f0883e"],
  ["#1d7a46", "#3fb950"],
  ["#7a3fb0", "#bc8cff"],
  ["#9a6a00", "#d29922"],
  ["#b3275f", "#f778ba"],
  ["#0b7a86", "#39c5cf"],
  ["#5c6670", "#a5b0bb"],
];

const colours = (dark: boolean): string =>
  flows
    .map((pair, at) => {
      const colour = pair[dark ? 1 : 0];
      return `.c${at}{stroke:${colour}}.f${at}{fill:${colour}}`;
    })
    .join("");

const shapes =
  ".flow{fill:none;stroke-width:1.6}.stack{font-size:14px;font-weight:600}.count,.parts{font-size:10.5px}.title{font-size:17px;font-weight:600}.kind{font-size:13px;font-weight:600}.name{font-size:10.5px}.mark{font-size:9px;font-weight:700;fill:#fff}.legend{font-size:12px}.who{font-size:12px;font-weight:600}.what{font-size:11px}";
const light =
  ".page{fill:#fff}.panel{fill:#f4f6f8;stroke:#c8d0d8}.box{fill:#fff;stroke:#8a97a3}.title,.stack,.kind,.who{fill:#16202a}.name,.what,.legend{fill:#3d4852}.count,.parts{fill:#5c6670}.lock{fill:#1d7a46}";
const dark =
  ".page{fill:#0d1117}.panel{fill:#161b22;stroke:#3d444d}.box{fill:#0d1117;stroke:#6e7681}.title,.stack,.kind,.who{fill:#f0f3f6}.name,.what,.legend{fill:#c9d1d9}.count,.parts{fill:#9ea7b3}.lock{fill:#238636}";

/** Follows the theme of whoever looks, also as an image of a page; print is light. */
export const style = `<style>${shapes}${light}${colours(false)}@media screen and (prefers-color-scheme:dark){${dark}${colours(true)}}</style>`;
